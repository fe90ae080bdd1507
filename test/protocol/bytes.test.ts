import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64url, toBase64url } from '../../src/protocol/base64url.js'
import { concat, equalBytes, fromHex, fromUtf8, toHex, utf8 } from '../../src/protocol/bytes.js'

describe('hex', () => {
  it('comes back as the bytes it was', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
        expect(fromHex(toHex(bytes), bytes.length)).toEqual(bytes)
      }),
    )
  })

  it.each([
    ['of another length', 'ab'],
    ['an odd digit', 'abc'],
    ['capitals', 'ABCD'],
    ['no digits', 'zzzz'],
    ['nothing', ''],
    ['white space', ' abc'],
    ['a sign', '-1+1'],
    ['a Buffer as JSON', { type: 'Buffer', data: [1, 2] }],
    ['an array', ['abcd']],
    ['a number', 1234],
    ['null', null],
    ['undefined', undefined],
    ['1 MB', 'a'.repeat(1_000_000)],
  ])('is undefined for %s', (_, text) => {
    expect(fromHex(text, 2)).toBeUndefined()
  })
})

describe('base64url', () => {
  it('is spelt as everywhere, and comes back as the bytes it was', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
        expect(fromBase64url(toBase64url(bytes))).toEqual(bytes)
      }),
    )
  })

  it('has one spelling: what is read is written the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABab01-_=+/ \n'), maxLength: 12 }), (text) => {
        const bytes = fromBase64url(text)
        if (bytes) expect(toBase64url(bytes)).toBe(text)
      }),
    )
  })

  it.each([
    'A',
    'AA==',
    'AB',
    'A+/A',
    'AA A',
    'AAA\n',
    '世界世界',
    7,
    null,
    undefined,
    ['AAAA'],
  ])('is not %j', (text) => {
    expect(fromBase64url(text)).toBeUndefined()
  })
})

describe('bytes', () => {
  it('are joined and compared', () => {
    expect(concat(utf8('a'), new Uint8Array(0), utf8('bc'))).toEqual(utf8('abc'))
    expect(equalBytes(utf8('a'), utf8('a'))).toBe(true)
    expect(equalBytes(utf8('a'), utf8('b'))).toBe(false)
    expect(equalBytes(utf8('a'), utf8('ab'))).toBe(false)
  })

  it('are text only if they are UTF-8', () => {
    expect(fromUtf8(utf8('Grüße, 世界 👋'))).toBe('Grüße, 世界 👋')
    for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe4, 0xb8]]) {
      expect(() => fromUtf8(Uint8Array.from(bad))).toThrow(TypeError)
    }
  })
})
