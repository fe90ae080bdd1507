import { concat, fromHex, utf8 } from './bytes.js'
import { isJsonObject, type JsonObject, ownField, ownString, parseJson } from './json.js'
import { ATTEMPT_ID_BYTES, MAX_INTRODUCTION_BYTES, SIGNALLING_ID_BYTES } from './limits.js'
import { readCandidate, readSessionDescription } from './session-description.js'

/** What one end of a WebRTC connection tells the other on the way there: simple-peer's signals, as far as we use them. */
export type PeerSignal =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | {
      readonly type: 'candidate'
      readonly candidate: {
        readonly candidate: string
        readonly sdpMLineIndex: number | null
        readonly sdpMid: string | null
      }
    }

/** What two nodes of one person say to each other through a signalling server, before it is sealed. */
export type Introduction =
  /** Who comes says `hello` to those it finds, and they answer `welcome`: each knows then which node start the other is. */
  | { readonly type: 'hello' | 'welcome' }
  /** @param attempt 16 hex digits, drawn by who offers */
  | { readonly type: 'signal'; readonly attempt: string; readonly signal: PeerSignal }
  /** Whoever says it can make nothing of the other's offer or answer. Nodes of before it ignore it. */
  | { readonly type: 'failed'; readonly attempt: string }

/** An offer or answer that isn't one as far as this node knows: the other end is to hear of it. */
export interface Unusable {
  readonly type: 'unusable'
  readonly attempt: string
  readonly kind: 'offer' | 'answer'
}

export interface Introduced {
  /** Drawn anew each time that a node starts the transport: 32 hex digits. */
  readonly session: string
  /** Goes up with every message between two ids, so that none is taken twice. */
  readonly counter: number
  readonly introduction: Introduction
}

/** As {@link Introduced}, of another node. */
export interface Heard extends Omit<Introduced, 'introduction'> {
  readonly introduction: Introduction | Unusable
}

const VERSION = 1
const CONTEXT = utf8('hypha-runtime/introduction/1\0')

/** What a sealed introduction is bound to. @param from @param to ids in the room, hex */
export const introductionContext = (discoveryKey: Uint8Array, from: string, to: string): Uint8Array =>
  concat(CONTEXT, discoveryKey, utf8(from), utf8(to))

export const encodeIntroduction = ({ session, counter, introduction }: Introduced): Uint8Array =>
  utf8(JSON.stringify({ v: VERSION, s: session, n: counter, ...introduction }))

const isMidOrNull = (value: unknown): value is string | null =>
  value === null || (typeof value === 'string' && /^[\w-]{1,16}$/.test(value))

const readSignal = (value: unknown): PeerSignal | undefined => {
  if (!isJsonObject(value)) return undefined
  const type = ownField(value, 'type')
  if (type === 'offer' || type === 'answer') {
    const sdp = readSessionDescription(ownString(value, 'sdp') ?? '')
    return sdp ? { type, sdp } : undefined
  }
  const given = ownField(value, 'candidate')
  if (type !== 'candidate' || !isJsonObject(given)) return undefined
  const [candidate, sdpMid] = [
    readCandidate(ownString(given, 'candidate') ?? '-'),
    ownField(given, 'sdpMid') ?? null,
  ]
  const line = ownField(given, 'sdpMLineIndex') ?? null
  if (candidate === undefined || !isMidOrNull(sdpMid)) return undefined
  if (line !== null && !(Number.isInteger(line) && Number(line) >= 0 && Number(line) < 256)) return undefined
  // A browser throws for a candidate of no section.
  if (line === null && sdpMid === null) return undefined
  return {
    type,
    candidate: { candidate, sdpMid, sdpMLineIndex: line === null ? null : Number(line) },
  }
}

const readIntroduction = (message: JsonObject): Introduction | Unusable | undefined => {
  const type = ownField(message, 'type')
  if (type === 'hello' || type === 'welcome') return { type }
  const attempt = ownField(message, 'attempt')
  if (typeof attempt !== 'string' || !fromHex(attempt, ATTEMPT_ID_BYTES)) return undefined
  if (type === 'failed') return { type, attempt }
  if (type !== 'signal') return undefined
  const given = ownField(message, 'signal')
  const signal = readSignal(given)
  if (signal) return { type, attempt, signal }
  // Of a candidate that is none another may do; without a description nothing comes of the attempt.
  const kind = isJsonObject(given) ? ownField(given, 'type') : undefined
  return kind === 'offer' || kind === 'answer' ? { type: 'unusable', attempt, kind } : undefined
}

/** Undefined for what isn't one of ours. Never throws. */
export const decodeIntroduction = (bytes: Uint8Array): Heard | undefined => {
  const message = parseJson(bytes, { maxBytes: MAX_INTRODUCTION_BYTES, maxDepth: 4 })
  if (!isJsonObject(message) || ownField(message, 'v') !== VERSION) return undefined
  const [session, counter] = [ownField(message, 's'), ownField(message, 'n')]
  if (typeof session !== 'string' || !fromHex(session, SIGNALLING_ID_BYTES)) return undefined
  if (!Number.isSafeInteger(counter) || Number(counter) < 1) return undefined
  const introduction = readIntroduction(message)
  return introduction && { session, counter: Number(counter), introduction }
}
