import type { Crypto } from '../adapters/crypto/crypto.js'
import { fromBase64url, toBase64url } from './base64url.js'
import { concat, fromHex, utf8 } from './bytes.js'
import { isJsonObject, type JsonObject, ownField, ownString, ownTime, parseJson } from './json.js'
import { MAX_CLOCK_SKEW_MS, MAX_CONTROL_BYTES, REQUEST_LIFETIME_MS } from './limits.js'
import { cleanNodeName } from './node-name.js'
import { decodePresence, type PresenceMessage } from './presence-message.js'
import type { RefusalReason, Untimely } from './refusal.js'

const SIGNATURE_CONTEXT = utf8('hypha-runtime/control/1\0')

interface ControlFields {
  /** The hyphalink, hex. */
  readonly db: string
  /** Id of the request that this is about: 16 bytes, hex. Kept when it is renewed. */
  readonly request: string
  /** Id of this message: 16 bytes, hex. */
  readonly message: string
  /** Writer key of who signs, hex. */
  readonly sender: string
  /** Writer key of the asking node, hex. */
  readonly target: string
  /** By the sender's clock: epoch ms. */
  readonly issued: number
  /** Milliseconds from `issued`, 1 to REQUEST_LIFETIME_MS. Take that: a shorter one suffers from clocks that differ. */
  readonly lifetime: number
}

export interface RequestBody extends ControlFields {
  readonly type: 'request'
  readonly name: string
}

export interface DecisionBody extends ControlFields {
  readonly type: 'decision'
  readonly outcome: 'authorised' | 'declined'
}

export interface OtherBody extends ControlFields {
  readonly type: 'acknowledgement' | 'cancel'
}

/** What a clock says, asked and answered: `request` is a random number that the answer repeats, `issued` what it says. */
export interface ClockBody extends ControlFields {
  readonly type: 'clock'
  readonly answers: boolean
}

export type ControlBody = RequestBody | DecisionBody | OtherBody | ClockBody

interface Received {
  /** What it is remembered by against replay. */
  readonly seenKey: string
  /** Writer key of the asking node, hex: 32 bytes, but see target-key.ts before authorising it. */
  readonly target: string
  readonly request: string
  readonly issued: number
  readonly expiresAt: number
}

interface ReceivedSigned extends Received {
  readonly message: string
  readonly sender: string
}

export type ControlMessage =
  | (ReceivedSigned & { readonly kind: 'request'; readonly nodeName: string })
  | (ReceivedSigned & { readonly kind: 'decision'; readonly outcome: 'authorised' | 'declined' })
  | (ReceivedSigned & { readonly kind: 'acknowledgement' })
  | (ReceivedSigned & { readonly kind: 'cancel' })
  | ClockMessage

export type ClockMessage = ReceivedSigned & { readonly kind: 'clock'; readonly answers: boolean }

/** A request of a 2019 node: unsigned, known by the hash of its plaintext. */
export interface LegacyRequest extends Received {
  readonly kind: 'legacy-request'
  readonly nodeName: string
}

export interface CheckingContext {
  /** Ours, hex. */
  readonly hyphalink: string
  /** Epoch ms. */
  readonly now: number
  /** How far a sender's clock is known to be ahead of ours, in milliseconds. */
  readonly offsetOf?: (sender: string) => number
  readonly verify: Crypto['verify']
  readonly hash: Crypto['hash']
}

/** Milliseconds since 1970 by a sender's clock, as far as that is known. */
export const nowOf = (sender: string, { now, offsetOf }: Pick<CheckingContext, 'now' | 'offsetOf'>): number =>
  now + (offsetOf?.(sender) ?? 0)

/**
 * A control message's plaintext, ready to be sealed. A request can be read by 2019 nodes; they ignore the others, which have
 * no `action`. To ask again within its lifetime seal the same bytes again.
 * @param sign signs with the sender's writer key
 */
