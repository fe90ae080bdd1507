import { concat, utf8 } from '../../protocol/bytes.js'
import type { Wrapping } from './storage.js'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** A CryptoKey, by either platform's types. */
export type WrappingKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>

/** So that bytes which the same key protects for something else are never taken for these. */
const CONTEXT = utf8('hypha-runtime secret at rest 1')

/**
 * Wraps by AES-256-GCM: a version, a random nonce, the box. The key stays where it is: asked for at each use, because it is
 * there only while the storage is open.
 */
export const createWrapping = (key: () => WrappingKey): Wrapping => {
  const how = (iv: Uint8Array<ArrayBuffer>) => ({ name: 'AES-GCM', iv, additionalData: CONTEXT })
  return {
    async wrap(secret) {
      const nonce = globalThis.crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      // A copy: what shares its memory with another thread is refused.
      const plain = new Uint8Array(secret)
      const boxed = await globalThis.crypto.subtle
        .encrypt(how(nonce), key(), plain)
        .finally(() => plain.fill(0))
      return concat(Uint8Array.of(VERSION), nonce, new Uint8Array(boxed))
    },
    async unwrap(wrapped) {
      if (wrapped[0] !== VERSION || wrapped.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined
      const bytes = new Uint8Array(wrapped)
      const secretKey = key()
      try {
        const nonce = bytes.slice(1, 1 + NONCE_BYTES)
        return new Uint8Array(
          await globalThis.crypto.subtle.decrypt(how(nonce), secretKey, bytes.slice(1 + NONCE_BYTES)),
        )
      } catch {
        return undefined
      }
    },
  }
}

/** @param bytes 32; wiped. */
export const importWrappingKey = async (bytes: Uint8Array<ArrayBuffer>): Promise<WrappingKey> => {
  try {
    return await globalThis.crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
  } finally {
    bytes.fill(0)
  }
}
