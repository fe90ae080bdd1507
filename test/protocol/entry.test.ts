import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../src/protocol/bytes.js'
import {
  checkValue,
  decodeEntry,
  decodeEntryBox,
  decodePrivateEntry,
  encodeEntry,
  encodeEntryBox,
  entryBoxContext,
  parsePrivateEntryKey,
  privateEntryKey,
  UnreadValue,
  writePrivateEntry,
} from '../../src/protocol/entry.js'
import { checkName, isName } from '../../src/protocol/entry-name.js'
import { HyphaError } from '../../src/protocol/errors.js'
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../../src/protocol/limits.js'
import {
  decodeNodeRecord,
  encodeNodeRecord,
  nodeRecordKey,
  parseNodeRecordKey,
} from '../../src/protocol/record.js'
import { damaged, fuzz, noise } from '../fuzz.js'

const time = fc.nat(2 ** 31 - 1)
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('the name of an entry', () => {
  it.each([
    'a',
    'contacts/laura',
    'hypha',
    '.hyphae/x',
    'a/.hypha/b',
    ' ',
    '世界/👋',
    '..',
    '__proto__',
  ])('may be %j', (name) => {
    expect(checkName(name)).toBe(name)
  })

  it.each([
    ['empty', ''],
    ['a slash', '/'],
    ['begun by a slash', '/a'],
    ['ended by a slash', 'a/'],
    ['two slashes', 'a//b'],
    ['ours', '.hypha/x'],
    ['ours alone', '.hypha'],
    ['ours, and a slash', '.hypha/'],
    ['a control character', 'a\nb'],
    ['a NUL', 'a\0'],
    ['a delete character', 'a\u007f'],
    ['a lone surrogate', 'a\ud800'],
    ['too long', 'a'.repeat(MAX_KEY_BYTES + 1)],
    ['too long as UTF-8', `${'ü'.repeat(MAX_KEY_BYTES / 2)}a`],
    ['1 MB', 'a'.repeat(1_000_000)],
    ['a number', 7],
    ['undefined', undefined],
  ])('may not be %s', (_, name) => {
    expect(isName(name)).toBe(false)
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
    expect(() => checkName(name)).toThrow(/\.$/)
  })

  it('may have MAX_KEY_BYTES', () => {
    expect(isName('a'.repeat(MAX_KEY_BYTES))).toBe(true)
    expect(isName('ü'.repeat(MAX_KEY_BYTES / 2))).toBe(true)
  })
})

describe('a value', () => {
  it.each([
    undefined,
    () => 1,
    1n,
    Number.NaN,
    new Map(),
  ])('that is no JSON gives VALUE_INVALID: %s', (value) => {
    expect(() => checkValue(value)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
    expect(() => checkValue(value)).toThrow(/because it .*JSON.*\.$/)
  })

  it('may have MAX_VALUE_BYTES as JSON, public or private', () => {
    const value = 'ü'.repeat((MAX_VALUE_BYTES - 2) / 2)
    const name = '"'.repeat(MAX_KEY_BYTES)
    expect(decodeEntry(encodeEntry({ deleted: false, value, time: 1 }))?.value).toBe(value)
    const entry = { name, deleted: false, value, time: 8.64e15 }
    expect(decodePrivateEntry(utf8(writePrivateEntry(entry)))).toEqual(entry)
    expect(new UnreadValue(writePrivateEntry(entry)).read()).toEqual(entry.value)
    const tooLarge = expect.objectContaining({ code: 'VALUE_TOO_LARGE' })
    expect(() => checkValue(`${value}a`)).toThrow(tooLarge)
    expect(() => encodeEntry({ deleted: false, value: 'a'.repeat(MAX_VALUE_BYTES), time: 1 })).toThrow(
      tooLarge,
    )
  })
})

describe('an entry', () => {
  it('comes back as it was, public or private, deleted or not', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter(isName)
    fc.assert(
      fc.property(fc.jsonValue(), time, fc.boolean(), name, (json, t, deleted, name) => {
        const entry = { deleted, value: deleted ? undefined : asJson(json), time: t }
        expect(decodeEntry(encodeEntry(entry))).toEqual(entry)
        expect(decodePrivateEntry(utf8(writePrivateEntry({ name, ...entry })))).toEqual({ name, ...entry })
      }),
    )
  })

  it('is the bytes of the format', () => {
    const entry = { deleted: false, value: { a: [1] }, time: 7 }
    expect(encodeEntry(entry)).toEqual(concat(Uint8Array.of(1), utf8('{"v":{"a":[1]},"t":7}')))
    expect(encodeEntry({ deleted: true, value: undefined, time: 7 })).toEqual(
      concat(Uint8Array.of(1), utf8('{"t":7}')),
    )
    expect(utf8(writePrivateEntry({ name: 'a"', ...entry }))).toEqual(
      utf8('{"k":"a\\"","v":{"a":[1]},"t":7}'),
    )
  })

  it.each([
    ['nothing', ''],
    ['another kind', '\u0002{"v":1,"t":1}'],
    ['no JSON', '\u0001{'],
    ['no object', '\u0001[]'],
    ['no time', '\u0001{"v":1}'],
    ['a time in words', '\u0001{"v":1,"t":"1"}'],
    ['a time of no number', '\u0001{"v":1,"t":1e999}'],
    ['a time before times', '\u0001{"v":1,"t":-1}'],
    ['nesting too deep', `\u0001{"v":${'['.repeat(65)}${']'.repeat(65)},"t":1}`],
  ])('is not %s', (_, text) => {
    expect(decodeEntry(utf8(text))).toBeUndefined()
  })

  it.each([
    '{"v":1,"t":1}',
    '{"k":7,"v":1,"t":1}',
    '{"k":".hypha/nodes","v":1,"t":1}',
    '{"k":"a//b","t":1}',
  ])('that is private has a name: not %s', (text) => {
    expect(decodePrivateEntry(utf8(text))).toBeUndefined()
  })

  it('that is boxed is a kind, a nonce and at least a MAC', () => {
    const box = { nonce: new Uint8Array(24).fill(1), ciphertext: new Uint8Array(16).fill(2) }
    const bytes = encodeEntryBox(box)
    expect(decodeEntryBox(bytes)).toEqual(box)
    expect(decodeEntryBox(bytes.subarray(0, 40))).toBeUndefined()
    expect(decodeEntryBox(concat(Uint8Array.of(1), bytes.subarray(1)))).toBeUndefined()
    expect(decodeEntryBox(encodeEntryBox({ ...box, ciphertext: new Uint8Array(2_000_000) }))).toBeUndefined()
  })

  it('that is private lives at the hash of its name', () => {
    const hash = 'ab'.repeat(32)
    expect(privateEntryKey(hash)).toBe(`.hypha/${hash}`)
    expect(parsePrivateEntryKey(privateEntryKey(hash))).toEqual(new Uint8Array(32).fill(0xab))
    for (const key of ['', hash, `.hypha/${hash}a`, `.hypha/${hash.toUpperCase()}`, `.hypha/nodes/${hash}`]) {
      expect(parsePrivateEntryKey(key)).toBeUndefined()
    }
    expect(entryBoxContext(new Uint8Array(32), new Uint8Array(32))).toHaveLength(64)
  })

  it('never throws while it is read', () => {
    const right = encodeEntry({ deleted: false, value: { a: ['ü', null] }, time: 1 })
    fc.assert(
      fc.property(fc.oneof(noise, damaged(right)), (bytes) => {
        decodeEntry(bytes)
        decodePrivateEntry(bytes.subarray(1))
        decodeEntryBox(bytes)
        decodeNodeRecord(bytes)
      }),
      fuzz,
    )
  })
})

