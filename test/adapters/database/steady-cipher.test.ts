import { expect, test } from 'vitest'
import { sodium } from '../../../src/adapters/database/engine.js'
import { fastSodium } from '../../../src/adapters/database/fast-sodium.js'

const open = (byte: number) =>
  sodium.crypto_stream_xor_instance(new Uint8Array(24).fill(byte), new Uint8Array(32).fill(byte))

test('a write that is cut into pieces is enciphered as one, while other streams go on', async () => {
  await fastSodium()
  const [whole, pieces, other, reference] = [open(1), open(1), open(2), open(2)]
  const start = new Uint8Array(100)
  other.update(start, start)
  // One and a half of our pieces.
  const large = new Uint8Array(48 * 1024)
  whole.update(large, large)
  const small = new Uint8Array(48 * 1024)
  for (let i = 0; i < small.length; i += 1024) {
    const piece = small.subarray(i, i + 1024)
    pieces.update(piece, piece)
  }
  expect(Buffer.from(large).equals(Buffer.from(small))).toBe(true)
  const rest = new Uint8Array(100)
  other.update(rest, rest)
  const both = new Uint8Array(200)
  reference.update(both, both)
  expect([...start, ...rest]).toEqual([...both])
  for (const stream of [whole, pieces, other, reference]) expect(() => stream.final()).not.toThrow()
})
