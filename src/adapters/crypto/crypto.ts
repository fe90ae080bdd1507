export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/**
 * The cryptography that the runtime asks for: libsodium's primitives under their plain names. Keys and hashes are 32 bytes
 * and signatures 64 unless said. Methods throw a TypeError on wrong lengths; `open*` and `verify` answer, never throw, on
 * bytes that do not check out.
 */
export interface Crypto {
  /** At most 65,536 bytes at a time. */
  randomBytes(length: number): Uint8Array
  /** BLAKE2b, 32 bytes unless `length` (8 to 64), keyed if `key`. */
  hash(bytes: Uint8Array, options?: { key?: Uint8Array; length?: number }): Uint8Array
  /** libsodium's crypto_kdf_derive_from_key: 32 bytes, id 1; `context` is exactly 8 ASCII characters. */
  deriveKey(context: string, key: Uint8Array): Uint8Array
  /** Argon2id13, 32 bytes, 3 passes, 64 MiB; off this thread. The passphrase's UTF-8 bytes are wiped afterwards. */
  derivePassphraseKey(passphrase: Uint8Array, salt: Uint8Array): Promise<Uint8Array>

  /** Ed25519. */
  signingKeyPair(seed?: Uint8Array): KeyPair
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  /** Whether 32 bytes are an Ed25519 point of the main subgroup: not small order, not off the curve. False for other lengths. */
  isPublicKey(bytes: Uint8Array): boolean
  /** X25519, for crypto_box_seal. */
  boxKeyPair(seed: Uint8Array): KeyPair

  /** XSalsa20-Poly1305 (crypto_secretbox_easy), 24-byte nonce: the 2019 channel. */
  secretBox(plaintext: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array
  openSecretBox(ciphertext: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined
  /** XChaCha20-Poly1305-IETF, 24-byte nonce, bound to `context`: entries and names. */
  box(plaintext: Uint8Array, context: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array
  openBox(
    ciphertext: Uint8Array,
    context: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array | undefined

  /** Overwrites with zeros, as far as JavaScript allows. */
  wipe(bytes: Uint8Array): void
}
