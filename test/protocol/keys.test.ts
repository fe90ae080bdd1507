import { beforeAll, describe, expect, it } from 'vitest'
import type { Crypto } from '../../src/adapters/crypto/crypto.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { fromHex, toHex, utf8 } from '../../src/protocol/bytes.js'
import { discoveryKeyOf, parseHyphalink } from '../../src/protocol/hyphalink.js'
import { channelKeyOf, deriveKeys, passphraseSalt } from '../../src/protocol/keys.js'
import { frameVectors, keyVectors } from '../vectors.js'

let crypto: Crypto

beforeAll(async () => {
  crypto = await createCrypto()
})

describe('keys', () => {
  it.each(keyVectors.cases)('derive from the passphrase and the domain: $domain', async (vector) => {
    const salt = passphraseSalt(vector.domain, crypto.hash)
    expect(toHex(salt)).toBe(vector.salt)
    const master = await crypto.derivePassphraseKey(utf8(vector.passphrase), salt)
    expect(toHex(master)).toBe(vector.master)
    const keys = deriveKeys(master, crypto.deriveKey)
    const origin = crypto.signingKeyPair(keys.identitySeed)
    expect({
      identitySeed: toHex(keys.identitySeed),
      hyphalink: toHex(origin.publicKey),
      discoveryKey: toHex(discoveryKeyOf(origin.publicKey, crypto.hash)),
      channelKey: toHex(keys.channelKey),
      contentsKey: toHex(keys.contentsKey),
      storageKey: toHex(keys.storageKey),
      recoveryPublicKey: toHex(crypto.boxKeyPair(keys.recoverySeed).publicKey),
      claimPublicKey: toHex(crypto.signingKeyPair(keys.claimSeed).publicKey),
    }).toEqual({
      identitySeed: vector.identitySeed,
      hyphalink: vector.hyphalink,
      discoveryKey: vector.discoveryKey,
      channelKey: vector.channelKey,
      contentsKey: vector.contentsKey,
      storageKey: vector.storageKey,
      recoveryPublicKey: vector.recoveryPublicKey,
      claimPublicKey: vector.claimPublicKey,
    })
  })

  it.each(frameVectors.keyDerivation)('of the channel derive as in 2019: $publicKey', (vector) => {
    const seed = fromHex(vector.seed, 32)!
    const { publicKey } = crypto.signingKeyPair(seed)
    expect(toHex(publicKey)).toBe(vector.publicKey)
    expect(toHex(channelKeyOf(seed, crypto.deriveKey))).toBe(vector.channelKey)
    expect(toHex(discoveryKeyOf(publicKey, crypto.hash))).toBe(vector.discoveryKey)
  })
})

describe('a hyphalink', () => {
  const link = keyVectors.cases[0]!.hyphalink

  it('is read back from what is written, in capitals and with white space around it too', () => {
    expect(toHex(parseHyphalink(link))).toBe(link)
    expect(toHex(parseHyphalink(` ${link.toUpperCase()}\n`))).toBe(link)
  })

  it.each([
    '',
    link.slice(1),
    `${link}0`,
    `g${link.slice(1)}`,
    '__proto__',
    undefined,
    null,
    { type: 'Buffer', data: [] },
    'a'.repeat(1_000),
  ])('is not %j', (typed) => {
    expect(() => parseHyphalink(typed)).toThrow(expect.objectContaining({ code: 'HYPHALINK_INVALID' }))
  })
})
