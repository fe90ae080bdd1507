import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  MAX_BITFIELD_BLOCKS,
  MAX_BLOCK_BYTES,
  MAX_EXTENSIONS,
  MAX_FEED_LENGTH,
  MAX_HAVE_RUN,
  MAX_PROOF_NODES,
} from '../../src/protocol/limits.js'
import {
  endOfData,
  endOfHave,
  endOfNode,
  parseData,
  parseFeed,
  parseHandshake,
  parseHave,
  parseReplicationMessage,
  parseRequest,
  parseUnhave,
  parseWant,
  summariseBitfield,
} from '../../src/protocol/replication-messages.js'
import { readVarint } from '../../src/protocol/wire-fields.js'
import { field, varint } from '../wire.js'

const on = <T>(parse: (bytes: Uint8Array, start: number, end: number) => T, ...fields: number[][]): T => {
  const bytes = Uint8Array.from(fields.flat())
  return parse(bytes, 0, bytes.length)
}

describe('a number', () => {
  test('is read if it has 53 bits in at most 8 bytes', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const bytes = Uint8Array.from(varint(value))
        expect(readVarint(bytes, 0, bytes.length)).toBe(value)
        expect(readVarint(bytes, 0, bytes.length - 1)).toBe(-1)
      }),
    )
    for (const bytes of [[], [0x80], [...new Array(8).fill(0x80), 0], [...new Array(7).fill(0xff), 0x7f]]) {
      expect(readVarint(Uint8Array.from(bytes), 0, bytes.length)).toBe(-1)
    }
  })
})

describe('a Have', () => {
  test('names one block, a run or a bitfield', () => {
    expect(on(parseHave, field(1, 5))).toEqual({ start: 5, length: 1, bitfield: null, ack: false })
    expect(on(parseHave, field(1, 5), field(2, 9), field(4, 1))).toMatchObject({ length: 9, ack: true })
    expect(on(parseHave, field(1, 8192), field(3, [7]))?.bitfield).toEqual(Uint8Array.from([7]))
    expect(on(parseHave, field(2, 1))).toBeUndefined()
    expect(on(parseHave, field(1, [1]))).toBeUndefined()
  })

  test('stays within the limits, to the block', () => {
    expect(on(parseHave, field(1, 0), field(2, MAX_HAVE_RUN))).toBeDefined()
    expect(on(parseHave, field(1, 0), field(2, MAX_HAVE_RUN + 1))).toBeUndefined()
    expect(on(parseHave, field(1, MAX_FEED_LENGTH - 1))).toBeDefined()
    expect(on(parseHave, field(1, MAX_FEED_LENGTH))).toBeUndefined()
    const full = varint((MAX_BITFIELD_BLOCKS / 8) * 4 + 3)
    expect(on(parseHave, field(1, 0), field(3, full))).toBeDefined()
    expect(on(parseHave, field(1, MAX_FEED_LENGTH - 8192), field(3, full))).toBeUndefined()
    expect(
      on(parseHave, field(1, 0), field(3, varint((MAX_BITFIELD_BLOCKS / 8 + 1) * 4 + 3))),
    ).toBeUndefined()
    expect(on(parseHave, field(1, 1), field(3, [7]))).toBeUndefined()
    expect(on(parseUnhave, field(1, 0), field(2, MAX_HAVE_RUN + 1))).toBeUndefined()
  })

  test('ends after the last block that it claims', () => {
    const end = (...fields: number[][]) => endOfHave(on(parseHave, ...fields)!)
    expect(end(field(1, 4))).toBe(5)
    expect(end(field(1, 4), field(2, 0))).toBe(5)
    expect(end(field(1, 4), field(2, 3))).toBe(7)
    // One byte as it is, with its first two bits; then one byte of ones; then a byte of zeros.
    expect(end(field(1, 0), field(3, [2, 0b11000000]))).toBe(2)
    expect(end(field(1, 8192), field(3, [2, 0b11000000, 7, 5]))).toBe(8192 + 16)
    expect(end(field(1, 0), field(3, [5]))).toBe(0)
    expect(end(field(1, 0), field(3, []))).toBe(0)
  })
})

test('a bitfield is summed up as its decoder would read it', () => {
  const piece = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => ({
      rle: [...varint(bytes.length * 2), ...bytes],
      bytes: [...bytes],
    })),
    fc.tuple(fc.nat(300), fc.boolean()).map(([length, bit]) => ({
      rle: varint(length * 4 + (bit ? 3 : 1)),
      bytes: new Array<number>(length).fill(bit ? 255 : 0),
    })),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const rle = Uint8Array.from(pieces.flatMap((one) => one.rle))
      const bits = pieces
        .flatMap((one) => one.bytes)
        .flatMap((byte) => [...byte.toString(2).padStart(8, '0')])
      expect(summariseBitfield(rle, 0, rle.length)).toEqual({
        bytes: bits.length / 8,
        last: bits.lastIndexOf('1'),
      })
    }),
  )
})

