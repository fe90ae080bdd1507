import { inspect } from 'node:util'
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

  const nine = right.split(' ')
  const wide = (text: string) =>
    text.replace(/[a-z]/g, (letter) => String.fromCodePoint(0xfee0 + letter.charCodeAt(0)))
  const kept: Record<string, string> = {
    'a numbered list': nine.map((word, i) => `${i + 1}. ${word}`).join('\n'),
    'a numbered list, whose lines a field joined': nine.map((word, i) => `${i + 1}. ${word}`).join(''),
    'numbers that touch the words': nine.map((word, i) => `${i + 1}${word}`).join(' '),
    'numbers in brackets, in circles, of other scripts': nine
      .map((word, i) => `${['(1)', '②', '٣', '４）', '5)', '6:', '[7]', '8 –', '9='][i]} ${word}`)
      .join('\r\n'),
    'letters of a list': nine.map((word, i) => `${'abcdefghi'[i]}) ${word}`).join('\n'),
    bullets: nine.map((word, i) => `${'•-*–·▪+>#'[i]} ${word}`).join('\n'),
    ticks: nine.map((word) => `- [x] ${word}`).join('\n'),
    commas: nine.join(', '),
    'a full stop': `${right}. `,
    dashes: nine.join('-'),
    'a dash of each kind': nine.map((word, i) => word + '-‐‑‒–—―−'.charAt(i)).join(''),
    'soft hyphens': right.replace(/(..)/g, '$1\u00ad'),
    'words that a line’s end broke': nine.map((word) => `${word.slice(0, 2)}-\n${word.slice(2)}`).join(' '),
    'spaces that came in': nine.map((word) => `${word.slice(0, 3)} ${word.slice(3)}`).join(' '),
    'spaces that got lost': nine.join(''),
    'a capital for each word instead of spaces': nine
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(''),
    quotes: `“${right}”`,
    'quotes of each kind': nine.map((word, i) => `${'"\'„«‚‹`‘“'[i]}${word}${'"\'“»‘›`’”'[i]}`).join(' '),
    JSON: JSON.stringify(nine),
    tabs: nine.join('\t'),
    'no-break spaces': nine.join('\u00a0'),
    'zero-width characters inside': right.replace(/(..)/g, '$1\u200b\u200d\u2060\ufeff'),
    'zero-width spaces between': nine.join('\u200b'),
    'marks of direction': `\u202b${right}\u202c\u200e`,
    'full-width letters': wide(right),
    'full-width capitals': wide(right).toUpperCase(),
    capitals: right.toUpperCase(),
    'a capital that autocorrection put': right.charAt(0).toUpperCase() + right.slice(1),
    accents: right.replaceAll('e', 'é').replaceAll('a', 'a\u030a'),
    'a Turkish capital': right.toUpperCase().replaceAll('I', 'İ'),
    'a ligature': right.replaceAll('ff', 'ﬀ').replaceAll('fi', 'ﬁ').replaceAll('st', 'ﬆ'),
    'spaces of a web page': nine.join('&nbsp;'),
    'an address': nine.join('%20'),
    'a heading': `Passphrase:\n\n${right}`,
    'a table': nine.map((word, i) => `| ${i + 1} | ${word} |`).join('\n'),
    emoji: nine.join(' 🗝️ '),
    // “word” is a word of the list, too.
    'a label before each word': nine.map((word, i) => `Word ${i + 1}: ${word}`).join('\n'),
    'a table with a heading': `| # | word |\n|---|---|\n${nine.map((word, i) => `| ${i + 1} | ${word} |`).join('\n')}`,
    'a file of a spreadsheet': `number,word\r\n${nine.map((word, i) => `${i + 1},"${word}"`).join('\r\n')}`,
    'a heading of words of the list': `Plank, a word\n${nine.join('\n')}`,
    'a heading up to a colon': `The word for the plank: ${right}`,
    ellipses: nine.join('…'),
  }
  it.each(Object.entries(kept))('is taken as it is kept: %s', (_, typed) => {
    expect(parse(typed)).toBe(right)
  })

  it('is taken with yoyo and yo-yo, however their letters stand', () => {
    for (const toy of ['yoyo', 'yo-yo']) {
      const draws = [toy, toy, 'abacus', 'drop-down', 'zoom', 't-shirt', 'plank', 'felt-tip'].map((word) =>
        words.indexOf(word),
      )
      const randomBytes = () => {
        const number = draws.shift()!
        return Uint8Array.of(number & 255, number >> 8)
      }
      const passphrase = generatePassphrase({ domain: 'ar.al', words, hash: crypto.hash, randomBytes })
      for (const typed of [
        passphrase.replaceAll(' ', '-'),
        passphrase.replaceAll(' ', ''),
        passphrase.replaceAll('-', ''),
      ])
        expect(parse(typed)).toBe(passphrase)
    }
  })

  it('is never taken for another one, whatever stands around it', () => {
    const other = [...nine.slice(0, 8), 'plank']
    for (const typed of [
      other.join(''),
      other.join('-'),
      other.map((word, i) => `${i + 1}. ${word}`).join('\n'),
    ])
      expect(refusal(typed)).toMatchObject({ reason: 'checksum' })
    expect(refusal(`${right} ${right}`)).toMatchObject({ reason: 'count', count: 18 })
    expect(refusal(`${right} plank`)).toMatchObject({ reason: 'count', count: 10 })
    expect(refusal(`word: ${other.join(' ')}`)).toMatchObject({ reason: 'count', count: 10 })
    expect(refusal(`word\n${other.join('\n')}`)).toMatchObject({ reason: 'count', count: 10 })
  })

  it('tells a form what is wrong: how many words, which ones, or that they don’t fit', () => {
    expect(refusal('correct battery')).toMatchObject({ reason: 'count', count: 2 })
    expect(refusal(right, 'other.example')).toMatchObject({ reason: 'checksum', count: 9 })
    const typed = `1. ${nine.map((word, i) => (i === 2 ? 'stap1e' : i === 5 ? 'qqqq' : word)).join('\n2. ')}`
    const error = refusal(typed)
    expect(error).toMatchObject({ reason: 'word', count: 9, position: 3, positions: [3, 6] })
    expect(typed.slice(...error.range!)).toBe('stap1e')
  })

  it('offers the word that was meant, as data that no log shows', () => {
    const typos: [position: number, typed: string][] = [
      [1, 'corect'],
      [2, 'batetry'],
      [3, 'stapel'],
      [4, 'abacvs'],
      [6, 'zoomm'],
      [9, 'refuttable'],
    ]
    for (const [position, typo] of typos) {
      const error = refusal(nine.map((word, i) => (i + 1 === position ? typo : word)).join(' '))
      expect(error).toMatchObject({ reason: 'word', position })
      expect(error.suggestion).toBe(nine[position - 1])
      const shown = [inspect(error), JSON.stringify(error), String(error.stack), JSON.stringify({ ...error })]
      for (const text of shown) {
        expect(text).not.toContain(typo)
        expect(text).not.toContain(nine[position - 1])
      }
    }
    expect(refusal(right.replace('plank', 'xxxxxxxx'))).not.toHaveProperty('suggestion')
  })

  it('tells by the checksum which of several near words was meant', () => {
    const holes = new Map<string, string[]>()
    for (const word of words.filter(({ length }) => length > 4)) {
      const hole = `${word.slice(0, 2)}q${word.slice(3)}`
      holes.set(hole, [...(holes.get(hole) ?? []), word])
    }
    const [typo, [first, second] = []] = [...holes].find(
      ([hole, { length }]) => length > 1 && !words.includes(hole),
    )!
    for (const meant of [first!, second!]) {
      const draws = Array.from({ length: 8 }, () => words.indexOf(meant))
      const randomBytes = () => {
        const number = draws.shift()!
        return Uint8Array.of(number & 255, number >> 8)
      }
      const passphrase = generatePassphrase({ domain: 'ar.al', words, hash: crypto.hash, randomBytes })
      expect(refusal(passphrase.replace(meant, typo)).suggestion).toBe(meant)
    }
  })
})
