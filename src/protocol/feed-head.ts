import { concat } from './bytes.js'
import { MAX_ABANDONED_ITEMS, MAX_FEED_LENGTH } from './limits.js'

/** What two nodes say about the heads of feeds, under the extension `hypha-head`. */
export type HeadMessage =
  /** How long is this feed at your end? */
  | { readonly type: 'ask'; readonly feed: Uint8Array }
  /** Nothing of it is here. */
  | { readonly type: 'none'; readonly feed: Uint8Array }
  | { readonly type: 'head'; readonly feed: Uint8Array; readonly head: FeedHead }
  | AbandonedMessage

/** A writer says what is of branches of its feed that do not stay: the entries that were in them it has written again. */
export interface AbandonedMessage {
  readonly type: 'abandoned'
  readonly feed: Uint8Array
  /** 20 bytes each: what `abandonedBlock` and `abandonedHead` make. */
  readonly items: readonly Uint8Array[]
  /** The writer's. 64 bytes. */
  readonly signature: Uint8Array
}

/** How long a feed is, with its writer's signature: nobody but the writer can make one. */
export interface FeedHead {
  readonly length: number
  /** Of hypercore's tree of hashes at that length, left to right. Their places follow from the length. */
  readonly roots: readonly TreeRoot[]
  /** The writer's, over the hash of the roots. 64 bytes. */
  readonly signature: Uint8Array
}

export interface TreeRoot {
  readonly index: number
  readonly hash: Uint8Array
  /** Bytes of the blocks below it. */
  readonly size: number
}

const ASK = 1
const NONE = 2
const HEAD = 3
const ABANDONED = 4
const ABANDONED_BYTES = 20

const abandonedItem = (number: number, hash: Uint8Array): Uint8Array => {
  const item = new Uint8Array(ABANDONED_BYTES)
  new DataView(item.buffer).setUint32(0, number)
  item.set(hash.subarray(0, ABANDONED_BYTES - 4), 4)
  return item
}
/** A block, by where its leaf is in hypercore's tree, an even number, and the leaf's hash. */
export const abandonedBlock = (block: number, hash: Uint8Array): Uint8Array => abandonedItem(2 * block, hash)
/** What was signed at a length, by an odd number. */
export const abandonedHead = (length: number, hash: Uint8Array): Uint8Array =>
  abandonedItem(2 * length + 1, hash)
/** The block that an item is about; undefined for a head. */
export const blockOfAbandoned = (item: Uint8Array): number | undefined => {
  const number = new DataView(item.buffer, item.byteOffset, 4).getUint32(0)
  return number % 2 === 0 ? number / 2 : undefined
}
const KEY_BYTES = 32
const HASH_BYTES = 32
const SIGNATURE_BYTES = 64
const ROOT_BYTES = HASH_BYTES + 8
const ROOTS_AT = 1 + KEY_BYTES + 4 + SIGNATURE_BYTES

/** The places of the roots above so many blocks, in hypercore's numbering (a flat tree). */
export const rootPlaces = (length: number): number[] => {
  const places: number[] = []
  let start = 0
  for (let width = 2 ** Math.floor(Math.log2(Math.max(length, 1))); width >= 1; width /= 2) {
    if (length - start < width) continue
    places.push(2 * start + width - 1)
    start += width
  }
  return places
}

export const encodeHeadMessage = (message: HeadMessage): Uint8Array => {
  if (message.type === 'abandoned')
    return concat(Uint8Array.of(ABANDONED), message.feed, message.signature, ...message.items)
  if (message.type !== 'head') return concat(Uint8Array.of(message.type === 'ask' ? ASK : NONE), message.feed)
  const { length, roots, signature } = message.head
  const bytes = new Uint8Array(ROOTS_AT + roots.length * ROOT_BYTES)
  const view = new DataView(bytes.buffer)
  bytes[0] = HEAD
  bytes.set(message.feed, 1)
  view.setUint32(1 + KEY_BYTES, length)
  bytes.set(signature, ROOTS_AT - SIGNATURE_BYTES)
  for (const [i, { hash, size }] of roots.entries()) {
    bytes.set(hash, ROOTS_AT + i * ROOT_BYTES)
    view.setBigUint64(ROOTS_AT + i * ROOT_BYTES + HASH_BYTES, BigInt(size))
  }
  return bytes
}

/** Undefined for what is none. What it gives are copies. */
export const decodeHeadMessage = (bytes: Uint8Array): HeadMessage | undefined => {
  const { length } = bytes
  const feed = bytes.slice(1, 1 + KEY_BYTES)
  if (bytes[0] === ASK || bytes[0] === NONE) {
    return length === 1 + KEY_BYTES ? { type: bytes[0] === ASK ? 'ask' : 'none', feed } : undefined
  }
  if (bytes[0] === ABANDONED) return decodeAbandoned(bytes, feed)
  if (bytes[0] !== HEAD || length < ROOTS_AT) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const blocks = view.getUint32(1 + KEY_BYTES)
  if (blocks === 0 || blocks > MAX_FEED_LENGTH) return undefined
  const places = rootPlaces(blocks)
  if (length !== ROOTS_AT + places.length * ROOT_BYTES) return undefined
  const roots: TreeRoot[] = []
  for (const [i, index] of places.entries()) {
    const at = ROOTS_AT + i * ROOT_BYTES
    const size = Number(view.getBigUint64(at + HASH_BYTES))
    if (!Number.isSafeInteger(size)) return undefined
    roots.push({ index, hash: bytes.slice(at, at + HASH_BYTES), size })
  }
  return {
    type: 'head',
    feed,
    head: { length: blocks, roots, signature: bytes.slice(ROOTS_AT - SIGNATURE_BYTES, ROOTS_AT) },
  }
}

const decodeAbandoned = (bytes: Uint8Array, feed: Uint8Array): AbandonedMessage | undefined => {
  const start = 1 + KEY_BYTES + SIGNATURE_BYTES
  const count = (bytes.length - start) / ABANDONED_BYTES
  if (!Number.isInteger(count) || count < 1 || count > MAX_ABANDONED_ITEMS) return undefined
  const items = Array.from({ length: count }, (_, i) =>
    bytes.slice(start + i * ABANDONED_BYTES, start + (i + 1) * ABANDONED_BYTES),
  )
  return { type: 'abandoned', feed, items, signature: bytes.slice(1 + KEY_BYTES, start) }
}
