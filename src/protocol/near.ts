/** How many letters are wrong, missing, too many, or swapped with the next; `most + 1` for more than `most`. */
export const distance = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      let least = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (isSame ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, before[j - 2]! + 1)
      next.push(least)
    }
    ;[before, row] = [row, next]
  }
  return Math.min(row[b.length]!, most + 1)
}

/** A word that is off by more letters than this is another word, not a near miss; of a short one, by more than one letter. */
const NEAR = 2
const SHORT = 4
/** Nobody meant a word of a list by something this long. */
const MAX_LENGTH = 40

/** Words of a list that somebody may have meant, the nearest first. */
export const nearWords = (word: string, words: readonly string[]): string[] => {
  if (word.length > MAX_LENGTH) return []
  const most = word.length <= SHORT ? 1 : NEAR
  return words
    .map((listed) => ({ listed, off: distance(word, listed, most) }))
    .filter(({ off }) => off <= most)
    .sort((a, b) => a.off - b.off)
    .map(({ listed }) => listed)
}
