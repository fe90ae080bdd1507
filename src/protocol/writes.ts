import type { Write } from '../api.js'
import { checkValue } from './entry.js'
import { checkName, normalName } from './entry-name.js'
import { HyphaError } from './errors.js'
import { unknownName } from './given.js'
import { MAX_BATCH_ENTRIES } from './limits.js'

/** @throws HyphaError OPTION_INVALID, BATCH_TOO_LARGE */
export const checkBatch = (writes: readonly Write[]): void => {
  if (!Array.isArray(writes)) {
    throw new HyphaError('OPTION_INVALID', 'A batch is an array of writes.')
  }
  if (writes.length > MAX_BATCH_ENTRIES) {
    throw new HyphaError(
      'BATCH_TOO_LARGE',
      `A batch takes ${MAX_BATCH_ENTRIES} writes at most and ${writes.length} were given. Cut it into several.`,
    )
  }
}

const FIELDS: Readonly<Record<keyof Write, true>> = { type: true, key: true, value: true, public: true }

/** All of a write but its value, which is checked where it is encoded. @throws HyphaError OPTION_INVALID, KEY_INVALID */
export const checkWrite = (write: Write): void => {
  if (write?.type !== 'put' && write?.type !== 'del') {
    throw new HyphaError('OPTION_INVALID', "Each write of a batch has a type, 'put' or 'del'.")
  }
  for (const name in write)
    if (!Object.hasOwn(FIELDS, name)) throw unknownName('A write has no field', name, Object.keys(FIELDS))
  checkName(write.key)
  if (write.public !== undefined && typeof write.public !== 'boolean') {
    throw new HyphaError('OPTION_INVALID', 'public is true or false.')
  }
}

/** Writes whose keys have their one form. What is no write is left for the check. */
export const normalWrites = (writes: readonly Write[]): readonly Write[] => {
  if (!Array.isArray(writes)) return writes
  const isNormal = writes.every(
    (write) => typeof write?.key !== 'string' || normalName(write.key) === write.key,
  )
  if (isNormal) return writes
  return writes.map((write) =>
    typeof write?.key === 'string' ? { ...write, key: normalName(write.key) } : write,
  )
}

/**
 * Writes that have to wait, with their values as they are now.
 * @throws HyphaError what writing them would throw
 */
export const copyWrites = (writes: readonly Write[]): readonly Write[] => {
  checkBatch(writes)
  return writes.map((write) => {
    checkWrite(write)
    return write.type === 'del' ? { ...write } : { ...write, value: JSON.parse(checkValue(write.value)) }
  })
}
