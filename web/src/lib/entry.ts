import type { Entry, HyphaNode } from 'hypha-runtime'
import { toTrouble } from './explain.js'

export const readEntry = async (node: HyphaNode, key: string): Promise<Entry | undefined> => {
  for await (const entry of node.entries(key)) return entry.key === key ? entry : undefined
  return undefined
}

/** Whether nothing was written between these two. */
export const isSameEntry = (one: Entry | undefined, other: Entry | undefined): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    one.author === other.author &&
    one.time === other.time &&
    one.public === other.public &&
    JSON.stringify(one.value) === JSON.stringify(other.value))

/** What is wrong with a name, in the words of the form. */
const nameTrouble = (name: string): string => {
  if (name === '.hypha' || name.startsWith('.hypha/'))
    return 'Names that begin with .hypha/ are Hypha’s own. Choose another.'
  if (name.split('/').includes(''))
    return 'A name can’t begin or end with a slash, or have two in a row. Remove the extra one.'
  if (/[\p{Cc}\p{Cs}]/u.test(name))
    return 'There is a character in this name that can’t be used. Type it anew.'
  return 'This name is too long. Use a shorter one.'
}

export interface EntryTroubles {
  readonly key?: string
  readonly value?: string
}

/** Why an entry was not written, at the field that is to blame. */
export const entryTroubles = (error: unknown, name: string): EntryTroubles => {
  const { code, message } = toTrouble(error)
  switch (code) {
    case 'KEY_INVALID':
      return { key: nameTrouble(name) }
    case 'VALUE_TOO_LARGE':
      return { value: 'This is too long for one entry. Cut it into several.' }
    case 'VALUE_INVALID':
      return { value: 'This can’t be stored: it is nested too deeply, or has a number that is too large.' }
    default:
      return { value: message }
  }
}
