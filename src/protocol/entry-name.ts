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

/** Names are one where they look the same: letters with marks have several forms, and this is the one that keyboards mostly give. */
export const normalName = (name: string): string => (ASCII.test(name) ? name : name.normalize('NFC'))

const ASCII = /^[\0-\x7f]*$/

/** What is asked for: a name in its one form. Names of the runtime's own are as good as not there. */
export const readableName = (name: unknown): string => {
  if (typeof name === 'string' && name.startsWith(RESERVED_PREFIX)) return name
  return checkName(typeof name === 'string' ? normalName(name) : name)
}

/** What names that are asked for begin with. @throws HyphaError KEY_INVALID */
export const readablePrefix = (prefix: unknown): string => {
  if (typeof prefix !== 'string') throw new HyphaError('KEY_INVALID', 'A prefix must be a string.')
  if (prefix.startsWith('/') || prefix.includes('//'))
    throw new HyphaError(
      'KEY_INVALID',
      'No key begins with a slash or has two in a row, so this prefix finds nothing. Remove the extra one.',
    )
  return normalName(prefix)
}

export const isName = (name: unknown): name is string => fault(name) === undefined

/** @throws HyphaError KEY_INVALID */
export const checkName = (name: unknown): string => {
  if (isName(name)) return name
  throw new HyphaError('KEY_INVALID', fault(name) ?? '')
}
