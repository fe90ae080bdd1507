import sodium from 'sodium-universal'
import { expect, test } from 'vitest'
import { fastSodium } from '../../../src/adapters/database/fast-sodium.js'

const open = (byte: number) =>
  sodium.crypto_stream_xor_instance(new Uint8Array(24).fill(byte), new Uint8Array(32).fill(byte))

test('a stream that is closed after another made the cipher’s memory grow does not throw, nor one that goes on', async () => {
  await fastSodium()
  const [idle, other, reference, large] = [open(1), open(2), open(2), open(3)]
  const start = new Uint8Array(100)
  other.update(start, start)
  const bytes = new Uint8Array(16 * 1024 * 1024)
  large.update(bytes, bytes)
  expect(() => idle.final()).not.toThrow()
  // What it enciphers is the same as if nothing had happened.
  const rest = new Uint8Array(100)
  other.update(rest, rest)
  const whole = new Uint8Array(200)
  reference.update(whole, whole)
  expect([...start, ...rest]).toEqual([...whole])
  for (const stream of [other, reference, large]) stream.final()
})
