import { concat, fromHex, toHex, utf8 } from './bytes.js'
import type { ClaimProof } from './claim.js'
import { isJsonObject, type JsonObject, ownField, ownString, parseJson } from './json.js'
import { MAX_CLAIM_CODE_LENGTH, MAX_GREETING_BYTES } from './limits.js'

/** What every greeting begins with. */
export const GREETING_MAGIC = utf8('HYPHA/1\n')
const MAGIC = GREETING_MAGIC
const HEADER_BYTES = MAGIC.length + 4

export const REFUSALS = ['not-hosted', 'full', 'code', 'proof', 'busy'] as const
export type ClaimRefusal = (typeof REFUSALS)[number]

/** What is said before replication, when the other end does not host the hypha. Bytes: nonce 32, keys 32, signatures 64. */
export type Greeting =
  /** A place is free; send a claim on this connection. `code`: with the code that the server printed. */
  | { readonly type: 'unclaimed'; readonly nonce: Uint8Array; readonly code: boolean }
  | { readonly type: 'refused'; readonly reason: ClaimRefusal }
  /** The place is yours; dial again. */
  | { readonly type: 'claimed' }
  | ({ readonly type: 'claim'; readonly hyphalink: Uint8Array; readonly code?: string } & ClaimProof)

const toJson = (greeting: Greeting): JsonObject => {
  switch (greeting.type) {
    case 'unclaimed':
      return { ...greeting, nonce: toHex(greeting.nonce) }
    case 'claim':
      return {
        ...greeting,
        hyphalink: toHex(greeting.hyphalink),
        claimKey: toHex(greeting.claimKey),
        certificate: toHex(greeting.certificate),
        signature: toHex(greeting.signature),
      }
    default:
      return { ...greeting }
  }
}

const fromJson = (json: JsonObject): Greeting | undefined => {
  switch (ownField(json, 'type')) {
    case 'unclaimed': {
      const nonce = fromHex(ownField(json, 'nonce'), 32)
      const code = ownField(json, 'code')
      return nonce && typeof code === 'boolean' ? { type: 'unclaimed', nonce, code } : undefined
    }
    case 'refused': {
      const reason = REFUSALS.find((known) => known === ownField(json, 'reason'))
      return reason && { type: 'refused', reason }
    }
    case 'claimed':
      return { type: 'claimed' }
    case 'claim': {
      const hyphalink = fromHex(ownField(json, 'hyphalink'), 32)
      const claimKey = fromHex(ownField(json, 'claimKey'), 32)
      const certificate = fromHex(ownField(json, 'certificate'), 64)
      const signature = fromHex(ownField(json, 'signature'), 64)
      if (!hyphalink || !claimKey || !certificate || !signature) return undefined
      const claim = { type: 'claim', hyphalink, claimKey, certificate, signature } as const
      if (!Object.hasOwn(json, 'code')) return claim
      const code = ownString(json, 'code')
      return code === undefined || code.length > MAX_CLAIM_CODE_LENGTH ? undefined : { ...claim, code }
    }
    default:
      return undefined
  }
}

export const encodeGreeting = (greeting: Greeting): Uint8Array => {
  const body = utf8(JSON.stringify(toJson(greeting)))
  if (body.length > MAX_GREETING_BYTES) throw new RangeError('The greeting is too large')
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, body.length)
  return concat(MAGIC, length, body)
}

/**
 * The greeting at the beginning of what has arrived, and the bytes after it. `more`: it may become one; `not-a-greeting`:
 * hypercore-protocol, or noise; `bad`: it began like one and is none.
 */
export const readGreeting = (
  arrived: Uint8Array,
): { readonly message: Greeting; readonly rest: Uint8Array } | 'more' | 'not-a-greeting' | 'bad' => {
  const isMagic = arrived.subarray(0, MAGIC.length).every((byte, i) => byte === MAGIC[i])
  if (!isMagic) return 'not-a-greeting'
  if (arrived.length < HEADER_BYTES) return 'more'
  const length = new DataView(arrived.buffer, arrived.byteOffset).getUint32(MAGIC.length)
  if (length > MAX_GREETING_BYTES) return 'bad'
  const end = HEADER_BYTES + length
  if (arrived.length < end) return 'more'
  const json = parseJson(arrived.subarray(HEADER_BYTES, end), { maxBytes: MAX_GREETING_BYTES })
  const message = isJsonObject(json) ? fromJson(json) : undefined
  return message ? { message, rest: arrived.subarray(end) } : 'bad'
}
