import { decodeAppMessage, type ReceivedAppMessage } from './app-message.js'
import {
  type CheckingContext,
  type ControlMessage,
  decodeControl,
  type LegacyRequest,
} from './control-message.js'
import { isJsonObject, ownField, parseJson } from './json.js'
import { decodeLegacyRequest } from './legacy-request.js'
import { MAX_CONTROL_BYTES, MAX_FRAME_BYTES, MAX_JSON_DEPTH } from './limits.js'
import { beginsAsPack, decodePack, type MessagePack } from './message-pack.js'
import type { PresenceMessage } from './presence-message.js'
import type { RefusalReason, Untimely } from './refusal.js'

export interface RefusedMessage {
  readonly kind: 'refused'
  readonly reason: RefusalReason
}

export type Plaintext =
  | ControlMessage
  | LegacyRequest
  | ReceivedAppMessage
  | MessagePack
  | PresenceMessage
  | Untimely
  | RefusedMessage

const decode = (
  plaintext: Uint8Array,
  context: CheckingContext,
): Exclude<Plaintext, RefusedMessage> | Untimely | RefusalReason => {
  if (plaintext.length > MAX_FRAME_BYTES) return 'too-large'
  const isPack = beginsAsPack(plaintext)
  const maxDepth = MAX_JSON_DEPTH + (isPack ? 3 : 1)
  const json = parseJson(plaintext, { maxBytes: MAX_FRAME_BYTES, maxDepth })
  if (!isJsonObject(json)) return 'malformed'
  const isOurs = Object.hasOwn(json, 'v')
  if (isOurs && ownField(json, 'v') !== 2) return 'unknown-kind'
  if (isPack) return Object.hasOwn(json, 'b') ? 'malformed' : decodePack(json, context)
  if (isOurs && Object.hasOwn(json, 'app')) {
    return Object.hasOwn(json, 'b') ? 'malformed' : decodeAppMessage(json, context)
  }
  if (plaintext.length > MAX_CONTROL_BYTES) return 'too-large'
  if (isOurs) return decodeControl(json, context)
  return ownField(json, 'action') === 'authorise'
    ? decodeLegacyRequest(json, plaintext, context)
    : 'unknown-kind'
}

/** What came out of a sealed frame, checked as far as bytes, clocks and signatures go. Never throws. */
export const decodePlaintext = (plaintext: Uint8Array, context: CheckingContext): Plaintext => {
  const result = decode(plaintext, context)
  return typeof result === 'string' ? { kind: 'refused', reason: result } : result
}
