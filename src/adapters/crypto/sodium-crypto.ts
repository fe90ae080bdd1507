import { libsodium } from '../libsodium.js'
import { type Argon2Options, argon2 } from './argon2.js'
import type { Crypto } from './crypto.js'

const NONCE_BYTES = 24
const MAC_BYTES = 16

const expectLength = (what: string, bytes: Uint8Array, length: number): void => {
  if (bytes.length !== length) throw new TypeError(`${what} must be ${length} bytes, not ${bytes.length}`)
}

/** Whether y, the lower 255 bits, is below 2^255 - 19: each point then has one spelling. */
const isCanonical = (point: Uint8Array): boolean =>
  ((point[31] ?? 0) & 0x7f) !== 0x7f ||
  point.subarray(1, 31).some((byte) => byte !== 0xff) ||
  point[0]! < 0xed

/** Asking the platform costs the same for 24 bytes as for some thousand. */
const POOL_BYTES = 4_096
const MAX_POOLED_BYTES = 64
let pool = new Uint8Array(0)

/** The platform's: libsodium's asks it for four bytes at a time, 60 us for a nonce. What the pool has given is not kept. */
const randomBytes = (length: number): Uint8Array => {
  if (length > MAX_POOLED_BYTES) return globalThis.crypto.getRandomValues(new Uint8Array(length))
  if (pool.length < length) pool = globalThis.crypto.getRandomValues(new Uint8Array(POOL_BYTES))
  const bytes = pool.slice(0, length)
  pool.fill(0, 0, length)
  pool = pool.subarray(length)
  return bytes
}

const crypto: Crypto = {
  randomBytes,

  hash: (bytes, { key, length = 32 } = {}) => {
    if (!Number.isInteger(length) || length < 8 || length > 64) {
      throw new TypeError('A hash is 8 to 64 bytes')
    }
    return libsodium.crypto_generichash(length, bytes, key ?? null)
  },

  deriveKey: (context, key) => {
    if (!/^[ -~]{8}$/.test(context)) throw new TypeError('A context is 8 ASCII characters')
    return libsodium.crypto_kdf_derive_from_key(32, 1, context, key)
  },

  derivePassphraseKey: (passphrase, salt) => argon2(passphrase, salt),

  signingKeyPair: (seed) => {
    const pair = seed ? libsodium.crypto_sign_seed_keypair(seed) : libsodium.crypto_sign_keypair()
    return { publicKey: pair.publicKey, secretKey: pair.privateKey }
  },

  sign: (message, secretKey) => libsodium.crypto_sign_detached(message, secretKey),

  verify: (signature, message, publicKey) =>
    signature.length === 64 &&
    publicKey.length === 32 &&
    libsodium.crypto_sign_verify_detached(signature, message, publicKey),

  isPublicKey: (bytes) => {
    if (bytes.length !== 32 || !isCanonical(bytes)) return false
    try {
      // Throws for what is off the curve, of small order, or outside the main subgroup.
      libsodium.crypto_sign_ed25519_pk_to_curve25519(bytes)
      return true
    } catch {
      return false
    }
  },

  boxKeyPair: (seed) => {
    const pair = libsodium.crypto_box_seed_keypair(seed)
    return { publicKey: pair.publicKey, secretKey: pair.privateKey }
  },

  secretBox: (plaintext, nonce, key) => libsodium.crypto_secretbox_easy(plaintext, nonce, key),

  openSecretBox: (ciphertext, nonce, key) => {
    expectLength('The key', key, 32)
    if (nonce.length !== NONCE_BYTES || ciphertext.length < MAC_BYTES) return undefined
    try {
      return libsodium.crypto_secretbox_open_easy(ciphertext, nonce, key)
    } catch {
      return undefined
    }
  },

  box: (plaintext, context, nonce, key) =>
    libsodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, context, nonce, key),

  openBox: (ciphertext, context, nonce, key) => {
    expectLength('The key', key, 32)
    if (nonce.length !== NONCE_BYTES || ciphertext.length < MAC_BYTES) return undefined
    try {
      return libsodium.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, context, nonce, key)
    } catch {
      return undefined
    }
  },

  wipe: (bytes) => {
    bytes.fill(0)
  },
}

export interface CryptoOptions {
  /** For pages with a strict Content-Security-Policy: where `hypha-runtime/argon2-worker` is served. */
  readonly argon2Worker?: string | URL | undefined
}

/** {@link Crypto} by libsodium's WebAssembly build. It holds no state. */
export const createCrypto = async ({ argon2Worker }: CryptoOptions = {}): Promise<Crypto> => {
  await libsodium.ready
  if (argon2Worker === undefined) return crypto
  const options: Argon2Options = { worker: argon2Worker }
  return { ...crypto, derivePassphraseKey: (passphrase, salt) => argon2(passphrase, salt, options) }
}
