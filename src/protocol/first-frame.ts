const DISCOVERY_KEY_BYTES = 32
const NONCE_BYTES = 24

/**
 * hypercore-protocol 6 begins every encrypted stream with the same bytes: a length (61), the header 0 (channel 0, message
 * Feed), field 1 of 32 bytes (the discovery key) and field 2 of 24 (the nonce).
 */
const BEFORE_KEY = [0x3d, 0x00, 0x0a, DISCOVERY_KEY_BYTES]
const BEFORE_NONCE = [0x12, NONCE_BYTES]
const KEY_END = BEFORE_KEY.length + DISCOVERY_KEY_BYTES

/** How many bytes {@link readDiscoveryKey} needs to answer with a key. */
export const FIRST_FRAME_BYTES = KEY_END + BEFORE_NONCE.length + NONCE_BYTES

const startsLike = (bytes: Uint8Array, expected: readonly number[]): boolean =>
  expected.every((byte, i) => i >= bytes.length || bytes[i] === byte)

/**
 * The discovery key that a peer asks for, from the first bytes of its stream, which stay where they are. `bad`: it speaks
 * something else, or would speak unencrypted (no nonce).
 */
export const readDiscoveryKey = (arrived: Uint8Array): Uint8Array | 'more' | 'bad' => {
  if (!startsLike(arrived, BEFORE_KEY) || !startsLike(arrived.subarray(KEY_END), BEFORE_NONCE)) return 'bad'
  return arrived.length < FIRST_FRAME_BYTES ? 'more' : arrived.slice(BEFORE_KEY.length, KEY_END)
}
