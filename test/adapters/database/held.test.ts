import { expect, test } from 'vitest'
import { encodeHeld, heldOf } from '../../../src/adapters/database/held.js'
import { fromHex } from '../../../src/protocol/bytes.js'
import { MAX_FEEDS_PER_CONNECTION } from '../../../src/protocol/limits.js'

const writer = 'ab'.repeat(32)
const key = fromHex(writer, 32)!
const other = fromHex('cd'.repeat(32), 32)!

test('what is held is read as it was said', () => {
  const bytes = encodeHeld(
    new Map([
      ['00'.repeat(32), 1],
      [writer, 2 ** 24],
    ]),
  )
  expect(heldOf(bytes, key)).toBe(2 ** 24)
  expect(heldOf(bytes, other)).toBeUndefined()
  expect(heldOf(new Uint8Array([0, ...bytes]).subarray(1), key)).toBe(2 ** 24)
})

test('what is cut short, too long or empty says nothing', () => {
  const bytes = encodeHeld(new Map([[writer, 5]]))
  expect(heldOf(bytes.subarray(0, -1), key)).toBeUndefined()
  expect(heldOf(new Uint8Array(0), key)).toBeUndefined()
  const long = new Uint8Array(bytes.length * (MAX_FEEDS_PER_CONNECTION + 1))
  long.set(bytes)
  expect(heldOf(long, key)).toBeUndefined()
})
