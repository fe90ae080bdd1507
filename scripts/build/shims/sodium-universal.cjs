// The engine's own sodium, in pages and in Node: what `fastSodium` doesn't replace by libsodium is random bytes, short hashes and
// the stream cipher, by the same packages as in sodium-javascript. The rest of its JavaScript would weigh 40 KB and never run.
const xsalsa20 = require('xsalsa20')
const siphash = require('siphash24')

const QUOTA_BYTES = 65_536

const notReady = () => {
  throw new Error('libsodium is not ready')
}

module.exports = {
  crypto_sign_PUBLICKEYBYTES: 32,
  crypto_sign_SECRETKEYBYTES: 64,
  crypto_sign_SEEDBYTES: 32,
  crypto_sign_BYTES: 64,
  crypto_sign_keypair: notReady,
  crypto_sign_seed_keypair: notReady,
  crypto_sign_detached: notReady,
  crypto_sign_verify_detached: notReady,
  crypto_generichash: notReady,
  crypto_generichash_batch: notReady,
  crypto_kdf_derive_from_key: notReady,

  randombytes_buf(/** @type {Uint8Array} */ bytes) {
    for (let i = 0; i < bytes.length; i += QUOTA_BYTES) {
      globalThis.crypto.getRandomValues(bytes.subarray(i, i + QUOTA_BYTES))
    }
  },

  crypto_shorthash(
    /** @type {Uint8Array} */ output,
    /** @type {Uint8Array} */ bytes,
    /** @type {Uint8Array} */ key,
  ) {
    siphash(bytes, key, output)
  },

  crypto_stream_xor_instance(/** @type {Uint8Array} */ nonce, /** @type {Uint8Array} */ key) {
    const cipher = xsalsa20(nonce, key)
    return {
      update: (/** @type {Uint8Array} */ output, /** @type {Uint8Array} */ input) =>
        void cipher.update(input, output),
      final: () => cipher.finalize(),
    }
  },
}
