import { fromHex, utf8 } from './bytes.js'
import { type CheckingContext, checkTimes, nowOf } from './control-message.js'
import { type JsonObject, ownField, ownString, ownTime } from './json.js'
import { MESSAGE_LIFETIME_MS } from './limits.js'
import { MAX_MESSAGES_PER_PACK } from './message-limits.js'
import type { RefusalReason, Untimely } from './refusal.js'

/** Bytes of a pack's own id. With the message's place in the pack it is the message's id. */
export const PACK_ID_BYTES = 12
/** What is around the messages, at most: for whoever reckons what still fits one frame. */
export const PACK_OVERHEAD_BYTES = 256

/** An app's message, encoded as JSON text, and whom it is for. */
export interface MessageText {
  readonly text: string
  /** Writer key, hex; to all without it. */
  readonly to?: string | undefined
}

export interface MessagePack {
  readonly kind: 'pack'
  /** What the whole of it is remembered by. */
  readonly seenKey: string
  readonly from: string
  readonly t: number
  readonly messages: readonly PackedMessage[]
}

export interface PackedMessage {
  readonly app: unknown
  readonly to?: string
  /** What it is remembered by where it came alone. */
  readonly seenKey: string
}

/** The id of one message of a pack: 16 bytes, hex. The same where it is sent alone. */
export const idInPack = (packId: string, place: number): string =>
  packId + place.toString(16).padStart(8, '0')

/** What a message's pack would be remembered by. */
export const packSeenKey = (from: string, messageId: string): string =>
  `app:${from}:${messageId.slice(0, PACK_ID_BYTES * 2)}`

const BEGINNING = utf8('{"v":2,"pack":')

/** Whether a plaintext may be a pack: those nest two levels deeper. */
export const beginsAsPack = (plaintext: Uint8Array): boolean =>
  BEGINNING.every((byte, i) => plaintext[i] === byte)

/** Many messages of one node as one plaintext, ready to be sealed. */
export const encodePack = (
  messages: readonly MessageText[],
  { id, from, t }: { id: string; from: string; t: number },
): Uint8Array => {
  const parts = messages.map(({ text, to }) => (to === undefined ? `[${text}]` : `[${text},"${to}"]`))
  return utf8(`{"v":2,"pack":[${parts.join(',')}],"id":"${id}","from":"${from}","t":${t}}`)
}

/** The messages in a JSON object that has a `pack` field. */
export const decodePack = (
  json: JsonObject,
  context: Pick<CheckingContext, 'now' | 'offsetOf'>,
): MessagePack | Untimely | RefusalReason => {
  const pack = ownField(json, 'pack')
  const id = ownString(json, 'id') ?? ''
  const from = ownString(json, 'from') ?? ''
  const t = ownTime(json, 't')
  if (!fromHex(id, PACK_ID_BYTES) || !fromHex(from, 32) || t === undefined || !Array.isArray(pack))
    return 'malformed'
  if (pack.length === 0 || pack.length > MAX_MESSAGES_PER_PACK) return 'malformed'
  const wholeKey = packSeenKey(from, id)
  const reason = checkTimes(t, t + MESSAGE_LIFETIME_MS, nowOf(from, context))
  if (reason) {
    const about = { sender: from, isSigned: false, issued: t, seenKey: wholeKey, messages: pack.length }
    return { kind: 'refused', reason, ...about }
  }
  const messages: PackedMessage[] = []
  for (const [place, item] of pack.entries()) {
    if (!Array.isArray(item) || item.length === 0 || item.length > 2) return 'malformed'
    const [app, to] = item as [unknown, unknown?]
    const seenKey = `app:${from}:${idInPack(id, place)}`
    if (item.length === 1) messages.push({ app, seenKey })
    else if (typeof to === 'string' && fromHex(to, 32)) messages.push({ app, to, seenKey })
    else return 'malformed'
  }
  return { kind: 'pack', seenKey: wholeKey, from, t, messages }
}
