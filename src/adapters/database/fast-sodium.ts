import { libsodium } from '../libsodium.js'
import { sodium } from './engine.js'
import { steadyCipher } from './steady-cipher.js'

let signing: Promise<void> | undefined
let ready: Promise<void> | undefined

/**
 * Signing and verifying alone, which pure JavaScript does in 4-5 ms: libsodium takes 60 µs to sign and 130 µs to verify. A
 * native sodium is never looked for: the package has none, and one that an app has may be of any version. Idempotent.
 */
export const fastSigning = (): Promise<void> => {
  signing ??= libsodium.ready.then(() => {
    sodium.crypto_sign_keypair = (publicKey, secretKey) =>
      setPair(libsodium.crypto_sign_keypair(), publicKey, secretKey)
    sodium.crypto_sign_seed_keypair = (publicKey, secretKey, seed) =>
      setPair(libsodium.crypto_sign_seed_keypair(seed), publicKey, secretKey)
    sodium.crypto_sign_detached = (signature, message, secretKey) =>
      signature.set(libsodium.crypto_sign_detached(message, secretKey))
    sodium.crypto_sign_verify_detached = verify
  })
  return signing
}

/**
 * Makes hypercore's cryptography fast: signing, and BLAKE2b, of which a 100 KB block takes 3 ms in pure JavaScript and 0.1 ms
 * in libsodium. Its ciphers and short hashes are WebAssembly already; the ciphers' shared memory is mended.
 *
 * Idempotent. Await it before a feed opens.
 */
export const fastSodium = (): Promise<void> => {
  ready ??= fastSigning().then(() => {
    steadyCipher()
    sodium.crypto_generichash = (output, input, key) => hash(output, [input], key)
    sodium.crypto_generichash_batch = hash
  })
  return ready
}

const setPair = (
  pair: { publicKey: Uint8Array; privateKey: Uint8Array },
  publicKey: Uint8Array,
  secretKey: Uint8Array,
): void => {
  publicKey.set(pair.publicKey)
  secretKey.set(pair.privateKey)
  libsodium.memzero(pair.privateKey)
}

const verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean => {
  // libsodium throws on other lengths, and hypercore asks inside callbacks that nobody guards.
  if (signature.length !== 64 || publicKey.length !== 32) return false
  return libsodium.crypto_sign_verify_detached(signature, message, publicKey)
}

/** Below this the pieces are joined: libsodium's streaming costs more calls than that copy. */
const JOIN_BYTES = 4 * 1024
const joined = new Uint8Array(JOIN_BYTES)

const hash = (output: Uint8Array, inputs: readonly Uint8Array[], key?: Uint8Array | null): void => {
  let length = 0
  for (const input of inputs) length += input.length
  if (length <= JOIN_BYTES) {
    let offset = 0
    for (const input of inputs) {
      joined.set(input, offset)
      offset += input.length
    }
    output.set(libsodium.crypto_generichash(output.length, joined.subarray(0, length), key ?? null))
    return
  }
  const state = libsodium.crypto_generichash_init(key ?? null, output.length)
  for (const input of inputs) libsodium.crypto_generichash_update(state, input)
  output.set(libsodium.crypto_generichash_final(state, output.length))
}
