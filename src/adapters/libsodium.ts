import sodium from 'libsodium-wrappers'

const isOfThisRealm = (bytes: unknown): boolean => bytes instanceof Uint8Array

/**
 * libsodium asks `instanceof`, and test environments that emulate a browser put another realm's Uint8Array among the globals:
 * Node's Buffers are none of those any more. The same memory, seen as what this realm calls a Uint8Array.
 */
const own = (bytes: Uint8Array): Uint8Array =>
  isOfThisRealm(bytes) ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const ownOrNone = (bytes: Uint8Array | null): Uint8Array | null => bytes && own(bytes)

type State = ReturnType<typeof sodium.crypto_generichash_init>

/** What of libsodium the runtime uses, for bytes of any realm. Await `ready` first. */
export const libsodium = {
  ready: sodium.ready,

  crypto_generichash: (length: number, message: Uint8Array, key: Uint8Array | null) =>
    sodium.crypto_generichash(length, own(message), ownOrNone(key)),
  crypto_generichash_init: (key: Uint8Array | null, length: number) =>
    sodium.crypto_generichash_init(ownOrNone(key), length),
  crypto_generichash_update: (state: State, message: Uint8Array) =>
    sodium.crypto_generichash_update(state, own(message)),
  crypto_generichash_final: (state: State, length: number) => sodium.crypto_generichash_final(state, length),
  crypto_kdf_derive_from_key: (length: number, id: number, context: string, key: Uint8Array) =>
    sodium.crypto_kdf_derive_from_key(length, id, context, own(key)),

  crypto_sign_keypair: () => sodium.crypto_sign_keypair(),
  crypto_sign_seed_keypair: (seed: Uint8Array) => sodium.crypto_sign_seed_keypair(own(seed)),
  crypto_sign_detached: (message: Uint8Array, secretKey: Uint8Array) =>
    sodium.crypto_sign_detached(own(message), own(secretKey)),
  crypto_sign_verify_detached: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) =>
    sodium.crypto_sign_verify_detached(own(signature), own(message), own(publicKey)),
  crypto_sign_ed25519_pk_to_curve25519: (publicKey: Uint8Array) =>
    sodium.crypto_sign_ed25519_pk_to_curve25519(own(publicKey)),

  crypto_box_seed_keypair: (seed: Uint8Array) => sodium.crypto_box_seed_keypair(own(seed)),
  crypto_secretbox_easy: (plaintext: Uint8Array, nonce: Uint8Array, key: Uint8Array) =>
    sodium.crypto_secretbox_easy(own(plaintext), own(nonce), own(key)),
  crypto_secretbox_open_easy: (ciphertext: Uint8Array, nonce: Uint8Array, key: Uint8Array) =>
    sodium.crypto_secretbox_open_easy(own(ciphertext), own(nonce), own(key)),
  crypto_aead_xchacha20poly1305_ietf_encrypt: (
    plaintext: Uint8Array,
    context: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ) =>
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
      own(plaintext),
      own(context),
      null,
      own(nonce),
      own(key),
    ),
  crypto_aead_xchacha20poly1305_ietf_decrypt: (
    ciphertext: Uint8Array,
    context: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ) =>
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      own(ciphertext),
      own(context),
      own(nonce),
      own(key),
    ),

  memzero: (bytes: Uint8Array) => sodium.memzero(own(bytes)),
}
