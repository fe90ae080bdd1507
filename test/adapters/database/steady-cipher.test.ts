import { randomBytes } from 'node:crypto'
import sodium from 'sodium-universal'
import { expect, test } from 'vitest'
import { fastSodium } from '../../../src/adapters/database/fast-sodium.js'

await fastSodium()

const cipherOf = (nonce: Buffer, key: Buffer, cuts: readonly number[], text: Buffer): Buffer => {
  const cipher = sodium.crypto_stream_xor_instance(nonce, key)
  const output = Buffer.from(text)
  let from = 0
  for (const cut of [...cuts, text.length]) {
    const part = output.subarray(from, cut)
    cipher.update(part, part)
    from = cut
  }
  cipher.final()
  return output
}

test('ciphers outlive a large write and a crowd of others', () => {
  const keys = Array.from({ length: 3_000 }, () => [randomBytes(24), randomBytes(32)] as const)
  const ciphers = keys.map(([nonce, key]) => sodium.crypto_stream_xor_instance(nonce, key))
  const large = Buffer.alloc(8_000_000)
  ciphers[0]!.update(large, large)
  for (const cipher of ciphers) {
    const ping = Buffer.alloc(1)
    cipher.update(ping, ping)
    cipher.final()
  }
})

test('however writes are cut, the bytes are the same', () => {
  const [nonce, key, text] = [randomBytes(24), randomBytes(32), randomBytes(200_001)]
  const whole = cipherOf(nonce, key, [], text)
  for (const cuts of [[1], [63, 64, 65], [32_768], [32_767, 100_000], [150_001]]) {
    expect(cipherOf(nonce, key, cuts, text).equals(whole)).toBe(true)
  }
  expect(cipherOf(nonce, key, [7], whole).equals(text)).toBe(true)
})
