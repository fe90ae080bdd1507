import { describe, expect, it } from 'vitest'
import {
  abandonedBlock,
  abandonedHead,
  blockOfAbandoned,
  decodeHeadMessage,
  encodeHeadMessage,
  type HeadMessage,
  rootPlaces,
} from '../../src/protocol/feed-head.js'
import { MAX_ABANDONED_ITEMS, MAX_FEED_LENGTH } from '../../src/protocol/limits.js'

const feed = new Uint8Array(32).fill(7)
const signature = new Uint8Array(64).fill(9)
const hash = new Uint8Array(32).fill(5)
const head = (length: number): HeadMessage => ({
  type: 'head',
  feed,
  head: { length, signature, roots: rootPlaces(length).map((index) => ({ index, hash, size: index })) },
})
const abandoned = (count: number): HeadMessage => ({
  type: 'abandoned',
  feed,
  signature,
  items: Array.from({ length: count }, (_, i) => abandonedBlock(i, hash)),
})

describe('what is said of the heads of feeds', () => {
  it('is read as it was written', () => {
    for (const message of [
      { type: 'ask', feed },
      { type: 'none', feed },
      head(1),
      head(7),
      head(MAX_FEED_LENGTH),
      abandoned(1),
      abandoned(MAX_ABANDONED_ITEMS),
    ] as const)
      expect(decodeHeadMessage(encodeHeadMessage(message))).toEqual(message)
  })

  it('is nothing when it is longer than may be, cut short, or of another kind', () => {
    for (const message of [head(MAX_FEED_LENGTH + 1), abandoned(MAX_ABANDONED_ITEMS + 1), abandoned(0)])
      expect(decodeHeadMessage(encodeHeadMessage(message))).toBeUndefined()
    for (const message of [{ type: 'ask', feed } as const, head(7), abandoned(3)]) {
      const bytes = encodeHeadMessage(message)
      expect(decodeHeadMessage(bytes.subarray(0, -1))).toBeUndefined()
      expect(decodeHeadMessage(Uint8Array.of(9, ...bytes.subarray(1)))).toBeUndefined()
    }
    expect(decodeHeadMessage(new Uint8Array(0))).toBeUndefined()
  })

  it('names the roots of a tree as hypercore does', () => {
    expect([1, 2, 3, 7, 8].map(rootPlaces)).toEqual([[0], [1], [1, 4], [3, 9, 12], [7]])
  })

  it('tells blocks from heads', () => {
    expect(blockOfAbandoned(abandonedBlock(5, hash))).toBe(5)
    expect(blockOfAbandoned(abandonedHead(5, hash))).toBeUndefined()
  })
})
