/** Looks for secrets in text, however they are spelt. */

export interface Secret {
  readonly label: string
  /** Gives it away: to see whether it would be found. */
  readonly example: string
  /** Whether a text gives it away. */
  isIn(text: string, tokens: string): boolean
}

/** Words of a text, in their order, whatever stands between them. */
const tokensOf = (text: string): string =>
  ` ${(text.toLowerCase().match(/[a-z]+(?:-[a-z]+)*/g) ?? []).join(' ')} `

/** A text as it is, and as JSON spells it. */
export const ofText = (label: string, secret: string): Secret => ({
  label,
  example: JSON.stringify(secret),
  isIn: (text) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)),
})

/** So many of the words in a row: as a sentence, in a list, in whatever case. */
export const ofWords = (label: string, words: readonly string[], inARow: number): Secret => {
  const runs = words
    .slice(0, words.length - inARow + 1)
    .map((_, i) => ` ${words.slice(i, i + inARow).join(' ')} `)
  return { label, example: ` ${runs.at(-1)} `, isIn: (_, tokens) => runs.some((run) => tokens.includes(run)) }
}

/** As much of a key is as bad as all of it. */
const WINDOW = 12

/** Bytes: twelve in a row in hex, in base64 of either alphabet, as numbers; and all of them at once. */
export const ofBytes = (label: string, bytes: Uint8Array): Secret => {
  const spellings = new Set<string>()
  for (let i = 0; i + WINDOW <= bytes.length; i++) {
    const part = Buffer.from(bytes.subarray(i, i + WINDOW))
    spellings.add(part.toString('hex')).add([...part].join(','))
    spellings.add(part.toString('base64')).add(part.toString('base64url'))
    spellings.add([...part].map((byte, place) => `"${i + place}":${byte}`).join(','))
  }
  return {
    label,
    example: [...spellings].at(-1) ?? '',
    isIn: (text) => {
      const lower = text.toLowerCase()
      return [...spellings].some((spelling) => text.includes(spelling) || lower.includes(spelling))
    },
  }
}

/** Labels of what a text gives away. */
export const search = (text: string, secrets: readonly Secret[]): string[] => {
  const tokens = tokensOf(text)
  return secrets.filter((secret) => secret.isIn(text, tokens)).map(({ label }) => label)
}
