import { fromHex, utf8 } from './bytes.js'
import { checkTimes } from './control-message.js'
import { HyphaError } from './errors.js'
import { type JsonObject, NotJsonError, ownField, ownString, ownTime, stringifyJson } from './json.js'
import { MAX_MESSAGE_BYTES, MESSAGE_LIFETIME_MS } from './limits.js'
import type { RefusalReason } from './refusal.js'

/** An app's own message. The channel's MAC says that one of the person's nodes wrote it; `from` is what that node says. */
export interface AppMessage {
  /** Any JSON value. */
  readonly app: unknown
  /** 16 bytes, hex. */
  readonly id: string
  /** Writer key, hex. */
  readonly from: string
  /** Writer key of the only node that it is for, hex; to all without it. */
  readonly to?: string
  /** Epoch ms, by the sender's clock. */
  readonly t: number
}

export type ReceivedAppMessage = AppMessage & {
  readonly kind: 'app'
  /** What it is remembered by against delivery by two roads. */
  readonly seenKey: string
}

/**
 * An app message's plaintext, ready to be sealed.
 * @throws HyphaError MESSAGE_INVALID, MESSAGE_TOO_LARGE
 */
export const encodeAppMessage = ({ app, id, from, to, t }: AppMessage): Uint8Array => {
  let text: string
  try {
    text = stringifyJson(app)
  } catch (error) {
    const why = error instanceof NotJsonError ? error.message : 'can not be encoded'
    throw new HyphaError(
      'MESSAGE_INVALID',
      `The message can not be sent because it ${why}. Messages are JSON: give strings, numbers, booleans, null, and arrays and objects of them.`,
      { cause: error },
    )
  }
  if (text.length > MAX_MESSAGE_BYTES || utf8(text).length > MAX_MESSAGE_BYTES) {
    throw new HyphaError(
      'MESSAGE_TOO_LARGE',
      `The message is larger than ${MAX_MESSAGE_BYTES} bytes as JSON. Put what is large into an entry and send its key.`,
    )
  }
  const rest = JSON.stringify({ id, from, to, t })
  return utf8(`{"v":2,"app":${text},${rest.slice(1)}`)
}

/** The message in a JSON object that has an `app` field. */
export const decodeAppMessage = (json: JsonObject, now: number): ReceivedAppMessage | RefusalReason => {
  const id = ownString(json, 'id') ?? ''
  const from = ownString(json, 'from') ?? ''
  const t = ownTime(json, 't')
  if (!fromHex(id, 16) || !fromHex(from, 32) || t === undefined) return 'malformed'
  const untimely = checkTimes(t, t + MESSAGE_LIFETIME_MS, now)
  if (untimely) return untimely
  const message = {
    kind: 'app',
    seenKey: `app:${from}:${id}`,
    app: ownField(json, 'app'),
    id,
    from,
    t,
  } as const
  if (!Object.hasOwn(json, 'to')) return message
  const to = ownString(json, 'to') ?? ''
  return fromHex(to, 32) ? { ...message, to } : 'malformed'
}
