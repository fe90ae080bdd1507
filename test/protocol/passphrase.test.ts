import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Crypto } from '../../src/adapters/crypto/crypto.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { normaliseDomain } from '../../src/protocol/domain.js'
import { HyphaError } from '../../src/protocol/errors.js'
import { generatePassphrase, PASSPHRASE_WORDS, parsePassphrase } from '../../src/protocol/passphrase.js'
import { loadWords, randomWord, WORD_COUNT } from '../../src/protocol/words.js'
import { keyVectors } from '../vectors.js'

let crypto: Crypto
let words: readonly string[]

beforeAll(async () => {
  crypto = await createCrypto()
  words = await loadWords()
})

const parse = (typed: unknown, domain = 'ar.al') =>
  parsePassphrase(typed, { domain, words, hash: crypto.hash })

const refusal = (typed: unknown, domain?: string): HyphaError => {
  try {
    parse(typed, domain)
  } catch (error) {
    if (error instanceof HyphaError) return error
  }
  throw new Error('was not refused')
}

const right = keyVectors.cases[0]!.passphrase

describe('the list of words', () => {
  it('is the EFF list: 7,776 different words, sorted', () => {
    expect(words).toHaveLength(WORD_COUNT)
    expect(new Set(words).size).toBe(WORD_COUNT)
    expect(words).toEqual([...words].sort())
  })

  it('gives each word the same chance', () => {
    const draws = [
      [0xff, 0xff],
      [0x00, 0xf3],
      [0x60, 0x1e],
    ]
    // 0xffff and 0xf300 are above the last whole multiple of 7,776, and drawn again; 0x1e60 is 7,776 itself.
    expect(randomWord(words, () => Uint8Array.from(draws.shift()!))).toBe(words[0])
    expect(draws).toHaveLength(0)
  })
})

describe('a passphrase', () => {
  it.each(keyVectors.cases)('of the vectors is right: $domain', ({ domainTyped, passphrase }) => {
    expect(parse(passphrase, normaliseDomain(domainTyped))).toBe(passphrase)
  })

  it.each(keyVectors.bad)('$why', ({ typed, domainTyped, why }) => {
    const domain = normaliseDomain(domainTyped)
    if (why.startsWith('not bad')) expect(parse(typed, domain)).toBe(right)
    else expect(refusal(typed, domain)).toMatchObject({ code: 'PASSPHRASE_INVALID' })
  })

  it('that is generated is accepted for its domain and, nearly always, for no other', () => {
    for (let i = 0; i < 20; i++) {
      const passphrase = generatePassphrase({ domain: 'ar.al', words, ...crypto })
      expect(passphrase.split(' ')).toHaveLength(PASSPHRASE_WORDS)
      expect(parse(passphrase)).toBe(passphrase)
    }
  })

  it('may be typed with any white space and in capitals', () => {
    const spaces = [' ', '  ', '\t', '\n', '\r\n', '\u00a0', '\u2003', '\u3000', '\u2028', '\u0085', '\u200b']
    const space = fc.constantFrom(...spaces)
    fc.assert(
      fc.property(fc.array(space, { minLength: 10, maxLength: 10 }), fc.boolean(), (gaps, capitals) => {
        const typed = right
          .split(' ')
          .map((word, i) => `${gaps[i]}${capitals ? word.toUpperCase() : word}`)
          .join('')
        expect(parse(typed + gaps[9])).toBe(right)
      }),
    )
  })

  it('may hold the four words with a hyphen', () => {
    const hyphenated = words.filter((word) => word.includes('-'))
    expect(hyphenated).toEqual(['drop-down', 'felt-tip', 't-shirt', 'yo-yo'])
    const draws = [...hyphenated, ...hyphenated].map((word) => words.indexOf(word))
    const passphrase = generatePassphrase({
      domain: 'ar.al',
      words,
      hash: crypto.hash,
      randomBytes: () => {
        const number = draws.shift()!
        return Uint8Array.of(number & 255, number >> 8)
      },
    })
    expect(passphrase).toMatch(/^drop-down felt-tip t-shirt yo-yo drop-down /)
    expect(parse(passphrase.toUpperCase())).toBe(passphrase)
  })

  it('with an unlisted word is refused by the position of the word, never by the word', () => {
    for (let position = 1; position <= PASSPHRASE_WORDS; position++) {
      const typed = right.split(' ')
      typed[position - 1] = 'hunter2'
      typed[PASSPHRASE_WORDS - 1] = position === PASSPHRASE_WORDS ? 'hunter2' : 'zzz'
      const error = refusal(typed.join(' '))
      expect(error).toMatchObject({ code: 'PASSPHRASE_INVALID', position })
      expect(error.message).toMatch(new RegExp(`^Word ${position} `))
      expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(/hunter2|zzz|battery/)
    }
  })

  it.each([
    ['', '0 words were'],
    ['plank', '1 word was'],
    ['correct battery staple', '3 words were'],
    [`${right} plank`, '10 words were'],
    ['plank '.repeat(100_000), '100000 words were'],
    [undefined, '0 words were'],
    [{ length: 9 }, '0 words were'],
  ])('of another length is refused by how many words were given', (typed, count) => {
    const error = refusal(typed)
    expect(error).toMatchObject({ code: 'PASSPHRASE_INVALID' })
    expect(error.message).toContain(count)
    expect(error).not.toHaveProperty('position')
  })

  it.each([
    ['one word repeated', 'plank '.repeat(9)],
    ['two words swapped', right.replace('correct battery', 'battery correct')],
    ['another checksum word', right.replace('refutable', 'plank')],
  ])('with %s is refused: a word or the domain is wrong', (_, typed) => {
    const error = refusal(typed)
    expect(error).toMatchObject({ code: 'PASSPHRASE_INVALID' })
    expect(error.message).toContain('domain')
    expect(error.message).not.toMatch(/plank|battery|correct/)
  })
})