export const encodeControl = (body: ControlBody, sign: (bytes: Uint8Array) => Uint8Array): Uint8Array => {
  const { type, db, request, message, sender, target, issued, lifetime } = body
  const fields = { type, db, request, message, sender, target, issued, lifetime }
  const name = body.type === 'request' ? cleanNodeName(body.name) : undefined
  const extra = () => {
    if (body.type === 'request') return { name }
    if (body.type === 'decision') return { outcome: body.outcome }
    return body.type === 'clock' ? { answers: body.answers } : {}
  }
  const bytes = utf8(JSON.stringify({ ...fields, ...extra() }))
  const envelope = { v: 2, b: toBase64url(bytes), s: toBase64url(sign(concat(SIGNATURE_CONTEXT, bytes))) }
  const timestamp = new Date(issued).toISOString()
  return utf8(
    JSON.stringify(
      body.type === 'request'
        ? { action: 'authorise', nodeName: name, timestamp, readKey: target, ...envelope }
        : envelope,
    ),
  )
}

/** The end of a message's life is strict: a replay is remembered just as long (CONTROL_REPLAY_TTL_MS). */
export const checkTimes = (
  issued: number,
  expiresAt: number,
  now: number,
): Untimely['reason'] | undefined => {
  if (issued > now + MAX_CLOCK_SKEW_MS) return 'from-the-future'
  return now >= expiresAt ? 'expired' : undefined
}

/**
 * The envelope `{ v: 2, b, s }` of a message, checked: the cheap checks first, then the signature, then the time. Only a request
 * has a time to keep: what answers one, or takes it back, repeats its random id, and says nothing new when it comes again.
 */
export const decodeControl = (
  json: JsonObject,
  context: CheckingContext,
): ControlMessage | PresenceMessage | Untimely | RefusalReason => {
  const bytes = fromBase64url(ownField(json, 'b'))
  const signature = fromBase64url(ownField(json, 's'))
  const body = bytes && parseJson(bytes, { maxBytes: MAX_CONTROL_BYTES })
  if (!bytes || !signature || !isJsonObject(body)) return 'malformed'

  const type = ownString(body, 'type')
  if (type === 'presence') return decodePresence(body, { bytes, signature }, context)
  const request = ownString(body, 'request')
  const message = ownString(body, 'message')
  const senderKey = fromHex(ownField(body, 'sender'), 32)
  const issued = ownTime(body, 'issued')
  const lifetime = ownTime(body, 'lifetime')
  if (!request || !fromHex(request, 16) || !message || !fromHex(message, 16) || !senderKey) return 'malformed'
  if (issued === undefined || lifetime === undefined) return 'malformed'
  const sender = ownString(body, 'sender') ?? ''
  const target = ownString(body, 'target') ?? ''
  if (!fromHex(target, 32)) return 'bad-target'
  if (ownField(body, 'db') !== context.hyphalink) return 'another-database'
  if (lifetime < 1 || lifetime > REQUEST_LIFETIME_MS) return 'bad-lifetime'
  const expiresAt = issued + lifetime

  const seenKey = `${type === 'request' ? 'control' : 'answer'}:${sender}:${message}`
  const received = { seenKey, target, request, issued, expiresAt, message, sender }
  const checked = (): ControlMessage | RefusalReason => {
    switch (type) {
      case 'request': {
        const name = ownString(body, 'name')
        if (sender !== target) return 'wrong-sender'
        // 2019 nodes authorise what they read outside.
        if (ownField(json, 'readKey') !== target) return 'bad-target'
        if (name === undefined) return 'malformed'
        return { kind: 'request', ...received, nodeName: cleanNodeName(name) }
      }
      case 'decision': {
        const outcome = ownField(body, 'outcome')
        if (outcome !== 'authorised' && outcome !== 'declined') return 'malformed'
        return { kind: 'decision', ...received, outcome }
      }
      case 'acknowledgement':
        return { kind: 'acknowledgement', ...received }
      case 'cancel':
        return sender === target ? { kind: 'cancel', ...received } : 'wrong-sender'
      case 'clock': {
        const answers = ownField(body, 'answers')
        return typeof answers === 'boolean' ? { kind: 'clock', ...received, answers } : 'malformed'
      }
      default:
        return 'unknown-kind'
    }
  }
  const result = checked()
  if (typeof result === 'string') return result
  if (!context.verify(signature, concat(SIGNATURE_CONTEXT, bytes), senderKey)) return 'bad-signature'
  const reason = type === 'request' ? checkTimes(issued, expiresAt, nowOf(sender, context)) : undefined
  if (!reason) return result
  const name = result.kind === 'request' ? { nodeName: result.nodeName } : {}
  return { kind: 'refused', reason, sender, isSigned: true, issued, ...name }
}