test('a Want is for whole regions', () => {
  expect(on(parseWant, field(1, 0), field(2, MAX_BITFIELD_BLOCKS))).toBeDefined()
  expect(on(parseWant, field(1, MAX_BITFIELD_BLOCKS))).toEqual({ start: MAX_BITFIELD_BLOCKS, length: 0 })
  expect(on(parseWant, field(1, 8192))).toBeUndefined()
  expect(on(parseWant, field(1, 0), field(2, MAX_BITFIELD_BLOCKS + 1))).toBeUndefined()
  expect(on(parseWant, field(1, MAX_FEED_LENGTH))).toBeUndefined()
})

test('a Request is for one block', () => {
  expect(on(parseRequest, field(1, 3), field(4, 9))).toEqual({ index: 3, bytes: 0, hash: false, nodes: 9 })
  expect(on(parseRequest, field(1, MAX_FEED_LENGTH))).toBeUndefined()
  expect(on(parseRequest, field(1, 3), field(2, 1))).toBeUndefined()
  expect(on(parseRequest, field(1, 3), field(3, 1))).toBeUndefined()
})

describe('Data', () => {
  const hash = new Array<number>(32).fill(1)
  const node = (index: number, size = 10) =>
    field(3, [...field(1, index), ...field(2, hash), ...field(3, size)])

  test('is a block with the nodes that prove it', () => {
    const data = on(
      parseData,
      field(1, 2),
      field(2, [1, 2]),
      node(6),
      node(1),
      field(4, new Array(64).fill(5)),
    )!
    expect(data).toMatchObject({ index: 2, value: Uint8Array.from([1, 2]) })
    expect(data.nodes.map(({ index }) => index)).toEqual([6, 1])
    expect(endOfData(data)).toBe(4)
  })

  test('is refused without a value, with broken nodes, or beyond the limits', () => {
    const value = field(2, [1])
    expect(on(parseData, field(1, 2))).toBeUndefined()
    expect(on(parseData, field(1, 2), node(2))).toBeUndefined()
    expect(on(parseData, value)).toBeUndefined()
    expect(on(parseData, field(1, MAX_FEED_LENGTH), value)).toBeUndefined()
    expect(on(parseData, field(1, 2), value, field(4, new Array(63).fill(5)))).toBeUndefined()
    expect(on(parseData, field(1, 2), value, node(2 * MAX_FEED_LENGTH))).toBeUndefined()
    expect(on(parseData, field(1, 2), value, node(2 * MAX_FEED_LENGTH - 2))).toBeDefined()
    const nodes = (count: number) => Array.from({ length: count }, () => node(0)).flat()
    expect(on(parseData, field(1, 2), value, nodes(MAX_PROOF_NODES))).toBeDefined()
    expect(on(parseData, field(1, 2), value, nodes(MAX_PROOF_NODES + 1))).toBeUndefined()
    const block = (length: number) => Uint8Array.from([...field(1, 2), ...field(2, new Uint8Array(length))])
    for (const [length, fits] of [
      [MAX_BLOCK_BYTES, true],
      [MAX_BLOCK_BYTES + 1, false],
    ] as const) {
      const bytes = block(length)
      expect(parseData(bytes, 0, bytes.length) !== undefined).toBe(fits)
    }
  })

  test('nodes of a flat tree span what they span', () => {
    expect([0, 2, 1, 5, 3, 7].map(endOfNode)).toEqual([1, 2, 2, 4, 4, 8])
  })
})

test('a feed is opened with whole keys only', () => {
  const key = new Array<number>(32).fill(1)
  const nonce = new Array<number>(24).fill(2)
  expect(on(parseFeed, field(1, key))?.nonce).toBeNull()
  expect(on(parseFeed, field(1, key), field(2, nonce))?.nonce).toHaveLength(24)
  expect(on(parseFeed, field(1, key.slice(1)))).toBeUndefined()
  expect(on(parseFeed, field(1, key), field(2, key))).toBeUndefined()
  expect(on(parseFeed, field(2, nonce))).toBeUndefined()
})

test('a handshake has a bounded number of extension names, in UTF-8', () => {
  const names = (count: number) => Array.from({ length: count }, () => field(4, [120])).flat()
  expect(on(parseHandshake, names(MAX_EXTENSIONS))?.extensions).toHaveLength(MAX_EXTENSIONS)
  expect(on(parseHandshake, names(MAX_EXTENSIONS + 1))).toBeUndefined()
  expect(on(parseHandshake, field(4, [0xff]))).toBeUndefined()
  expect(on(parseHandshake, field(3, new Array(5000).fill(1)))).toBeUndefined()
  expect(on(parseHandshake, field(2, 1), field(9, [1]))).toMatchObject({ live: true, extensions: [] })
})

test('any bytes at all are a message within the limits or none', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(
        fc.tuple(fc.integer({ min: 1, max: 6 }), fc.oneof(fc.maxSafeNat(), fc.uint8Array({ maxLength: 70 }))),
      )
      .map((fields) => Uint8Array.from(fields.flatMap(([tag, value]) => field(tag, value)))),
  )
  fc.assert(
    fc.property(fc.nat(15), bytes, (code, body) => {
      const parsed = parseReplicationMessage(code, body, 0, body.length)
      if (!parsed) return
      const { message } = parsed
      if ('start' in message && parsed.type !== 'unwant') expect(message.start).toBeLessThan(MAX_FEED_LENGTH)
      if ('index' in message) expect(message.index).toBeLessThan(MAX_FEED_LENGTH)
    }),
    { numRuns: 2_000 },
  )
})
