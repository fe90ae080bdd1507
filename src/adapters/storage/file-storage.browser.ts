import { HyphaError } from '../../protocol/errors.js'
import type { fileStorage as fileStorageOfNode } from './file-storage.js'

/** A page has no directories: whoever calls this is told what to use. */
export const fileStorage: typeof fileStorageOfNode = () => {
  throw new HyphaError(
    'STORAGE_UNAVAILABLE',
    'A page can not keep files in a directory. Use browserStorage(name).',
  )
}
