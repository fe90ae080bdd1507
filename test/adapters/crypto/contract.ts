import { beforeAll, describe, expect, it } from 'vitest'
import type { Crypto } from '../../../src/adapters/crypto/crypto.js'
import { fromHex, toHex, utf8 } from '../../../src/protocol/bytes.js'

const key = new Uint8Array(32).fill(7)
const nonce = new Uint8Array(24).fill(1)
const context = utf8('bound to this')
const empty = new Uint8Array(0)

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = new Uint8Array(bytes)
  copy[at]! ^= 1
  return copy
}

const hex32 = (hex: string): Uint8Array => fromHex(hex, 32)!

/** What every implementation of {@link Crypto} must do. */
export const cryptoContract = (name: string, create: () => Promise<Crypto>): void => {
  describe(`crypto contract: ${name}`, () => {
    let crypto: Crypto

    beforeAll(async () => {
      crypto = await create()
    })

    it('gives random bytes of the length asked for, never the same', () => {
      expect(crypto.randomBytes(0)).toHaveLength(0)
      expect(crypto.randomBytes(24)).toHaveLength(24)
      expect(crypto.randomBytes(32)).not.toEqual(crypto.randomBytes(32))
    })

    it('hashes with BLAKE2b, of 8 to 64 bytes, with or without a key', () => {
      expect(toHex(crypto.hash(empty))).toBe(
        '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8',
      )
      expect(toHex(crypto.hash(utf8('abc'), { length: 64 }))).toMatch(/^ba80a53f981c4d0d/)
      expect(crypto.hash(empty, { length: 8 })).toHaveLength(8)
      expect(crypto.hash(empty, { key })).not.toEqual(crypto.hash(empty))
      for (const length of [0, 7, 65, 8.5, -1]) {
        expect(() => crypto.hash(empty, { length })).toThrow(TypeError)
      }
    })

    it('derives keys by context', () => {
      expect(toHex(crypto.deriveKey('ephemera', key))).toBe(
        '66b6886084c423ffa50e00a7c429701f4e47a2597bb0c6edfa25f4e4100cc113',
      )
      expect(() => crypto.deriveKey('short', key)).toThrow(TypeError)
      expect(() => crypto.deriveKey('ephemera', key.subarray(1))).toThrow(TypeError)
    })

    it('signs, and verifies only that message with that signature by that key', () => {
      const { publicKey, secretKey } = crypto.signingKeyPair(key)
      expect(toHex(publicKey)).toBe('ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c')
      const message = utf8('hello')
      const signature = crypto.sign(message, secretKey)
      expect(crypto.verify(signature, message, publicKey)).toBe(true)
      expect(crypto.verify(signature, utf8('hellp'), publicKey)).toBe(false)
      expect(crypto.verify(signature, message, crypto.signingKeyPair().publicKey)).toBe(false)
      for (const at of [0, 31, 32, 63]) {
        expect(crypto.verify(flipped(signature, at), message, publicKey)).toBe(false)
      }
      expect(() => crypto.sign(message, secretKey.subarray(1))).toThrow(TypeError)
    })

    it('answers false for signatures and keys that are no such thing', () => {
      const message = utf8('hello')
      const { publicKey } = crypto.signingKeyPair()
      for (const length of [0, 63, 65]) {
        expect(crypto.verify(new Uint8Array(length), message, publicKey)).toBe(false)
      }
      for (const length of [0, 31, 32, 33]) {
        expect(crypto.verify(new Uint8Array(64), message, new Uint8Array(length))).toBe(false)
      }
    })

    it('knows a public key from other bytes', () => {
      const { publicKey } = crypto.signingKeyPair()
      expect(crypto.isPublicKey(publicKey)).toBe(true)
      for (const length of [0, 31, 33, 64]) expect(crypto.isPublicKey(new Uint8Array(length))).toBe(false)
      const bad = {
        'all zero': '00'.repeat(32),
        'the neutral element': `01${'00'.repeat(31)}`,
        'order 2': `ec${'ff'.repeat(30)}7f`,
        'order 8': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
        'not on the curve': `02${'00'.repeat(31)}`,
        'another spelling of a point (y + p)': `f6${'ff'.repeat(30)}7f`,
        'all ones': 'ff'.repeat(32),
      }
      for (const [why, hex] of Object.entries(bad)) expect(crypto.isPublicKey(hex32(hex)), why).toBe(false)
    })

    it('derives a box key pair from a seed', () => {
      expect(crypto.boxKeyPair(key)).toEqual(crypto.boxKeyPair(new Uint8Array(key)))
      expect(crypto.boxKeyPair(key).publicKey).toHaveLength(32)
      expect(() => crypto.boxKeyPair(key.subarray(1))).toThrow(TypeError)
    })

    it('opens a secret box only whole, with its key and nonce', () => {
      const ciphertext = crypto.secretBox(utf8('{}'), nonce, key)
      expect(toHex(crypto.secretBox(empty, nonce, key))).toHaveLength(32)
      expect(crypto.openSecretBox(ciphertext, nonce, key)).toEqual(utf8('{}'))
      expect(crypto.openSecretBox(ciphertext, flipped(nonce, 23), key)).toBeUndefined()
      expect(crypto.openSecretBox(ciphertext, nonce, flipped(key, 0))).toBeUndefined()
      for (let at = 0; at < ciphertext.length; at++) {
        expect(crypto.openSecretBox(flipped(ciphertext, at), nonce, key)).toBeUndefined()
      }
      for (const length of [0, 15, 16]) {
        expect(crypto.openSecretBox(new Uint8Array(length), nonce, key)).toBeUndefined()
      }
      for (const length of [0, 23, 25]) {
        expect(crypto.openSecretBox(ciphertext, new Uint8Array(length), key)).toBeUndefined()
      }
      expect(() => crypto.openSecretBox(ciphertext, nonce, key.subarray(1))).toThrow(TypeError)
      expect(() => crypto.secretBox(empty, nonce.subarray(1), key)).toThrow(TypeError)
      expect(() => crypto.secretBox(empty, nonce, key.subarray(1))).toThrow(TypeError)
    })

    it('opens a box only whole, with its key and nonce, and in its context', () => {
      const ciphertext = crypto.box(utf8('name'), context, nonce, key)
      expect(crypto.openBox(ciphertext, context, nonce, key)).toEqual(utf8('name'))
      expect(crypto.openBox(ciphertext, utf8('bound to that'), nonce, key)).toBeUndefined()
      expect(crypto.openBox(ciphertext, context, flipped(nonce, 0), key)).toBeUndefined()
      expect(crypto.openBox(ciphertext, context, nonce, flipped(key, 31))).toBeUndefined()
      for (let at = 0; at < ciphertext.length; at++) {
        expect(crypto.openBox(flipped(ciphertext, at), context, nonce, key)).toBeUndefined()
      }
      for (const length of [0, 15, 16]) {
        expect(crypto.openBox(new Uint8Array(length), context, nonce, key)).toBeUndefined()
      }
      for (const length of [0, 23, 25]) {
        expect(crypto.openBox(ciphertext, context, new Uint8Array(length), key)).toBeUndefined()
      }
      expect(() => crypto.openBox(ciphertext, context, nonce, key.subarray(1))).toThrow(TypeError)
      expect(() => crypto.box(empty, context, nonce.subarray(1), key)).toThrow(TypeError)
    })

    it('derives a key from a passphrase off this thread, and wipes the passphrase', async () => {
      const passphrase = utf8('correct battery staple abacus abdomen zoom zodiac plank refutable')
      const salt = fromHex('950996de61f2ee36f977ad852e694bbc', 16)!
      let turns = 0
      const turning = setInterval(() => turns++, 1)
      const master = await crypto.derivePassphraseKey(passphrase, salt)
      clearInterval(turning)
      expect(toHex(master)).toBe('3fb2e891f27ea909f10dca4f7c8c740644947edf1369aa46b980a85ee289c3ec')
      expect(passphrase.every((byte) => byte === 0)).toBe(true)
      expect(turns).toBeGreaterThan(0)
    })

    it('rejects a salt of another length, and wipes the passphrase all the same', async () => {
      const passphrase = utf8('secret')
      await expect(crypto.derivePassphraseKey(passphrase, new Uint8Array(15))).rejects.toThrow(TypeError)
      expect(passphrase).toEqual(new Uint8Array(6))
    })

    it('wipes', () => {
      const bytes = utf8('secret')
      crypto.wipe(bytes)
      expect(bytes).toEqual(new Uint8Array(6))
    })
  })
}
