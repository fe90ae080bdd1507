import { fromUtf8 } from './bytes.js'
import { MAX_JSON_DEPTH } from './limits.js'

/** How deep arrays and objects are nested, at most; brackets inside strings don't count. */
const nestsDeeper = (json: string, maxDepth: number): boolean => {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i)
    if (inString) {
      if (unit === 0x5c) i++
      else if (unit === 0x22) inString = false
    } else if (unit === 0x22) inString = true
    else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > maxDepth) return true
    } else if (unit === 0x5d || unit === 0x7d) depth--
  }
  return false
}

/** Whether there are more opening brackets than that, wherever: seldom, and quicker found than how they nest. */
const opensMore = (json: string, most: number): boolean => {
  let opened = 0
  for (const bracket of '[{')
    for (let at = json.indexOf(bracket); at >= 0; at = json.indexOf(bracket, at + 1))
      if (++opened > most) return true
  return false
}

/**
 * JSON from a peer or a disk: undefined for what is too long, not UTF-8, nested too deep (looked at before parsing, as
 * some parsers overflow) or not JSON. Never throws. Of duplicate keys the last counts; `__proto__` is an own field.
 */
export const parseJson = (bytes: Uint8Array, limits: { maxBytes: number; maxDepth?: number }): unknown => {
  const { maxBytes, maxDepth = MAX_JSON_DEPTH } = limits
  if (bytes.length > maxBytes) return undefined
  try {
    const json = fromUtf8(bytes)
    if (opensMore(json, maxDepth) && nestsDeeper(json, maxDepth)) return undefined
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field that the object itself has: never one of a prototype. */
export const ownField = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

export const ownString = (object: JsonObject, name: string): string | undefined => {
  const value = ownField(object, name)
  return typeof value === 'string' ? value : undefined
}

/** A moment in epoch milliseconds: a whole number that a Date can hold. */
export const ownTime = (object: JsonObject, name: string): number | undefined => {
  const value = ownField(object, name)
  return isTime(value) ? value : undefined
}

export const isTime = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 8.64e15

/** Why a value is no JSON, to follow "because it ". */
export class NotJsonError extends Error {}

/** What nearly every value is made of, found without a look at how it would print. */
const isPlain = (value: object | null): boolean =>
  value === null || (Object.getPrototypeOf(value) === Object.prototype && !(Symbol.toStringTag in value))

/** `JSON.stringify` drops or bends these without a word; a person who stored them would miss them. */
const refuse = (value: unknown, inArray: boolean): void => {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      throw new NotJsonError(`contains a ${typeof value}`)
    case 'bigint':
      throw new NotJsonError('contains a BigInt')
    case 'number':
      if (!Number.isFinite(value)) throw new NotJsonError(`contains ${value}`)
      return
    case 'undefined':
      if (inArray) throw new NotJsonError('contains undefined in an array')
      return
    case 'object': {
      if (isPlain(value)) return
      const kind = Object.prototype.toString.call(value).slice(8, -1)
      if (!/^(Null|Object|Array|String|Number|Boolean)$/.test(kind))
        throw new NotJsonError(`contains ${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`)
    }
  }
}

/**
 * Whether all of a value is plain data, no deeper than that: then JSON says it as it is, and need not be asked about every
 * field, which makes it several times slower.
 */
const isPlainData = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object') return typeof value === 'number' ? Number.isFinite(value) : isScalar(value)
  if (value === null) return true
  if (depth === 0 || 'toJSON' in value) return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlainData(value[i], depth - 1)) return false
    return true
  }
  if (!isPlain(value)) return false
  for (const name in value) {
    if (!isPlainData((value as JsonObject)[name], depth - 1)) return false
  }
  return true
}

const isInvalidDate = (value: unknown): boolean => value instanceof Date && Number.isNaN(value.getTime())

const isScalar = (value: unknown): boolean => typeof value === 'string' || typeof value === 'boolean'

/**
 * The JSON text of a value that an app gave, exactly: what JSON can't say is an error instead of being lost. A field that
 * is undefined is left out, and `toJSON` is honoured, as everywhere.
 * @throws NotJsonError
 */
export const stringifyJson = (value: unknown, maxDepth = MAX_JSON_DEPTH): string => {
  let text: string | undefined
  try {
    if (isPlainData(value, maxDepth)) return JSON.stringify(value)
    text = JSON.stringify(value, function (this: unknown, key, field: unknown) {
      // It would become null.
      if (field === null && isInvalidDate((this as JsonObject)[key]))
        throw new NotJsonError('contains an invalid Date')
      refuse(field, Array.isArray(this))
      return field
    })
  } catch (error) {
    if (error instanceof NotJsonError) throw error
    throw new NotJsonError('is cyclic, nested too deep, too large, or throws when it is read', {
      cause: error,
    })
  }
  if (text === undefined) throw new NotJsonError('is undefined')
  if (nestsDeeper(text, maxDepth)) throw new NotJsonError(`is nested more than ${maxDepth} deep`)
  return text
}
