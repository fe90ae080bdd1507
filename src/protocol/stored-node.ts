import { fromBase64url, toBase64url } from './base64url.js'
import { fromHex, toHex, utf8 } from './bytes.js'
import { HYPHALINK_BYTES } from './hyphalink.js'
import { isJsonObject, ownField, ownString, parseJson } from './json.js'
import { MAX_DECLINED_REMEMBERED } from './limits.js'
import { cleanNodeName } from './node-name.js'

const VERSION = 1
export const MAX_STORED_NODE_BYTES = 4_096

/** What a node keeps to be here again without the passphrase. Roles are not in it: the database tells who may write. */
export interface StoredNode {
  readonly hyphalink: Uint8Array
  /** How it came to its hypha. */
  readonly by: 'signUp' | 'signIn' | 'hyphalink'
  readonly name: string
  /** The keyring's secrets, as the storage wrapped them; none for a reader by hyphalink. */
  readonly keys?: Uint8Array
  /** Its own request that nobody has answered yet: 16 bytes, hex. */
  readonly request?: string
  /** Others' requests that a person said no to, the newest last: 16 bytes each, hex. */
  readonly declined?: readonly string[]
}

/** Undefined for what is no such list. */
const readDeclined = (value: unknown): readonly string[] | undefined => {
  if (!Array.isArray(value) || value.length > MAX_DECLINED_REMEMBERED) return undefined
  return value.every((id) => typeof id === 'string' && fromHex(id, 16)) ? value : undefined
}

export const encodeStoredNode = ({ hyphalink, by, name, keys, request, declined }: StoredNode): Uint8Array =>
  utf8(
    JSON.stringify({
      v: VERSION,
      hyphalink: toHex(hyphalink),
      by,
      name,
      ...(keys ? { keys: toBase64url(keys) } : {}),
      ...(request === undefined ? {} : { request }),
      ...(declined === undefined ? {} : { declined }),
    }),
  )

/** Undefined for what is damaged, `newer` for what a later version wrote. */
export const decodeStoredNode = (bytes: Uint8Array): StoredNode | 'newer' | undefined => {
  const json = parseJson(bytes, { maxBytes: MAX_STORED_NODE_BYTES })
  const version = isJsonObject(json) ? ownField(json, 'v') : undefined
  if (typeof version === 'number' && version > VERSION) return 'newer'
  if (!isJsonObject(json) || version !== VERSION) return undefined
  const hyphalink = fromHex(ownField(json, 'hyphalink'), HYPHALINK_BYTES)
  const by = ownField(json, 'by')
  const name = ownString(json, 'name')
  if (!hyphalink || name === undefined) return undefined
  if (by !== 'signUp' && by !== 'signIn' && by !== 'hyphalink') return undefined
  const keys = fromBase64url(ownField(json, 'keys'))
  const request = ownString(json, 'request')
  const declined = ownField(json, 'declined')
  // A reader by hyphalink has no keys, and whoever had the passphrase does.
  if ((by === 'hyphalink') !== (keys === undefined)) return undefined
  if (request !== undefined && !fromHex(request, 16)) return undefined
  const ids = readDeclined(declined)
  if (declined !== undefined && !ids) return undefined
  return {
    hyphalink,
    by,
    name: cleanNodeName(name),
    ...(keys ? { keys } : {}),
    ...(request === undefined ? {} : { request }),
    ...(ids ? { declined: ids } : {}),
  }
}
