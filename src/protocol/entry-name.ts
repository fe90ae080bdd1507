import { utf8 } from './bytes.js'
import { HyphaError } from './errors.js'
import { MAX_KEY_BYTES } from './limits.js'

/** hyperdb keys below this are ours: private entries and records. */
export const RESERVED_PREFIX = '.hypha/'

/** Most names: printable ASCII, where nothing but slashes can be wrong. */
const PLAIN = /^[ -.0-~]+(?:\/[ -.0-~]+)*$/

/** Why this is no name of an entry, as a sentence, or undefined if it is one. */
const fault = (name: unknown): string | undefined => {
  if (typeof name !== 'string') return 'A key must be a string.'
  if (name.length <= MAX_KEY_BYTES && name[0] !== '.' && PLAIN.test(name)) return undefined
  if (name === '') return 'A key must not be empty.'
  if (name.length > MAX_KEY_BYTES || utf8(name).length > MAX_KEY_BYTES) {
    return `A key must not be longer than ${MAX_KEY_BYTES} bytes. Use a shorter one.`
  }
  if (name === '.hypha' || name.startsWith(RESERVED_PREFIX)) {
    return 'Keys that begin with .hypha/ are the runtime’s own. Use another prefix.'
  }
  if (name.split('/').includes('')) {
    return 'A key must not begin or end with a slash or have two in a row. Remove the extra one.'
  }
  if (/\p{Cc}/u.test(name)) return 'A key must not contain control characters. Remove them.'
  // Two different names would have the same UTF-8.
  if (/\p{Cs}/u.test(name)) return 'A key must be well-formed Unicode. Remove the lone surrogates.'
  return undefined
}

export const isName = (name: unknown): name is string => fault(name) === undefined

/** @throws HyphaError KEY_INVALID */
export const checkName = (name: unknown): string => {
  if (isName(name)) return name
  throw new HyphaError('KEY_INVALID', fault(name) ?? '')
}
