import { once } from 'node:events'
import type { JsonValue } from '../api.js'

/** What a terminal would act on, or would show otherwise than it is: control, format, private and lone characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu
const SHORT = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

const unitsOf = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('')

/** Text of others as one harmless line: what can't be seen is shown as an escape. */
export const harmless = (text: string): string =>
  text.replace(UNSEEN, (character) => SHORT.get(character) ?? unitsOf(character))

/** JSON as one harmless line: the same value to whoever parses it. */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replace(UNSEEN, unitsOf)

/** A value as people read it: strings as they are, the rest as JSON. */
export const plainValue = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? harmless(value) : jsonLine(value ?? null)

export interface Output {
  /** A line of results. Resolves when more may be written. */
  line(text: string): Promise<void>
  /** A line of news, for the person and not for whoever reads the results. */
  note(text: string): void
}

type Streams = { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream }

/** `gone` is called when nobody reads the results any more, as in `hypha ls | head -1`. */
export const createOutput = ({ stdout, stderr }: Streams, gone: () => void): Output => {
  let isGone = false
  stdout.on('error', () => {
    isGone = true
    gone()
  })
  stderr.on('error', () => {})
  return {
    async line(text) {
      if (isGone || stdout.write(`${text}\n`)) return
      // A reader that leaves meanwhile is heard of by the listener above.
      await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(() => {})
    },
    note: (text) => void stderr.write(`${text}\n`),
  }
}
