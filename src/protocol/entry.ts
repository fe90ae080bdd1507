import { concat, fromHex, utf8 } from './bytes.js'
import { isName, RESERVED_PREFIX } from './entry-name.js'
import { HyphaError } from './errors.js'
import {
  isJsonObject,
  isTime,
  NotJsonError,
  ownField,
  ownString,
  ownTime,
  parseJson,
  stringifyJson,
} from './json.js'
import { MAX_JSON_DEPTH, MAX_KEY_BYTES, MAX_VALUE_BYTES } from './limits.js'
import { MAC_BYTES, NONCE_BYTES } from './secure-ephemeral.js'

/** The first byte of a value in hyperdb says what it is. */
export const PUBLIC_ENTRY = 1
export const PRIVATE_ENTRY = 2
export const NODE_RECORD = 3

/** What an entry says about its name; a deletion is an entry too. */
export interface Entry {
  readonly deleted: boolean
  /** Undefined exactly when it is deleted. What this node has just written may be an {@link UnreadValue}. */
  readonly value: unknown
  /** When it was written, by the writer's clock: epoch ms. */
  readonly time: number
}

export interface NamedEntry extends Entry {
  readonly name: string
}

/** JSON around a value: braces, field names, a time, and a name whose every quote is escaped. */
const AROUND_BYTES = 64 + 2 * MAX_KEY_BYTES
const ENTRY_LIMITS = { maxBytes: MAX_VALUE_BYTES + AROUND_BYTES, maxDepth: MAX_JSON_DEPTH + 1 }

/**
 * The JSON text of a value as an app gives it.
 * @throws HyphaError VALUE_INVALID, VALUE_TOO_LARGE
 */
export const checkValue = (value: unknown): string => {
  let text: string
  try {
    text = stringifyJson(value)
  } catch (error) {
    const why = error instanceof NotJsonError ? error.message : 'can not be encoded'
    throw new HyphaError(
      'VALUE_INVALID',
      `The value can not be stored because it ${why}. Values are JSON: give strings, numbers, booleans, null, and arrays and objects of them.`,
      { cause: error },
    )
  }
  // No unit of a string takes more than three bytes.
  if (text.length > MAX_VALUE_BYTES / 3 && utf8(text).length > MAX_VALUE_BYTES) {
    throw new HyphaError(
      'VALUE_TOO_LARGE',
      `The value is larger than ${MAX_VALUE_BYTES} bytes as JSON. Cut it into several entries.`,
    )
  }
  return text
}

const writeBody = (entry: Entry, name?: string): string => {
  const fields = name === undefined ? [] : [`"k":${JSON.stringify(name)}`]
  if (!entry.deleted) fields.push(`"v":${checkValue(entry.value)}`)
  if (!isTime(entry.time)) throw new RangeError('The time of an entry is in epoch milliseconds')
  fields.push(`"t":${entry.time}`)
  return `{${fields.join(',')}}`
}

const decodeBody = (bytes: Uint8Array) => readBody(parseJson(bytes, ENTRY_LIMITS))

const readBody = (json: unknown): { entry: Entry; name: string | undefined } | undefined => {
  if (!isJsonObject(json)) return undefined
  const time = ownTime(json, 't')
  if (time === undefined) return undefined
  const deleted = !Object.hasOwn(json, 'v')
  return { entry: { deleted, value: ownField(json, 'v'), time }, name: ownString(json, 'k') }
}

/**
 * A public entry's value in hyperdb.
 * @throws HyphaError VALUE_INVALID, VALUE_TOO_LARGE
 */
export const encodeEntry = (entry: Entry): Uint8Array =>
  concat(Uint8Array.of(PUBLIC_ENTRY), utf8(writeBody(entry)))

export const decodeEntry = (bytes: Uint8Array): Entry | undefined =>
  bytes[0] === PUBLIC_ENTRY ? decodeBody(bytes.subarray(1))?.entry : undefined

/**
 * What goes into a private entry's box, as text: its UTF-8 is what is boxed.
 * @throws HyphaError VALUE_INVALID, VALUE_TOO_LARGE
 */
export const writePrivateEntry = (entry: NamedEntry): string => writeBody(entry, entry.name)

/** The value in what {@link writePrivateEntry} wrote on this node and just now: it is right, and parsed when somebody asks. */
export class UnreadValue {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }

  read(): unknown {
    const { v } = JSON.parse(this.#text) as { v: unknown }
    return v
  }
}

export const decodePrivateEntry = (bytes: Uint8Array): NamedEntry | undefined => {
  const body = decodeBody(bytes)
  return body && isName(body.name) ? { name: body.name, ...body.entry } : undefined
}

export interface Box {
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
}

/** A private entry's value in hyperdb. */
export const encodeEntryBox = ({ nonce, ciphertext }: Box): Uint8Array =>
  concat(Uint8Array.of(PRIVATE_ENTRY), nonce, ciphertext)

/** The parts share the value's bytes. */
export const decodeEntryBox = (bytes: Uint8Array): Box | undefined => {
  if (bytes[0] !== PRIVATE_ENTRY || bytes.length < 1 + NONCE_BYTES + MAC_BYTES) return undefined
  if (bytes.length > 1 + NONCE_BYTES + MAC_BYTES + ENTRY_LIMITS.maxBytes) return undefined
  return { nonce: bytes.subarray(1, 1 + NONCE_BYTES), ciphertext: bytes.subarray(1 + NONCE_BYTES) }
}

/** What a private entry's box is bound to. @param nameHash 32 bytes */
export const entryBoxContext = (hyphalink: Uint8Array, nameHash: Uint8Array): Uint8Array =>
  concat(hyphalink, nameHash)

/** Where a private entry lives in hyperdb. @param nameHash hex */
export const privateEntryKey = (nameHash: string): string => RESERVED_PREFIX + nameHash

/** Whether nothing but a private entry may live at a hyperdb key; whether one does, {@link parsePrivateEntryKey} says. */
export const isPrivateEntryKey = (key: string): boolean =>
  key.length === PRIVATE_KEY_LENGTH && key.startsWith(RESERVED_PREFIX)

const PRIVATE_KEY_LENGTH = RESERVED_PREFIX.length + 64

/** The hash in a private entry's hyperdb key, or undefined if it isn't one. */
export const parsePrivateEntryKey = (key: string): Uint8Array | undefined =>
  key.startsWith(RESERVED_PREFIX) ? fromHex(key.slice(RESERVED_PREFIX.length), 32) : undefined
