import vm from 'node:vm'
import { expect, it } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { sodium } from '../../src/adapters/database/engine.js'
import { fastSodium } from '../../src/adapters/database/fast-sodium.js'
import { libsodium } from '../../src/adapters/libsodium.js'

const Foreign: typeof Uint8Array = vm.runInNewContext('Uint8Array')
const foreign = (bytes: Uint8Array): Uint8Array => Foreign.from(bytes)
const bytes = (length: number, first = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i) & 255)

await libsodium.ready
const pair = libsodium.crypto_sign_seed_keypair(bytes(32))
const [message, nonce, key] = [bytes(100), bytes(24), bytes(32)]
const boxed = libsodium.crypto_secretbox_easy(message, nonce, key)
const sealed = libsodium.crypto_aead_xchacha20poly1305_ietf_encrypt(message, bytes(7), nonce, key)

it.each<[string, (as: (bytes: Uint8Array) => Uint8Array) => unknown]>([
  ['hash', (as) => libsodium.crypto_generichash(32, as(message), as(key))],
  [
    'hash in pieces',
    (as) => {
      const state = libsodium.crypto_generichash_init(as(key), 32)
      libsodium.crypto_generichash_update(state, as(message))
      return libsodium.crypto_generichash_final(state, 32)
    },
  ],
  ['derive', (as) => libsodium.crypto_kdf_derive_from_key(32, 1, 'contents', as(key))],
  ['key pair', (as) => libsodium.crypto_sign_seed_keypair(as(key))],
  ['sign', (as) => libsodium.crypto_sign_detached(as(message), as(pair.privateKey))],
  [
    'verify',
    (as) =>
      libsodium.crypto_sign_verify_detached(
        as(libsodium.crypto_sign_detached(message, pair.privateKey)),
        as(message),
        as(pair.publicKey),
      ),
  ],
  ['to X25519', (as) => libsodium.crypto_sign_ed25519_pk_to_curve25519(as(pair.publicKey))],
  ['box key pair', (as) => libsodium.crypto_box_seed_keypair(as(key))],
  ['secret box', (as) => libsodium.crypto_secretbox_easy(as(message), as(nonce), as(key))],
  ['open secret box', (as) => libsodium.crypto_secretbox_open_easy(as(boxed), as(nonce), as(key))],
  [
    'box',
    (as) =>
      libsodium.crypto_aead_xchacha20poly1305_ietf_encrypt(as(message), as(bytes(7)), as(nonce), as(key)),
  ],
  [
    'open box',
    (as) =>
      libsodium.crypto_aead_xchacha20poly1305_ietf_decrypt(as(sealed), as(bytes(7)), as(nonce), as(key)),
  ],
])('%s takes bytes of another realm', (_, run) => {
  expect(run(foreign)).toEqual(run((same) => same))
})

it('wipes bytes of another realm, where they lie', () => {
  const secret = foreign(bytes(32))
  libsodium.memzero(secret)
  expect([...secret]).toEqual(Array(32).fill(0))
})

it('the engine and the runtime’s cryptography take them too', async () => {
  await fastSodium()
  const crypto = await createCrypto()
  const signature = foreign(new Uint8Array(64))
  sodium.crypto_sign_detached(signature, foreign(message), foreign(pair.privateKey))
  expect(crypto.verify(signature, foreign(message), foreign(pair.publicKey))).toBe(true)
  expect(crypto.isPublicKey(foreign(pair.publicKey))).toBe(true)
  const digest = foreign(new Uint8Array(32))
  sodium.crypto_generichash_batch(digest, [foreign(bytes(5_000)), foreign(bytes(5_000))])
  expect([...digest]).toEqual([...crypto.hash(Buffer.concat([bytes(5_000), bytes(5_000)]))])
})
