import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isHistoryHeader, isTrie, parseHistoryBlock } from '../../src/protocol/history-blocks.js'
import { MAX_FEED_LENGTH, MAX_FEEDS_PER_CONNECTION, MAX_KEY_BYTES } from '../../src/protocol/limits.js'
import { field, varint } from '../wire.js'

const parse = (...fields: number[][]) => parseHistoryBlock(Uint8Array.from(fields.flat()))
const text = (value: string) => [...new TextEncoder().encode(value)]
const key = field(1, text('tea'))
const trie = field(4, [])
const inflate = field(6, 1)
const feed = (length = 32) => field(7, field(1, new Array(length).fill(9)))

test('an entry has a key, a trie and the place of its list', () => {
  expect(parse(key, field(2, [1]), trie, field(5, 2), field(5, 0), inflate, feed())).toEqual({
    key: 'tea',
    value: Uint8Array.from([1]),
    deleted: false,
    clock: [2, 0],
    inflate: 1,
    feeds: [new Uint8Array(32).fill(9)],
  })
  expect(parse(key, trie, inflate, field(3, 1))).toMatchObject({ deleted: true, value: undefined, feeds: [] })
  for (const fields of [
    [trie, inflate],
    [key, inflate],
    [key, trie],
    [key, trie, field(6, [1])],
    [field(1, [0xff]), trie, inflate],
    [key, trie, inflate, feed(31)],
    [key, trie, inflate, field(7, [])],
  ]) {
    expect(parse(...fields)).toBeUndefined()
  }
})

test('it stays within the limits', () => {
  const keyOf = (length: number) => field(1, new Array(length).fill(97))
  expect(parse(keyOf(MAX_KEY_BYTES), trie, inflate)).toBeDefined()
  expect(parse(keyOf(MAX_KEY_BYTES + 1), trie, inflate)).toBeUndefined()
  expect(parse(key, trie, inflate, field(5, MAX_FEED_LENGTH + 1))).toBeUndefined()
  const feeds = (count: number) => Array.from({ length: count }, () => feed())
  expect(parse(key, trie, inflate, ...feeds(MAX_FEEDS_PER_CONNECTION))).toBeDefined()
  expect(parse(key, trie, inflate, ...feeds(MAX_FEEDS_PER_CONNECTION + 1))).toBeUndefined()
})

test('a trie that is cut short or beyond the limits is none', () => {
  const is = (...bytes: number[]) => isTrie(Uint8Array.from(bytes), 0, bytes.length)
  expect(is()).toBe(true)
  // Level 3, branch 0: feed 1 and one more, feed 0.
  expect(is(3, 1, 3, 7, 0, 9)).toBe(true)
  expect(is(3, 1, 3, 7)).toBe(false)
  expect(is(3, 32)).toBe(false)
  expect(is(3, 1, ...varint(2 * MAX_FEEDS_PER_CONNECTION - 2), 7)).toBe(true)
  expect(is(3, 1, ...varint(2 * MAX_FEEDS_PER_CONNECTION), 7)).toBe(false)
  expect(is(3, 1, 2, ...varint(MAX_FEED_LENGTH - 1))).toBe(true)
  expect(is(3, 1, 2, ...varint(MAX_FEED_LENGTH))).toBe(false)
  expect(is(...varint(MAX_KEY_BYTES * 32 + 1), 0)).toBe(false)
})

test("only hyperdb's header is one", () => {
  const is = (name: string) => isHistoryHeader(Uint8Array.from(field(1, text(name))))
  expect([is('hyperdb'), is('hypertrie'), is('hyperdc')]).toEqual([true, false, false])
  expect(isHistoryHeader(new Uint8Array(0))).toBe(false)
})

test('any bytes at all are a block or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseHistoryBlock(bytes)),
    { numRuns: 2_000 },
  )
})
