import { fromHex, utf8 } from './bytes.js'
import { type CheckingContext, checkTimes, nowOf } from './control-message.js'
import { HyphaError } from './errors.js'
import { type JsonObject, NotJsonError, ownField, ownString, ownTime, stringifyJson } from './json.js'
import { MAX_MESSAGE_BYTES, MESSAGE_LIFETIME_MS } from './limits.js'
import type { RefusalReason, Untimely } from './refusal.js'

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
 * An app's message as JSON text, and how many bytes it has.
 * @throws HyphaError MESSAGE_INVALID, MESSAGE_TOO_LARGE
 */
export const writeMessage = (app: unknown): { text: string; bytes: number } => {
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
  const bytes = text.length > MAX_MESSAGE_BYTES ? text.length : utf8(text).length
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new HyphaError(
      'MESSAGE_TOO_LARGE',
      `The message is larger than ${MAX_MESSAGE_BYTES} bytes as JSON. Put what is large into an entry and send its key.`,
    )
  }
  return { text, bytes }
}

/** A message's plaintext of its own, ready to be sealed. @param text as of {@link writeMessage} */
export const encodeMessageText = (text: string, { id, from, to, t }: Omit<AppMessage, 'app'>): Uint8Array => {
  const rest = JSON.stringify({ id, from, to, t })
  return utf8(`{"v":2,"app":${text},${rest.slice(1)}`)
}

/** Both in one. @throws as {@link writeMessage} */
export const encodeAppMessage = ({ app, ...rest }: AppMessage): Uint8Array =>
  encodeMessageText(writeMessage(app).text, rest)

/** The message in a JSON object that has an `app` field. */
export const decodeAppMessage = (
  json: JsonObject,
  context: Pick<CheckingContext, 'now' | 'offsetOf'>,
): ReceivedAppMessage | Untimely | RefusalReason => {
  const id = ownString(json, 'id') ?? ''
  const from = ownString(json, 'from') ?? ''
  const t = ownTime(json, 't')
  if (!fromHex(id, 16) || !fromHex(from, 32) || t === undefined) return 'malformed'
  const seenKey = `app:${from}:${id}`
  const reason = checkTimes(t, t + MESSAGE_LIFETIME_MS, nowOf(from, context))
  if (reason) {
    return { kind: 'refused', reason, sender: from, isSigned: false, issued: t, seenKey, messages: 1 }
  }
  const message = {
    kind: 'app',
    seenKey,
    app: ownField(json, 'app'),
    id,
    from,
    t,
  } as const
  if (!Object.hasOwn(json, 'to')) return message
  const to = ownString(json, 'to') ?? ''
  return fromHex(to, 32) ? { ...message, to } : 'malformed'
}
