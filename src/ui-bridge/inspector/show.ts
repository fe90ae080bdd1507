/** Makes of a value what may be shown of it: plain, small, frozen. Undefined is left out. */
export type Show = (value: unknown) => unknown

/** Which fields of something are shown, and how; `null` says that one never is. */
export type Fields = Readonly<Record<string, Show | null>>

/** Longest text: of a problem's sentence. */
const MAX_TEXT = 300
/** Longest name or id. */
const MAX_NAME = 96
/** Of a list, or of a record's fields; the rest is counted. */
const MAX_ITEMS = 64

const HIDDEN = '…'
/** Keys, hyphalinks, tokens: nothing that people write is so long without a blank. */
const LONG_RUN = /[0-9a-fA-F]{33,}|[A-Za-z0-9+/_-]{40,}/g
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>“”‘’]+/gi

/** A URL without what may be secret of it: user, query and fragment. */
const bareUrl = (text: string): string => {
  const [plain = ''] = text.split(/[?#]/, 1)
  return plain.replace(/^([^/]*\/\/)[^/]*@/, '$1')
}

const clip = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}${HIDDEN}` : text

/** Too short for any of it, as most names are. */
const MAX_HARMLESS = 32

const cleanText = (text: string, most: number): string => {
  if (text.length <= MAX_HARMLESS && !text.includes('://')) return text
  // Clipped before, too: what comes from afar may be very long.
  const near = text.slice(0, 4 * most)
  return clip(near.replace(URL_IN_TEXT, bareUrl).replace(LONG_RUN, HIDDEN), most)
}

export const text: Show = (value) => (typeof value === 'string' ? cleanText(value, MAX_TEXT) : undefined)
export const name: Show = (value) => (typeof value === 'string' ? cleanText(value, MAX_NAME) : undefined)
export const flag: Show = (value) => (typeof value === 'boolean' ? value : undefined)
export const number: Show = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** Of a public key its first 8 digits. */
export const stub: Show = (value) =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 8) : undefined

const fieldOf = (object: object, field: string): unknown =>
  Object.hasOwn(object, field) ? Reflect.get(object, field) : undefined

export const fields = (shown: Fields): Show => {
  const shows = Object.entries(shown).flatMap(([field, show]) => (show ? [{ field, show }] : []))
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined
    const result: Record<string, unknown> = {}
    for (const { field, show } of shows) {
      const seen = show(fieldOf(value, field))
      if (seen !== undefined) result[field] = seen
    }
    return Object.freeze(result)
  }
}

export const list =
  (show: Show): Show =>
  (value) => {
    if (!Array.isArray(value)) return undefined
    const items = value.slice(0, MAX_ITEMS).map((item) => show(item) ?? null)
    if (value.length > MAX_ITEMS) items.push(`and ${value.length - MAX_ITEMS} more`)
    return Object.freeze(items)
  }

/** Actors by name: as XState writes an actor in JSON. */
export const actors: Show = (value) => {
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value).slice(0, MAX_ITEMS)
  return Object.freeze(
    Object.fromEntries(
      entries.map(([key, actor]) => {
        const id = typeof actor === 'object' && actor !== null ? Reflect.get(actor, 'id') : undefined
        return [cleanText(key, MAX_NAME), Object.freeze({ xstate$$type: 1, id: name(id) ?? '' })]
      }),
    ),
  )
}

/** A problem, or an error: the stable code and the sentence, nothing else of it. */
export const problem: Show = (value) => {
  if (typeof value !== 'object' || value === null) return undefined
  const [code, message] = [Reflect.get(value, 'code'), Reflect.get(value, 'message')]
  return Object.freeze({
    ...(typeof code === 'string' ? { code: cleanText(code, MAX_NAME) } : {}),
    message: text(message) ?? '',
  })
}

/** A machine's state: names in one another. */
export const stateValue = (value: unknown, depth = 8): unknown => {
  if (typeof value === 'string') return clip(value, MAX_NAME)
  if (typeof value !== 'object' || value === null || depth === 0) return undefined
  const entries = Object.entries(value).slice(0, MAX_ITEMS)
  return Object.freeze(
    Object.fromEntries(entries.map(([key, inner]) => [clip(key, MAX_NAME), stateValue(inner, depth - 1)])),
  )
}
