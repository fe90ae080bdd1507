/** As many as a passphrase has; the runtime checks, this only counts along. */
export const PASSPHRASE_WORDS = 9

interface Place {
  readonly word: string
  /** Where it begins in the text. */
  readonly start: number
}

/** The numbers of a list, “1.” or “2)”, are what people write down beside the words. No word has a digit. */
const placesOf = (text: string): Place[] =>
  [...text.matchAll(/[^\p{White_Space}\u200b\ufeff]+/gu)].flatMap((match) => {
    const word = match[0].replace(/^\d+[.):]*/, '')
    return word === '' ? [] : [{ word, start: match.index + match[0].length - word.length }]
  })

export const splitWords = (text: string): string[] => placesOf(text).map(({ word }) => word.toLowerCase())

/** Where the word at `position` (from 1) stands in a text as it was typed. */
export const rangeOfWord = (text: string, position: number): [start: number, end: number] | undefined => {
  const place = placesOf(text)[position - 1]
  return place && [place.start, place.start + place.word.length]
}

/** Two different positions, from 1, in order: what is asked for to see that a passphrase was saved. */
export const askedPositions = (count: number): [number, number] => {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2))
  const first = a % count
  const second = (first + 1 + (b % (count - 1))) % count
  return first < second ? [first + 1, second + 1] : [second + 1, first + 1]
}
