import { createRequire } from 'node:module'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Crypto } from '../../src/adapters/crypto/crypto.js'
import { createKeyring } from '../../src/adapters/crypto/keyring.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { concat, toHex, utf8 } from '../../src/protocol/bytes.js'
import { isClaimProven } from '../../src/protocol/claim.js'
import { FIRST_FRAME_BYTES, readDiscoveryKey } from '../../src/protocol/first-frame.js'
import { encodeGreeting, type Greeting, REFUSALS, readGreeting } from '../../src/protocol/greeting.js'
import { discoveryKeyOf } from '../../src/protocol/hyphalink.js'
import { MAX_GREETING_BYTES } from '../../src/protocol/limits.js'
import { damaged, fuzz, noise } from '../fuzz.js'

const bytes = (length: number) => new Uint8Array(length).fill(length)
const claim: Greeting = {
  type: 'claim',
  hyphalink: bytes(32),
  claimKey: bytes(32),
  certificate: bytes(64),
  signature: bytes(64),
}
const greetings: Greeting[] = [
  { type: 'unclaimed', nonce: bytes(32), code: true },
  { type: 'unclaimed', nonce: bytes(32), code: false },
  ...REFUSALS.map((reason) => ({ type: 'refused', reason }) as const),
  { type: 'claimed' },
  claim,
  { ...claim, code: '123-456' },
]

const framed = (text: string, length = utf8(text).length): Uint8Array => {
  const header = new Uint8Array(4)
  new DataView(header.buffer).setUint32(0, length)
  return concat(utf8('HYPHA/1\n'), header, utf8(text))
}

describe('a greeting', () => {
  it.each(greetings)('comes back as it was, and leaves what follows: $type', (greeting) => {
    const message = readGreeting(concat(encodeGreeting(greeting), utf8('rest')))
    expect(message).toEqual({ message: greeting, rest: utf8('rest') })
  })

  it.each(greetings)('is waited for until it is whole: $type', (greeting) => {
    const whole = encodeGreeting(greeting)
    for (let end = 0; end < whole.length; end++) expect(readGreeting(whole.subarray(0, end))).toBe('more')
  })

  it('is read from the middle of a buffer too', () => {
    const buffer = concat(utf8('xyz'), encodeGreeting({ type: 'claimed' }))
    expect(readGreeting(buffer.subarray(3))).toMatchObject({ message: { type: 'claimed' } })
  })

  it('is told from hypercore-protocol and from noise by its first byte', () => {
    for (const other of [
      Uint8Array.of(0x3d),
      utf8('HYPHA/2\n'),
      utf8('GET / HTTP/1.1'),
      Uint8Array.of(0xff),
    ]) {
      expect(readGreeting(other)).toBe('not-a-greeting')
    }
  })

  it('is at most MAX_GREETING_BYTES, known from its length alone', () => {
    const text = (length: number) => `{"type":"claimed","pad":"${'a'.repeat(length - 27)}"}`
    expect(readGreeting(framed(text(MAX_GREETING_BYTES)))).toMatchObject({ message: { type: 'claimed' } })
    expect(readGreeting(framed(text(MAX_GREETING_BYTES + 1)).subarray(0, 12))).toBe('bad')
    expect(readGreeting(framed('', 0xffffffff))).toBe('bad')
  })

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"type":"hello"}',
    '{"type":"constructor"}',
    '{"__proto__":{"type":"claimed"}}',
    '{"type":"refused"}',
    '{"type":"refused","reason":"__proto__"}',
    '{"type":"unclaimed","code":true}',
    `{"type":"unclaimed","nonce":"${'00'.repeat(31)}","code":true}`,
    `{"type":"unclaimed","nonce":"${'00'.repeat(32)}"}`,
    '{"type":"claim"}',
    JSON.stringify({ type: 'claim', hyphalink: '00'.repeat(32), claimKey: { type: 'Buffer', data: [] } }),
  ])('is bad when it says %s', (text) => {
    expect(readGreeting(framed(text))).toBe('bad')
  })

  it('has a code of at most 64 characters', () => {
    expect(readGreeting(encodeGreeting({ ...claim, code: 'a'.repeat(64) }))).toMatchObject({ rest: bytes(0) })
    expect(readGreeting(encodeGreeting({ ...claim, code: 'a'.repeat(65) }))).toBe('bad')
  })

  it('never makes it throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(noise, ...greetings.map((greeting) => damaged(encodeGreeting(greeting)))),
        (arrived) => {
          readGreeting(arrived)
        },
      ),
      fuzz,
    )
  })
})