describe('an authorisation record', () => {
  const target = '11'.repeat(32)
  const author = '22'.repeat(32)
  const record = { boxedName: new Uint8Array(50).fill(7), at: 7, request: '33'.repeat(16) }

  it('lives at its target and its author', () => {
    const key = nodeRecordKey(target, author)
    expect(key).toBe(`.hypha/nodes/${target}/${author}`)
    expect(parseNodeRecordKey(key)).toEqual({ target, author })
    const bad = [
      `${key}/`,
      `${key}/a`,
      `/${key}`,
      key.slice(0, -1),
      `.hypha/nodes/${target}`,
      '.hypha/nodes//',
      'a',
    ]
    for (const other of bad) expect(parseNodeRecordKey(other)).toBeUndefined()
  })

  it('comes back as it was', () => {
    const request = fc.constantFrom('', record.request)
    const boxedName = fc.uint8Array({ minLength: 40, maxLength: 296 })
    fc.assert(
      fc.property(boxedName, time, request, (boxedName, at, request) => {
        expect(decodeNodeRecord(encodeNodeRecord({ boxedName, at, request }))).toEqual({
          boxedName,
          at,
          request,
        })
      }),
    )
  })

  it.each([
    ['another version', { v: 2 }],
    ['a short name', { name: 'AAAA' }],
    ['a long name', { name: 'A'.repeat(396) }],
    ['a name of another alphabet', { name: `${'A'.repeat(79)}+` }],
    ['no time', { at: null }],
    ['a request of another length', { request: '33' }],
    ['a request of bytes', { request: { type: 'Buffer', data: [1] } }],
    ['more than 1 KiB', { more: 'a'.repeat(1_024) }],
  ])('is not one with %s', (_, change) => {
    const json = { v: 1, name: 'A'.repeat(80), at: 7, request: '' }
    const bytes = (fields: object) => concat(Uint8Array.of(3), utf8(JSON.stringify(fields)))
    expect(decodeNodeRecord(bytes(json))).toBeDefined()
    expect(decodeNodeRecord(bytes({ ...json, ...change }))).toBeUndefined()
  })

  it('never throws while it is read', () => {
    fc.assert(
      fc.property(fc.oneof(noise, damaged(encodeNodeRecord(record))), (bytes) => {
        decodeNodeRecord(bytes)
      }),
      fuzz,
    )
    fc.assert(
      fc.property(fc.string(), (key) => {
        parseNodeRecordKey(key)
        parsePrivateEntryKey(key)
        expect(() => isName(key)).not.toThrow(HyphaError)
      }),
      fuzz,
    )
  })
})
