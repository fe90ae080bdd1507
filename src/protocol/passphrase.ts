import type { Crypto } from '../adapters/crypto/crypto.js'
import { concat, utf8 } from './bytes.js'
import { HyphaError, type PassphraseFault } from './errors.js'
import { nearWords } from './near.js'
import { readLetters, readWords, type TypedWord } from './typed-words.js'
import { randomWord } from './words.js'

/** Random words of a passphrase: 8 × 12.9 bits = 103 bits. */
const RANDOM_WORDS = 8
/** And the checksum word. */
export const PASSPHRASE_WORDS = RANDOM_WORDS + 1

const CHECKSUM_CONTEXT = utf8('hypha-runtime/checksum/1\0')

/** The word that proves eight words and their domain right (one typing error in 7,776 goes by). */
const checksumWord = (
  random: readonly string[],
  domain: string,
  words: readonly string[],
  hash: Crypto['hash'],
): string => {
  const bytes = concat(CHECKSUM_CONTEXT, utf8(`${domain}\0${random.join(' ')}`))
  const digest = hash(bytes, { length: 8 })
  const number = new DataView(digest.buffer, digest.byteOffset, 8).getBigUint64(0, true)
  return words[Number(number % BigInt(words.length))]!
}

/** @param options.domain normalised */
export const generatePassphrase = (options: {
  domain: string
  words: readonly string[]
  randomBytes: Crypto['randomBytes']
  hash: Crypto['hash']
}): string => {
  const { domain, words, randomBytes, hash } = options
  const random = Array.from({ length: RANDOM_WORDS }, () => randomWord(words, randomBytes))
  return [...random, checksumWord(random, domain, words, hash)].join(' ')
}

interface Known {
  /** Normalised. */
  readonly domain: string
  readonly words: readonly string[]
  readonly hash: Crypto['hash']
}

/** With the list as a set: what was typed may be long. */
type Listed = Known & { readonly listed: ReadonlySet<string> }

const fits = (given: readonly string[], { domain, words, hash, listed }: Listed): boolean =>
  given.length === PASSPHRASE_WORDS &&
  given.every((word) => listed.has(word)) &&
  checksumWord(given.slice(0, RANDOM_WORDS), domain, words, hash) === given[RANDOM_WORDS]

/** Ways to read what was typed, the likeliest first. The checksum tells which one is right. */
const readingsOf = (typed: string, read: readonly TypedWord[], { words, listed }: Listed): string[][] => {
  const letters = readLetters(typed, words)
  return [
    // What is no word of the list may be the letter of a list, a heading or a tick.
    read.map(({ word }) => word).filter((word) => listed.has(word)),
    ...(letters ? [letters, letters.map((word) => (word === 'yoyo' ? 'yo-yo' : word))] : []),
  ]
}

/**
 * Readings without what says what the words are, where that is made of words of the list too: “Word 1:” before each, a heading on a
 * line of its own or up to a colon.
 */
const withoutLabels = (typed: string, given: readonly string[], { listed }: Listed): string[][] => {
  const listedIn = (text: string) =>
    readWords(text, (word) => listed.has(word))
      .map(({ word }) => word)
      .filter((word) => listed.has(word))
  const times = new Map<string, number>()
  for (const word of given) times.set(word, (times.get(word) ?? 0) + 1)
  const firstLine = typed.search(/[\r\n]/)
  const colon = typed.lastIndexOf(':')
  return [
    given.filter((word) => times.get(word) !== PASSPHRASE_WORDS),
    ...(firstLine < 0 ? [] : [listedIn(typed.slice(firstLine))]),
    ...(colon < 0 ? [] : [listedIn(typed.slice(colon))]),
  ].filter(({ length }) => length === PASSPHRASE_WORDS)
}

const invalid = (message: string, fault: PassphraseFault) =>
  new HyphaError('PASSPHRASE_INVALID', message, fault)

/** What is wrong with words that don't fit. */
const faultOf = (
  read: readonly TypedWord[],
  readings: readonly (readonly string[])[],
  known: Listed,
): HyphaError => {
  const { words, listed } = known
  const given = read.map(({ word }) => word)
  const count = given.length
  const wrong = read.flatMap(({ word }, i) => (listed.has(word) ? [] : [i]))
  const [first] = wrong
  if (count !== PASSPHRASE_WORDS || first === undefined) {
    if (!readings.some(({ length }) => length === PASSPHRASE_WORDS)) {
      return invalid(
        `A passphrase has ${PASSPHRASE_WORDS} words and ${count === 1 ? '1 word was' : `${count} words were`} given. Type them all, with spaces between.`,
        { reason: 'count', count },
      )
    }
    return invalid(
      'The words are all in the list, but they do not fit together: a word, their order or the domain is wrong. ' +
        'Check the domain first, then each word.',
      { reason: 'checksum', count: PASSPHRASE_WORDS },
    )
  }
  const { word, start, end } = read[first]!
  const near = nearWords(word, words)
  const right =
    wrong.length === 1 &&
    near.find((one) =>
      fits(
        given.map((word, i) => (i === first ? one : word)),
        known,
      ),
    )
  const suggestion = right || near[0]
  return invalid(`Word ${first + 1} of the passphrase is not in the list of words. Check how it is spelt.`, {
    reason: 'word',
    count,
    position: first + 1,
    positions: wrong.map((at) => at + 1),
    range: [start, end],
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}

/**
 * The exact passphrase that somebody meant to type, or kept: capitals, numbers, punctuation and whatever else stands around the
 * words is forgiven. The checksum has to fit, so that a typing error never opens a new, empty hypha. Messages name a position,
 * never a word.
 * @throws HyphaError PASSPHRASE_INVALID, with the fields of a {@link PassphraseFault}
 */
export const parsePassphrase = (typed: unknown, known: Known): string => {
  const text = typeof typed === 'string' ? typed : ''
  const listed = { ...known, listed: new Set(known.words) }
  const read = readWords(text, (word) => listed.listed.has(word))
  const readings = readingsOf(text, read, listed)
  const [given = []] = readings
  const labelled = given.length > PASSPHRASE_WORDS ? withoutLabels(text.trim(), given, listed) : []
  const right = [...readings, ...labelled].find((reading) => fits(reading, listed))
  if (right) return right.join(' ')
  throw faultOf(read, readings, listed)
}
