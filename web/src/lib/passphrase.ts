/** As many as a passphrase has; the runtime checks, this only counts along. */
export const PASSPHRASE_WORDS = 9

export const splitWords = (text: string): string[] => text.trim().toLowerCase().split(/\s+/).filter(Boolean)

/** Where the word at `position` (from 1) stands in a text as it was typed. */
export const rangeOfWord = (text: string, position: number): [start: number, end: number] | undefined => {
  const match = [...text.matchAll(/\S+/g)][position - 1]
  return match && [match.index, match.index + match[0].length]
}

/** Two different positions, from 1, in order: what is asked for to see that a passphrase was saved. */
export const askedPositions = (count: number): [number, number] => {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2))
  const first = a % count
  const second = (first + 1 + (b % (count - 1))) % count
  return first < second ? [first + 1, second + 1] : [second + 1, first + 1]
}
