import type { JsonValue } from 'hypha-runtime'

/** How a value is written and edited: strings as they are, everything else as JSON. */
export type Format = 'text' | 'json'

/** What a row shows of a value, at most; the rest shows when it is opened. */
const PREVIEW_CHARACTERS = 280

export const formatOf = (value: JsonValue): Format => (typeof value === 'string' ? 'text' : 'json')

export const toText = (value: JsonValue): string =>
  typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)

/** `{ text: 'x' }` reads as “text: x” until it is opened. */
export const previewOf = (value: JsonValue): { text: string; isCut: boolean } => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const isCut = text.length > PREVIEW_CHARACTERS
  return { text: isCut ? `${text.slice(0, PREVIEW_CHARACTERS)}…` : text, isCut }
}

/** @throws SyntaxError with a sentence for people */
export const parseValue = (text: string, format: Format): JsonValue => {
  if (format === 'text') return text
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    throw new SyntaxError(
      'This isn’t JSON. Put names and texts in double quotes, as in {"title": "Milk"}; or choose Text.',
    )
  }
}
