import type { Crypto } from '../adapters/crypto/crypto.js'
import { concat, utf8 } from './bytes.js'
import { splitWords } from './words.js'

const CONTEXT = utf8('hypha-runtime/words/1\0')
const WORDS = 5

/**
 * Five words that both screens show, so that a person sees that the request on one is the request of the other.
 * BLAKE2b-256 over what the request is; each word is 4 bytes of it, little-endian, modulo the list's length.
 * @param request.id 16 bytes @param request.target writer key, 32 bytes
 */
export const wordsToCompare = (
  request: { hyphalink: Uint8Array; id: Uint8Array; target: Uint8Array },
  words: readonly string[],
  hash: Crypto['hash'],
): string[] => {
  const digest = hash(concat(CONTEXT, request.hyphalink, request.id, request.target))
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength)
  return Array.from({ length: WORDS }, (_, i) => words[view.getUint32(4 * i, true) % words.length]!)
}

/** Whether somebody typed (or an app passed on) those words; capitals and white space are forgiven. */
export const areSameWords = (typed: unknown, words: readonly string[]): boolean => {
  const text = Array.isArray(typed) ? typed.join(' ') : typed
  return typeof text === 'string' && splitWords(text).join(' ') === words.join(' ')
}