describe('a claim', () => {
  let crypto: Crypto

  beforeAll(async () => {
    crypto = await createCrypto()
  })

  it('is proven by one of the person’s nodes, for that connection and that hypha', () => {
    const keyring = createKeyring(crypto, bytes(32))
    const stranger = createKeyring(crypto, new Uint8Array(32).fill(1))
    const { hyphalink } = keyring
    const connection = { nonce: bytes(32), discoveryKey: discoveryKeyOf(hyphalink, crypto.hash) }
    const mine = { hyphalink, ...keyring.claim(connection.nonce) }
    const theirs = stranger.claim(connection.nonce)
    expect(isClaimProven(mine, connection, crypto)).toBe(true)
    expect(isClaimProven(mine, { ...connection, nonce: new Uint8Array(32) }, crypto)).toBe(false)
    expect(isClaimProven(mine, { ...connection, discoveryKey: bytes(32) }, crypto)).toBe(false)
    expect(isClaimProven({ ...mine, hyphalink: stranger.hyphalink }, connection, crypto)).toBe(false)
    expect(isClaimProven({ ...mine, ...theirs }, connection, crypto)).toBe(false)
    expect(isClaimProven({ ...mine, certificate: theirs.certificate }, connection, crypto)).toBe(false)
    expect(isClaimProven({ ...mine, signature: theirs.signature }, connection, crypto)).toBe(false)
    expect(isClaimProven({ ...mine, hyphalink: bytes(31) }, connection, crypto)).toBe(false)
  })

  it('for the all-zero hyphalink is not proven', () => {
    const zero = new Uint8Array(32)
    const discoveryKey = discoveryKeyOf(zero, crypto.hash)
    const proof = {
      hyphalink: zero,
      claimKey: zero,
      certificate: new Uint8Array(64),
      signature: new Uint8Array(64),
    }
    expect(isClaimProven(proof, { nonce: zero, discoveryKey }, crypto)).toBe(false)
  })
})

describe('the first frame of hypercore-protocol', () => {
  type Protocol = (options?: object) => { feed(key: Buffer): unknown; read(): Buffer; finalize(): void }
  const protocol: Protocol = createRequire(import.meta.url)('hypercore-protocol')
  const key = Buffer.alloc(32, 7)

  const begin = (options?: object): Uint8Array => {
    const stream = protocol(options)
    stream.feed(key)
    const first = stream.read()
    stream.finalize()
    return first
  }

  it('tells the discovery key, as soon as it is whole', async () => {
    const crypto = await createCrypto()
    const first = begin()
    const expected = toHex(discoveryKeyOf(key, crypto.hash))
    for (let end = 0; end < FIRST_FRAME_BYTES; end++)
      expect(readDiscoveryKey(first.subarray(0, end))).toBe('more')
    expect(toHex(readDiscoveryKey(first.subarray(0, FIRST_FRAME_BYTES)) as Uint8Array)).toBe(expected)
    expect(toHex(readDiscoveryKey(first) as Uint8Array)).toBe(expected)
  })

  it('is bad without encryption', () => {
    expect(readDiscoveryKey(begin({ encrypt: false }))).toBe('bad')
  })

  it('is bad when it is anything else, at the first byte that differs', () => {
    for (const other of ['GET / HTTP/1.1\r\n', 'HYPHA/1\n', '\u0016\u0003\u0001', '\u00ff']) {
      expect(readDiscoveryKey(utf8(other).subarray(0, 1))).toBe('bad')
    }
    fc.assert(
      fc.property(fc.oneof(noise, damaged(begin())), (arrived) => {
        const read = readDiscoveryKey(arrived)
        if (read instanceof Uint8Array) expect(read).toHaveLength(32)
      }),
      fuzz,
    )
  })
})
