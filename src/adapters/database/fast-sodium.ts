import libsodium from 'libsodium-wrappers'
import sodium from 'sodium-universal'
import { steadyCipher } from './steady-cipher.js'

let ready: Promise<void> | undefined

/**
 * Makes hypercore's cryptography fast wherever sodium-native is not installed, which is almost everywhere: sodium-universal
 * falls back to pure JavaScript, which signs in 4-5 ms and hashes a 100 KB block in 3 ms. Signing, verifying and BLAKE2b
 * become libsodium's (60 µs, 130 µs, 0.1 ms); its ciphers and short hashes are WebAssembly already.
 *
 * Idempotent. Await it before a feed opens.
 */
export const fastSodium = (): Promise<void> => {
  ready ??= libsodium.ready.then(() => {
    if (isNative(sodium.crypto_sign_detached)) return
    steadyCipher()
    sodium.crypto_sign_keypair = (publicKey, secretKey) =>
      setPair(libsodium.crypto_sign_keypair(), publicKey, secretKey)
    sodium.crypto_sign_seed_keypair = (publicKey, secretKey, seed) =>
      setPair(libsodium.crypto_sign_seed_keypair(seed), publicKey, secretKey)
    sodium.crypto_sign_detached = (signature, message, secretKey) =>
      signature.set(libsodium.crypto_sign_detached(message, secretKey))
    sodium.crypto_sign_verify_detached = verify
    sodium.crypto_generichash = (output, input, key) => hash(output, [input], key)
    sodium.crypto_generichash_batch = hash
  })
  return ready
}

const isNative = (f: unknown): boolean => Function.prototype.toString.call(f).includes('[native code]')

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

const hash = (output: Uint8Array, inputs: readonly Uint8Array[], key?: Uint8Array | null): void => {
  let length = 0
  for (const input of inputs) length += input.length
  if (length <= JOIN_BYTES) {
    const joined = new Uint8Array(length)
    let offset = 0
    for (const input of inputs) {
      joined.set(input, offset)
      offset += input.length
    }
    output.set(libsodium.crypto_generichash(output.length, joined, key ?? null))
    return
  }
  const state = libsodium.crypto_generichash_init(key ?? null, output.length)
  for (const input of inputs) libsodium.crypto_generichash_update(state, input)
  output.set(libsodium.crypto_generichash_final(state, output.length))
}
