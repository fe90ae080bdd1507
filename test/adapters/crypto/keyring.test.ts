import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Crypto } from '../../../src/adapters/crypto/crypto.js'
import { createKeyring, type Keyring } from '../../../src/adapters/crypto/keyring.js'
import { createCrypto } from '../../../src/adapters/crypto/sodium-crypto.js'
import { fromHex, toHex, utf8 } from '../../../src/protocol/bytes.js'
import { type NamedEntry, privateEntryKey, UnreadValue } from '../../../src/protocol/entry.js'
import { cleanNodeName } from '../../../src/protocol/node-name.js'
import { damaged, fuzz, noise } from '../../fuzz.js'
import { keyVectors } from '../../vectors.js'

const [vector, other] = keyVectors.cases as [(typeof keyVectors.cases)[0], (typeof keyVectors.cases)[0]]
const target = new Uint8Array(32).fill(9)

let crypto: Crypto
let keyring: Keyring
let strangers: Keyring

const keyringOf = (master: string) => createKeyring(crypto, fromHex(master, 32)!)

beforeAll(async () => {
  crypto = await createCrypto()
  keyring = keyringOf(vector.master)
  strangers = keyringOf(other.master)
})

/** With the value parsed, if it isn't yet. */
const read = (entry: NamedEntry | undefined) =>
  entry && { ...entry, value: entry.value instanceof UnreadValue ? entry.value.read() : entry.value }

