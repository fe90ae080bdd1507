import type { StreamCipher } from 'sodium-universal'
import { sodium } from './engine.js'

/** What is enciphered at a time. */
const PIECE_BYTES = 32 * 1024
/** Memory that the ciphers get at once, in bytes: 64 for each of 30,000, and a piece. */
const MEMORY_BYTES = 2 * 1024 * 1024

/**
 * All stream ciphers of the WebAssembly fallback share one memory. When it grows, the others are left with a view of nothing. So it
 * is made large enough before the first cipher, and writes are cut so that it never grows.
 */
export const steadyCipher = (): void => {
  const create = sodium.crypto_stream_xor_instance
  const first = create(Buffer.alloc(24), Buffer.alloc(32))
  const room = Buffer.alloc(MEMORY_BYTES)
  first.update(room, room)
  first.final()
  sodium.crypto_stream_xor_instance = (nonce, key): StreamCipher => {
    const cipher = create(nonce, key)
    return {
      update: (output, input) => {
        for (let i = 0; i < input.length; i += PIECE_BYTES) {
          cipher.update(output.subarray(i, i + PIECE_BYTES), input.subarray(i, i + PIECE_BYTES))
        }
      },
      final: () => cipher.final(),
    }
  }
}
