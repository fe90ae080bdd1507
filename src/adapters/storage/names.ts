import { HyphaError } from '../../protocol/errors.js'

const MAX_SEGMENT = 200
// No separators, drives or streams of any system, and nothing that a terminal would take for more than text.
const SEGMENT = /^(?!\.\.?$)[^/\\:*?"<>|\p{Cc}]+$/u

/** The folders and the file of a name. @throws HyphaError OPTION_INVALID (absolute, `..`, empty parts, odd characters) */
export const splitName = (name: string): string[] => {
  const parts = name.split('/')
  if (parts.every((part) => part.length <= MAX_SEGMENT && SEGMENT.test(part))) return parts
  throw new HyphaError(
    'OPTION_INVALID',
    `A file of a storage is named by parts with / in between, and ${JSON.stringify(name)} is no such name.`,
  )
}
