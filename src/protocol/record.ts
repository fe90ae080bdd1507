import { fromBase64url, toBase64url } from './base64url.js'
import { concat, fromHex, utf8 } from './bytes.js'
import { NODE_RECORD } from './entry.js'
import { RESERVED_PREFIX } from './entry-name.js'
import { isJsonObject, ownField, ownString, ownTime, parseJson } from './json.js'
import { MAX_NAME_LENGTH } from './limits.js'
import { MAC_BYTES, NONCE_BYTES } from './secure-ephemeral.js'

const NODES_PREFIX = `${RESERVED_PREFIX}nodes/`
const VERSION = 1
const MAX_RECORD_BYTES = 1_024
/** A name's code points are 4 bytes of UTF-8 at most. */
const MAX_BOXED_NAME_BYTES = NONCE_BYTES + MAC_BYTES + 4 * MAX_NAME_LENGTH

/** An authorisation record: public data about a node, but for its name. */
export interface NodeRecord {
  /** Nonce (24) and box of the UTF-8 name, under the contents key. */
  readonly boxedName: Uint8Array
  /** When it was authorised, by the author's clock: epoch ms. */
  readonly at: number
  /** Id of the request that was answered (16 bytes, hex), or empty for the founding writer. */
  readonly request: string
}

/** Where the author's record about the target lives in hyperdb. Both are writer keys, hex. */
export const nodeRecordKey = (target: string, author: string): string => `${NODES_PREFIX}${target}/${author}`

/** The writer keys (hex) in a record's hyperdb key. Whether the author is the feed that it stands in is not known here. */
export const parseNodeRecordKey = (key: string): { target: string; author: string } | undefined => {
  if (!key.startsWith(NODES_PREFIX)) return undefined
  const [target = '', author = '', ...more] = key.slice(NODES_PREFIX.length).split('/')
  if (more.length > 0 || !fromHex(target, 32) || !fromHex(author, 32)) return undefined
  return { target, author }
}

/** What the boxed name is bound to. @param target writer key, 32 bytes */
export const nodeNameContext = (hyphalink: Uint8Array, target: Uint8Array): Uint8Array =>
  concat(hyphalink, target)

export const encodeNodeRecord = ({ boxedName, at, request }: NodeRecord): Uint8Array =>
  concat(
    Uint8Array.of(NODE_RECORD),
    utf8(JSON.stringify({ v: VERSION, name: toBase64url(boxedName), at, request })),
  )

export const decodeNodeRecord = (bytes: Uint8Array): NodeRecord | undefined => {
  if (bytes[0] !== NODE_RECORD) return undefined
  const json = parseJson(bytes.subarray(1), { maxBytes: MAX_RECORD_BYTES })
  if (!isJsonObject(json) || ownField(json, 'v') !== VERSION) return undefined
  const boxedName = fromBase64url(ownField(json, 'name'))
  const at = ownTime(json, 'at')
  const request = ownString(json, 'request')
  if (!boxedName || at === undefined || request === undefined) return undefined
  if (boxedName.length < NONCE_BYTES + MAC_BYTES || boxedName.length > MAX_BOXED_NAME_BYTES) return undefined
  if (request !== '' && !fromHex(request, 16)) return undefined
  return { boxedName, at, request }
}
