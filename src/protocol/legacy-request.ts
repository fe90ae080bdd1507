import { fromHex, toHex } from './bytes.js'
import { type CheckingContext, checkTimes, type LegacyRequest } from './control-message.js'
import { isTime, type JsonObject, ownString } from './json.js'
import { REQUEST_LIFETIME_MS } from './limits.js'
import { cleanNodeName } from './node-name.js'
import type { RefusalReason } from './refusal.js'

/** `Date.prototype.toISOString`'s longest spelling. */
const MAX_TIMESTAMP_LENGTH = 27

/**
 * What a 2019 node sends: `{ action: "authorise", nodeName, timestamp, readKey }`. Nobody signed it: whoever holds the
 * channel key can have written it, for any key.
 */
export const decodeLegacyRequest = (
  json: JsonObject,
  plaintext: Uint8Array,
  context: Pick<CheckingContext, 'now' | 'hash'>,
): LegacyRequest | RefusalReason => {
  const name = ownString(json, 'nodeName')
  const timestamp = ownString(json, 'timestamp')
  if (name === undefined || timestamp === undefined || timestamp.length > MAX_TIMESTAMP_LENGTH)
    return 'malformed'
  const issued = Date.parse(timestamp)
  if (!isTime(issued)) return 'malformed'
  const target = ownString(json, 'readKey') ?? ''
  if (!fromHex(target, 32)) return 'bad-target'
  const expiresAt = issued + REQUEST_LIFETIME_MS
  const untimely = checkTimes(issued, expiresAt, context.now)
  if (untimely) return untimely
  const digest = toHex(context.hash(plaintext))
  return {
    kind: 'legacy-request',
    seenKey: `legacy:${digest}`,
    target,
    request: digest.slice(0, 32),
    issued,
    expiresAt,
    nodeName: cleanNodeName(name),
  }
}
