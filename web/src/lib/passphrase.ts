/** As many as a passphrase has; the runtime checks, this only counts along. */
export const PASSPHRASE_WORDS = 9

/** The numbers of a list, “1.” or “2)”, and what else stands around words is what people write down. No word has a digit. */
export const splitWords = (text: string): string[] =>
  (text.normalize('NFKC').match(/[\p{L}\p{M}\p{Cf}\p{Pd}]+/gu) ?? []).flatMap((run) => {
    const word = run.replace(/\p{Cf}/gu, '').replace(/^\p{Pd}+|\p{Pd}+$/gu, '')
    return word === '' ? [] : [word.toLowerCase()]
  })

/** Two different positions, from 1, in order: what is asked for to see that a passphrase was saved. */
export const askedPositions = (count: number): [number, number] => {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2))
  const first = a % count
  const second = (first + 1 + (b % (count - 1))) % count
  return first < second ? [first + 1, second + 1] : [second + 1, first + 1]
}
