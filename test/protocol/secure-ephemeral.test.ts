import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Crypto } from '../../src/adapters/crypto/crypto.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { fromUtf8, toHex, utf8 } from '../../src/protocol/bytes.js'
import { decodeEphemeral, encodeEphemeral } from '../../src/protocol/ephemeral.js'
import { MAX_FRAME_BYTES } from '../../src/protocol/limits.js'
import { decodeSecureFrame, encodeSecureFrame } from '../../src/protocol/secure-ephemeral.js'
import { damaged, fuzz, noise } from '../fuzz.js'
import { frameVectors } from '../vectors.js'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const nonce = new Uint8Array(24).fill(1)

describe('a secure-ephemeral frame', () => {
  let crypto: Crypto

  beforeAll(async () => {
    crypto = await createCrypto()
  })

  it.each(frameVectors.frames)('is byte for byte that of 2019: nonce $nonce', (vector) => {
    const key = hex(vector.key)
    const ciphertext = crypto.secretBox(utf8(vector.plaintext), hex(vector.nonce), key)
    expect(toHex(ciphertext)).toBe(vector.ciphertext)
    expect(toHex(encodeSecureFrame({ nonce: hex(vector.nonce), ciphertext }))).toBe(vector.frame)
    const frame = decodeSecureFrame(hex(vector.frame))!
    expect(toHex(frame.nonce)).toBe(vector.nonce)
    expect(fromUtf8(crypto.openSecretBox(frame.ciphertext, frame.nonce, key)!)).toBe(vector.plaintext)
  })

  it('does not open with a flipped bit anywhere', () => {
    const { key, frame } = frameVectors.frames[1]!
    const right = hex(frame)
    for (let bit = 0; bit < right.length * 8; bit++) {
      const bytes = new Uint8Array(right)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      const decoded = decodeSecureFrame(bytes)
      const opened = decoded && crypto.openSecretBox(decoded.ciphertext, decoded.nonce, hex(key))
      expect(opened, `bit ${bit}`).toBeUndefined()
    }
  })

  it.each(frameVectors.badFrames)('is not $hex: $why', (vector) => {
    expect(decodeSecureFrame(hex(vector.hex))).toBeUndefined()
  })

  it('has a nonce of exactly 24 bytes and at least a MAC', () => {
    const sizes = (nonceBytes: number, cipherBytes: number) =>
      decodeSecureFrame(
        encodeSecureFrame({ nonce: new Uint8Array(nonceBytes), ciphertext: new Uint8Array(cipherBytes) }),
      )
    for (const bytes of [0, 23, 25]) expect(sizes(bytes, 16)).toBeUndefined()
    for (const bytes of [0, 15]) expect(sizes(24, bytes)).toBeUndefined()
    expect(sizes(24, 16)).toBeDefined()
  })

  it.each([
    ['nothing', ''],
    ['its fields in the other order', `1210${'00'.repeat(16)}0a18${'01'.repeat(24)}`],
    ['no second field', `0a18${'01'.repeat(24)}`],
    ['a field twice', `0a18${'01'.repeat(24)}1210${'00'.repeat(16)}1210${'00'.repeat(16)}`],
    ['an unknown field after', `0a18${'01'.repeat(24)}1210${'00'.repeat(16)}1a00`],
    ['a byte after', `0a18${'01'.repeat(24)}1210${'00'.repeat(16)}00`],
    ['another wire type', `0818${'01'.repeat(24)}1210${'00'.repeat(16)}`],
    ['a longer spelling of a tag', `8a0018${'01'.repeat(24)}1210${'00'.repeat(16)}`],
    ['a length without end', `0a18${'01'.repeat(24)}12ffffffffff`],
    ['a length of five bytes', `0a18${'01'.repeat(24)}129080808000${'00'.repeat(16)}`],
    ['a length beyond its end', `0a18${'01'.repeat(24)}1211${'00'.repeat(16)}`],
    ['a length of 2^28 - 1', `0a18${'01'.repeat(24)}12ffffff7f${'00'.repeat(16)}`],
  ])('has not %s', (_, frame) => {
    expect(decodeSecureFrame(hex(frame))).toBeUndefined()
  })

  it('may spell a length with up to four bytes', () => {
    expect(decodeSecureFrame(hex(`0a988000${'01'.repeat(24)}12908000${'00'.repeat(16)}`))).toBeDefined()
  })

  it('is at most MAX_FRAME_BYTES', () => {
    const around = encodeSecureFrame({ nonce, ciphertext: new Uint8Array(60_000) }).length - 60_000
    const fits = { nonce, ciphertext: new Uint8Array(MAX_FRAME_BYTES - around) }
    expect(encodeSecureFrame(fits)).toHaveLength(MAX_FRAME_BYTES)
    expect(decodeSecureFrame(encodeSecureFrame(fits))).toEqual(fits)
    for (const bytes of [MAX_FRAME_BYTES - around + 1, 7_900_000, 9_000_000]) {
      expect(
        decodeSecureFrame(encodeSecureFrame({ nonce, ciphertext: new Uint8Array(bytes) })),
      ).toBeUndefined()
    }
  })

  it('comes back as it was, and never throws when damaged', () => {
    const right = encodeSecureFrame({ nonce, ciphertext: new Uint8Array(200) })
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 20_000 }), (ciphertext) => {
        expect(decodeSecureFrame(encodeSecureFrame({ nonce, ciphertext }))).toEqual({ nonce, ciphertext })
      }),
    )
    fc.assert(
      fc.property(fc.oneof(noise, damaged(right)), (bytes) => {
        const frame = decodeSecureFrame(bytes)
        if (frame) expect(frame.nonce).toHaveLength(24)
      }),
      fuzz,
    )
  })
})

describe('a plain ephemeral frame (DEP-0000)', () => {
  it('is a protocol buffer of content type and payload', () => {
    expect(toHex(encodeEphemeral({ contentType: 'a/b', payload: utf8('hi') }))).toBe('0a03612f6212026869')
    expect(decodeEphemeral(hex('12026869'))).toEqual({ contentType: undefined, payload: utf8('hi') })
  })

  it('comes back as it was', () => {
    const contentType = fc.option(fc.string({ unit: 'grapheme', maxLength: 20 }), { nil: undefined })
    fc.assert(
      fc.property(contentType, fc.uint8Array(), (type, payload) => {
        const message = { contentType: type, payload }
        expect(decodeEphemeral(encodeEphemeral(message))).toEqual(message)
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['three bytes that ended the relay of 2019', 'ffffff'],
    ['no payload', '0a03612f62'],
    ['a content type that is not UTF-8', '0a01ff1200'],
    ['something after', '120000'],
    ['a content type of 257 bytes', `0a8102${'61'.repeat(257)}1200`],
  ])('is not %s', (_, frame) => {
    expect(decodeEphemeral(hex(frame))).toBeUndefined()
  })

  it('is at most MAX_FRAME_BYTES', () => {
    const frame = (bytes: number) =>
      encodeEphemeral({ contentType: undefined, payload: new Uint8Array(bytes) })
    expect(decodeEphemeral(frame(MAX_FRAME_BYTES - 4))).toBeDefined()
    expect(decodeEphemeral(frame(MAX_FRAME_BYTES - 3))).toBeUndefined()
  })

  it('never throws', () => {
    const right = encodeEphemeral({ contentType: 'application/json', payload: utf8('{}') })
    fc.assert(
      fc.property(fc.oneof(noise, damaged(right)), (bytes) => {
        decodeEphemeral(bytes)
      }),
      fuzz,
    )
  })
})
