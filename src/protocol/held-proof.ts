import { concat } from './bytes.js'
import { MAX_FEED_LENGTH, MAX_HELD_PROOF_BLOCKS } from './limits.js'

/** How a peer proves that it holds what a node wrote, under the extension `hypha-proof`. */
export type HeldProofMessage = HeldProofAsk | HeldProofAnswer

/** The writer chooses which of its blocks are to be proven. */
export interface HeldProofAsk {
  readonly type: 'ask'
  /** Its writer key. */
  readonly feed: Uint8Array
  /** 32 bytes, never used before: no earlier answer fits. */
  readonly nonce: Uint8Array
  /** Places of blocks, each greater than the one before. */
  readonly blocks: readonly number[]
}

export interface HeldProofAnswer {
  readonly type: 'answer'
  /** Of the ask. */
  readonly nonce: Uint8Array
  /** 32 bytes, which only who has the bytes of those blocks can make. */
  readonly hash: Uint8Array
}

const ASK = 1
const ANSWER = 2
const KEY_BYTES = 32
export const HELD_NONCE_BYTES = 32
export const HELD_HASH_BYTES = 32
const BLOCKS_AT = 1 + KEY_BYTES + HELD_NONCE_BYTES

/** An ask: a byte, the feed, the nonce, 4 bytes for each block, big-endian. An answer: a byte, the nonce, the hash. */
export const encodeHeldProof = (message: HeldProofMessage): Uint8Array => {
  if (message.type === 'answer') return concat(Uint8Array.of(ANSWER), message.nonce, message.hash)
  const places = new Uint8Array(message.blocks.length * 4)
  const view = new DataView(places.buffer)
  for (const [i, block] of message.blocks.entries()) view.setUint32(i * 4, block)
  return concat(Uint8Array.of(ASK), message.feed, message.nonce, places)
}

/** Undefined for what is none. What it gives are copies. */
export const decodeHeldProof = (bytes: Uint8Array): HeldProofMessage | undefined => {
  const { length } = bytes
  if (bytes[0] === ANSWER) {
    if (length !== 1 + HELD_NONCE_BYTES + HELD_HASH_BYTES) return undefined
    return {
      type: 'answer',
      nonce: bytes.slice(1, 1 + HELD_NONCE_BYTES),
      hash: bytes.slice(1 + HELD_NONCE_BYTES),
    }
  }
  const count = (length - BLOCKS_AT) / 4
  if (bytes[0] !== ASK || !Number.isInteger(count) || count < 1 || count > MAX_HELD_PROOF_BLOCKS)
    return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const blocks = Array.from({ length: count }, (_, i) => view.getUint32(BLOCKS_AT + i * 4))
  const isInOrder = blocks.every((block, i) => block < MAX_FEED_LENGTH && block > (blocks[i - 1] ?? -1))
  if (!isInOrder) return undefined
  return {
    type: 'ask',
    feed: bytes.slice(1, 1 + KEY_BYTES),
    nonce: bytes.slice(1 + KEY_BYTES, BLOCKS_AT),
    blocks,
  }
}
