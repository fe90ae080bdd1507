import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/protocol/bytes.js'
import {
  isJsonObject,
  type JsonObject,
  NotJsonError,
  ownField,
  ownString,
  ownTime,
  parseJson,
  stringifyJson,
} from '../../src/protocol/json.js'
import { MAX_JSON_DEPTH } from '../../src/protocol/limits.js'
import { damaged, fuzz, noise } from '../fuzz.js'

const parse = (text: string, maxBytes = 10_000_000) => parseJson(utf8(text), { maxBytes })

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('JSON from elsewhere', () => {
  it('is read', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('is undefined over the limit of bytes', () => {
    expect(parse('"aa"', 4)).toBe('aa')
    expect(parse('"aaa"', 4)).toBeUndefined()
    expect(parse('"ü"', 4)).toBe('ü')
    expect(parse('"üü"', 4)).toBeUndefined()
  })

  it('is undefined when it is nested too deep', () => {
    expect(parse(nested(MAX_JSON_DEPTH))).toBeInstanceOf(Array)
    expect(parse(nested(MAX_JSON_DEPTH + 1))).toBeUndefined()
    expect(parse(nested(100_000))).toBeUndefined()
    expect(parse('{"a":'.repeat(100_000))).toBeUndefined()
  })

  it('may hold any number of brackets in strings, behind escapes too', () => {
    const text = `"\\"\\\\${'[{'.repeat(1_000)}"`
    expect(parse(text)).toBe(JSON.parse(text))
    expect(parse(`["\\\\",${nested(MAX_JSON_DEPTH)}]`)).toBeUndefined()
  })

  it('is undefined when it is not UTF-8, or begins with a byte order mark', () => {
    expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22), { maxBytes: 10 })).toBeUndefined()
    expect(parse('\ufeff{}')).toBeUndefined()
  })

  it('pollutes no prototype and lends no field of one', () => {
    const json = parse('{"__proto__":{"polluted":true},"constructor":1,"a":"b"}')
    expect(isJsonObject(json)).toBe(true)
    expect(({} as JsonObject).polluted).toBeUndefined()
    expect(ownField(json as JsonObject, 'polluted')).toBeUndefined()
    expect(ownField(parse('{}') as JsonObject, 'constructor')).toBeUndefined()
    expect(ownField(parse('{}') as JsonObject, '__proto__')).toBeUndefined()
    expect(ownString(json as JsonObject, 'a')).toBe('b')
  })

  it('gives a field only if it is of its type', () => {
    const json = {
      text: 'a',
      list: ['a'],
      time: 7,
      half: 0.5,
      negative: -1,
      far: 9e15,
      infinite: Number.POSITIVE_INFINITY,
    }
    expect(ownString(json, 'list')).toBeUndefined()
    expect(ownTime(json, 'time')).toBe(7)
    for (const name of ['text', 'half', 'negative', 'far', 'infinite', 'none']) {
      expect(ownTime(json, name)).toBeUndefined()
    }
  })

  it('takes 10,000 keys, and duplicates by their last', () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => `"k${i}":${i}`)
    expect(ownField(parse(`{${keys.join(',')}}`) as JsonObject, 'k9999')).toBe(9_999)
    expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 })
  })

  it.each(['null', '[]', '7', '"text"', 'true'])('is no object when it is %s', (text) => {
    expect(isJsonObject(parse(text))).toBe(false)
  })

  it('never throws', () => {
    const right = utf8('{"a":[1,{"b":"\\u00e4"}],"c":null}')
    fc.assert(
      fc.property(fc.oneof(noise, damaged(right)), (bytes) => {
        parseJson(bytes, { maxBytes: 1_000 })
      }),
      fuzz,
    )
  })
})

describe('a value on its way to JSON', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic

  it('is written as it will be read', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(stringifyJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
    expect(stringifyJson([{ a: { toJSON: () => ({ b: 1 }) } }, Object.create(null), -0, 'ü\ud800'])).toBe(
      '[{"a":{"b":1}},{},0,"ü\\ud800"]',
    )
    expect(stringifyJson({ a: undefined, when: new Date(0) })).toBe('{"when":"1970-01-01T00:00:00.000Z"}')
  })

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a function within', { a: [() => 1] }],
    ['a symbol', { a: Symbol('a') }],
    ['a BigInt', { a: 1n }],
    ['NaN', [Number.NaN]],
    ['Infinity', { a: Number.NEGATIVE_INFINITY }],
    ['undefined in an array', [undefined]],
    ['a hole in an array', Object.assign([], { 1: 1 })],
    ['a Map', new Map([[1, 2]])],
    ['a Set', { a: new Set() }],
    ['bytes', new Uint8Array(4)],
    ['a cycle', cyclic],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no')
        },
      },
    ],
    ['a toJSON that gives nothing', { toJSON: () => undefined }],
    [
      'a getter that throws',
      {
        get a() {
          throw new Error('no')
        },
      },
    ],
    ['65 arrays', JSON.parse(nested(MAX_JSON_DEPTH + 1))],
    ['very many arrays', Array.from({ length: 100_000 }).reduce((inner) => [inner], [])],
  ])('is refused when it is or holds %s', (_, value) => {
    expect(() => stringifyJson(value)).toThrow(NotJsonError)
  })

  it('may be as deep as may be read', () => {
    expect(stringifyJson(JSON.parse(nested(MAX_JSON_DEPTH)))).toBe(nested(MAX_JSON_DEPTH))
  })
})
