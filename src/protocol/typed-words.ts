/** One word of a text, as it would stand in the list. */
export interface TypedWord {
  readonly word: string
  /** Where it stands in the text. */
  readonly start: number
  readonly end: number
}

/** Letters and digits with what may stand inside a word. Zero-width spaces part words, as people paste them. */
const RUN = /(?:(?![\u200b\ufeff])[\p{L}\p{M}\p{N}\p{Cf}\p{Pd}])+/gu
/** Numbers of a list and dashes of bullets, which touch the word. No word of the list has a digit. */
const BEFORE = /^[\p{N}\p{M}\p{Cf}\p{Pd}]+/u
const AFTER = /\p{Pd}+$/u

/** Full-width letters, ligatures, accents, soft hyphens, capitals: all that is only another look. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replace(/\p{Pd}/gu, '-')
    .toLowerCase()

/** A run with hyphens is one word of the list, or several that hyphens part. */
const wordsOf = (run: string, start: number, isListed: (word: string) => boolean): TypedWord[] => {
  const whole = { word: plain(run), start, end: start + run.length }
  if (isListed(whole.word)) return [whole]
  const parts = [...run.matchAll(/[^\p{Pd}]+/gu)].map(({ 0: part, index }) => ({
    word: plain(part),
    start: start + index,
    end: start + index + part.length,
  }))
  const words: TypedWord[] = []
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!
    const next = parts[i + 1]
    const joined = next && `${part.word}-${next.word}`
    if (next && joined && isListed(joined)) {
      words.push({ word: joined, start: part.start, end: next.end })
      i++
    } else if (part.word !== '') words.push(part)
  }
  return words
}

/** The words of a text, without the numbers, bullets and punctuation around them. */
export const readWords = (text: string, isListed: (word: string) => boolean): TypedWord[] =>
  [...text.matchAll(RUN)].flatMap(({ 0: whole, index }) => {
    const before = BEFORE.exec(whole)?.[0].length ?? 0
    const run = whole.slice(before).replace(AFTER, '')
    return run === '' ? [] : wordsOf(run, index + before, isListed)
  })

/**
 * The words of a text whose letters alone count: spaces that got lost or came in, words that a line's end broke. No word of the
 * list begins with another one, so there is one way at most to read it, but for `yoyo` and `yo-yo`.
 */
export const readLetters = (text: string, words: readonly string[]): string[] | undefined => {
  const letters = plain(text).replace(/[^a-z]/g, '')
  const byLetters = lettersOf(words)
  const read: string[] = []
  for (let at = 0; at < letters.length; ) {
    let end = at + SHORTEST
    while (end <= at + LONGEST && !byLetters.has(letters.slice(at, end))) end++
    const word = byLetters.get(letters.slice(at, end))
    if (word === undefined) return undefined
    read.push(word)
    at = end
  }
  return read
}

/** Of the words in the list. */
const SHORTEST = 3
const LONGEST = 9

let known: { words: readonly string[]; byLetters: Map<string, string> } | undefined

const lettersOf = (words: readonly string[]): Map<string, string> => {
  if (known?.words !== words)
    known = { words, byLetters: new Map(words.map((word) => [word.replace('-', ''), word])) }
  return known.byLetters
}
