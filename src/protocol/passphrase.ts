import type { Crypto } from '../adapters/crypto/crypto.js'
import { concat, utf8 } from './bytes.js'
import { HyphaError } from './errors.js'
import { randomWord, splitWords } from './words.js'

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

/**
 * The exact passphrase that somebody meant to type. Capitals and white space are forgiven; anything else is an error, so
 * that a typing error never opens a new, empty hypha. Messages name a position, never a word.
 * @param options.domain normalised
 * @throws HyphaError PASSPHRASE_INVALID, with `position` (from 1) when one word is to blame
 */
export const parsePassphrase = (
  typed: unknown,
  options: { domain: string; words: readonly string[]; hash: Crypto['hash'] },
): string => {
  const { domain, words, hash } = options
  const given = typeof typed === 'string' ? splitWords(typed) : []
  if (given.length !== PASSPHRASE_WORDS) {
    const count = given.length === 1 ? '1 word was' : `${given.length} words were`
    throw new HyphaError(
      'PASSPHRASE_INVALID',
      `A passphrase has ${PASSPHRASE_WORDS} words and ${count} given. Type them all, with spaces between.`,
    )
  }
  const position = given.findIndex((word) => !words.includes(word)) + 1
  if (position > 0) {
    throw new HyphaError(
      'PASSPHRASE_INVALID',
      `Word ${position} of the passphrase is not in the list of words. Check how it is spelt.`,
      { position },
    )
  }
  const random = given.slice(0, RANDOM_WORDS)
  if (checksumWord(random, domain, words, hash) !== given[RANDOM_WORDS]) {
    throw new HyphaError(
      'PASSPHRASE_INVALID',
      'The words are all in the list, but they do not fit together: a word, their order or the domain is wrong. ' +
        'Check the domain first, then each word.',
    )
  }
  return given.join(' ')
}
