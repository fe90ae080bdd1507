import type { Crypto } from '../adapters/crypto/crypto.js'
import { fromHex, utf8 } from './bytes.js'
import { HyphaError } from './errors.js'

export const HYPHALINK_BYTES = 32

const DISCOVERY_CONTEXT = utf8('hypercore')

/**
 * The 32 bytes of a hyphalink that a person gave; capitals and white space around it are forgiven. (It is written with
 * `toHex`; one from a peer is read with `fromHex`, which forgives nothing.)
 * @throws HyphaError HYPHALINK_INVALID
 */
export const parseHyphalink = (typed: unknown): Uint8Array => {
  const bytes = typeof typed === 'string' && fromHex(typed.trim().toLowerCase(), HYPHALINK_BYTES)
  if (!bytes) {
    throw new HyphaError(
      'HYPHALINK_INVALID',
      'A hyphalink is 64 digits from 0 to 9 and a to f. Copy it whole.',
    )
  }
  return bytes
}

/** What peers find each other by without telling the hyphalink: hypercore's discovery key. */
export const discoveryKeyOf = (hyphalink: Uint8Array, hash: Crypto['hash']): Uint8Array =>
  hash(DISCOVERY_CONTEXT, { key: hyphalink })