describe('a keyring', () => {
  it('derives what the vectors say', () => {
    expect(toHex(keyring.hyphalink)).toBe(vector.hyphalink)
    expect(toHex(keyring.recoveryPublicKey)).toBe(vector.recoveryPublicKey)
    expect(toHex(keyring.claim(new Uint8Array(32)).claimKey)).toBe(vector.claimPublicKey)
    const frame = keyring.sealFrame(utf8('{}'))
    expect(
      crypto.openSecretBox(frame.slice(28), frame.slice(2, 26), fromHex(vector.channelKey, 32)!),
    ).toEqual(utf8('{}'))
    const name = utf8('contacts/laura')
    expect(keyring.hashName('contacts/laura')).toBe(
      toHex(crypto.hash(name, { key: fromHex(vector.contentsKey, 32)! })),
    )
  })

  it('wipes the master key', () => {
    const master = fromHex(vector.master, 32)!
    createKeyring(crypto, master)
    expect(master).toEqual(new Uint8Array(32))
  })

  it('refuses to be another hypha’s than the one that is expected', () => {
    const link = (hex: string) => fromHex(hex, 32)!
    expect(createKeyring(crypto, link(vector.master), link(vector.hyphalink)).hyphalink).toHaveLength(32)
    expect(() => createKeyring(crypto, link(vector.master), link(other.hyphalink))).toThrow(
      expect.objectContaining({ code: 'HYPHALINK_INVALID' }),
    )
  })

  it('gives the origin’s secret key once', () => {
    const fresh = keyringOf(vector.master)
    const secretKey = fresh.takeOriginSecretKey()!
    expect(toHex(secretKey)).toBe(vector.identitySeed + vector.hyphalink)
    expect(fresh.takeOriginSecretKey()).toBeUndefined()
    fresh.forgetOrigin()
    expect(toHex(secretKey)).toBe(vector.identitySeed + vector.hyphalink)
  })

  it('gives no origin’s secret key after it has been told to forget it', () => {
    const fresh = keyringOf(vector.master)
    fresh.forgetOrigin()
    expect(fresh.takeOriginSecretKey()).toBeUndefined()
  })

  it('shows nothing when it is printed, serialised, copied or walked', () => {
    expect(JSON.stringify({ keyring })).toBe('{"keyring":{}}')
    expect(inspect(keyring)).toBe('Keyring {}')
    expect(`${keyring}`).toBe('Keyring {}')
    expect(Object.keys(keyring)).toEqual([])
    expect({ ...keyring }).toEqual({})
    const everything = inspect(keyring, { showHidden: true, depth: 9, customInspect: false })
    for (const secret of [vector.identitySeed, vector.channelKey, vector.contentsKey, vector.storageKey]) {
      const bytes = fromHex(secret, 32)!
      expect(everything).not.toContain(secret)
      expect(everything).not.toContain(bytes.subarray(0, 6).join(', '))
    }
  })

  it('seals a frame under a fresh nonce, for its own channel only', () => {
    const [first, second] = [keyring.sealFrame(utf8('hi')), keyring.sealFrame(utf8('hi'))]
    expect(first).not.toEqual(second)
    expect(keyring.openFrame(first)).toEqual(utf8('hi'))
    expect(keyring.openFrame(second)).toEqual(utf8('hi'))
    expect(strangers.openFrame(first)).toBeUndefined()
    expect(keyring.openFrame(Uint8Array.of(0xff, 0xff, 0xff))).toBeUndefined()
  })

  it('seals introductions under a key of their own, bound to their context', () => {
    const [here, there] = [utf8('from Alice to Bob'), utf8('from Bob to Alice')]
    const [first, second] = [
      keyring.sealIntroduction(utf8('hi'), here),
      keyring.sealIntroduction(utf8('hi'), here),
    ]
    expect(first).not.toEqual(second)
    expect(keyring.openIntroduction(first, here)).toEqual(utf8('hi'))
    expect(keyring.openIntroduction(first, there)).toBeUndefined()
    expect(strangers.openIntroduction(first, here)).toBeUndefined()
    const key = crypto.deriveKey('meetings', fromHex(vector.channelKey, 32)!)
    expect(crypto.openBox(first.slice(24), here, first.slice(0, 24), key)).toEqual(utf8('hi'))
    expect(keyring.openFrame(first)).toBeUndefined()
  })

  it('opens an entry as it was sealed, for its own hypha only', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (json, deleted) => {
        const value = deleted ? undefined : JSON.parse(JSON.stringify(json))
        const sealed = keyring.sealEntry('contacts/laura', value, deleted, 7)
        expect(sealed.key).toBe(privateEntryKey(keyring.hashName('contacts/laura')))
        expect(read(keyring.openEntry(sealed.key, sealed.value))).toEqual({
          name: 'contacts/laura',
          deleted,
          value,
          time: 7,
        })
        expect(strangers.openEntry(sealed.key, sealed.value)).toBeUndefined()
        expect(Buffer.from(sealed.value).includes('laura')).toBe(false)
      }),
    )
  })

  it('reads what it sealed last from what it knows, and deciphers it like any other node otherwise', () => {
    const phone = keyringOf(vector.master)
    const value = { text: 'héllo "you"', __proto__: null, list: [1, null, '\ud800'] }
    for (const deleted of [false, true]) {
      const { key, value: box } = keyring.sealEntry('contacts/laura', value, deleted, 7)
      const known = read(keyring.openEntry(key, box))
      expect(known).toEqual(phone.openEntry(key, box))
      expect(keyring.openEntry(key, box)).toEqual(known)
    }
    // What comes back under the same name is not taken for it.
    const first = keyring.sealEntry('laura', 1, false, 7)
    const forged = Uint8Array.from(first.value, (byte, i) => (i === 40 ? byte ^ 1 : byte))
    expect(keyring.openEntry(first.key, forged)).toBeUndefined()
    // However much was sealed since.
    for (let i = 0; i < 300; i++) keyring.sealEntry(`many/${i}`, i, false, 7)
    expect(keyring.openEntry(first.key, first.value)).toMatchObject({ name: 'laura', value: 1 })
  })

  it('does not open an entry that was moved to another name', () => {
    const laura = keyring.sealEntry('laura', 1, false, 7)
    const aral = keyring.sealEntry('aral', 2, false, 7)
    expect(keyring.openEntry(aral.key, laura.value)).toBeUndefined()
    expect(keyring.openEntry('laura', laura.value)).toBeUndefined()
  })

  it('does not open a box that says another name inside, even under the right keys', () => {
    const contents = fromHex(vector.contentsKey, 32)!
    const nonce = new Uint8Array(24)
    const hash = crypto.hash(utf8('laura'), { key: contents })
    const context = Uint8Array.from([...keyring.hyphalink, ...hash])
    const boxed = (name: string) => {
      const box = crypto.box(utf8(`{"k":"${name}","v":1,"t":7}`), context, nonce, contents)
      return Uint8Array.from([2, ...nonce, ...box])
    }
    expect(keyring.openEntry(privateEntryKey(toHex(hash)), boxed('laura'))).toMatchObject({ value: 1 })
    expect(keyring.openEntry(privateEntryKey(toHex(hash)), boxed('aral'))).toBeUndefined()
  })

  it('refuses names and values that can not be stored', () => {
    const code = (code: string) => expect.objectContaining({ code })
    expect(() => keyring.sealEntry('.hypha/x', 1, false, 7)).toThrow(code('KEY_INVALID'))
    expect(() => keyring.sealEntry('a', undefined, false, 7)).toThrow(code('VALUE_INVALID'))
  })

  it('boxes a node’s name for its record', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const boxed = keyring.sealName(name, target)
        expect(keyring.openName(boxed, target)).toBe(cleanNodeName(name))
        expect(keyring.openName(boxed, new Uint8Array(32))).toBeUndefined()
        expect(strangers.openName(boxed, target)).toBeUndefined()
      }),
    )
  })

  it('never throws while it opens', () => {
    const entry = keyring.sealEntry('laura', 1, false, 7)
    const name = keyring.sealName('Phone', target)
    fc.assert(
      fc.property(
        fc.oneof(noise, damaged(keyring.sealFrame(utf8('{}'))), damaged(entry.value), damaged(name)),
        (bytes) => {
          keyring.openFrame(bytes)
          keyring.openEntry(entry.key, bytes)
          keyring.openName(bytes, target)
          keyring.openIntroduction(bytes, target)
        },
      ),
      fuzz,
    )
  })

  it('does nothing more once it is wiped', () => {
    const fresh = keyringOf(vector.master)
    const frame = fresh.sealFrame(utf8('hi'))
    const entry = fresh.sealEntry('laura', 1, false, 7)
    const name = fresh.sealName('Phone', target)
    const introduction = fresh.sealIntroduction(utf8('hi'), target)
    fresh.wipe()
    fresh.wipe()
    expect(fresh.openIntroduction(introduction, target)).toBeUndefined()
    expect(fresh.openFrame(frame)).toBeUndefined()
    expect(fresh.openEntry(entry.key, entry.value)).toBeUndefined()
    expect(fresh.openName(name, target)).toBeUndefined()
    expect(fresh.takeOriginSecretKey()).toBeUndefined()
    const closed = expect.objectContaining({ code: 'CLOSED' })
    expect(() => fresh.sealFrame(utf8('hi'))).toThrow(closed)
    expect(() => fresh.hashName('laura')).toThrow(closed)
    expect(() => fresh.sealEntry('laura', 1, false, 7)).toThrow(closed)
    expect(() => fresh.sealName('Phone', target)).toThrow(closed)
    expect(() => fresh.sealIntroduction(utf8('hi'), target)).toThrow(closed)
    expect(() => fresh.claim(new Uint8Array(32))).toThrow(closed)
  })
})
