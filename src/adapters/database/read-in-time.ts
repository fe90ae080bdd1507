import { READ_TIMEOUT_MS } from '../../protocol/limits.js'
import { storageFailed } from './writer-keys.js'

/** @throws HyphaError STORAGE_FAILED when the storage does not answer, and what reading throws */
export const readInTime = async <T>(reading: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(storageFailed(new Error('A read took too long'))), READ_TIMEOUT_MS)
  })
  return Promise.race([reading, late]).finally(() => clearTimeout(timer))
}
