import { HyphaError } from '../../protocol/errors.js'
import type { Storage } from './storage.js'

export interface BrowserStorageOptions {
  /** Where the page serves `hypha-runtime/storage-worker`. From a Blob unless given. */
  readonly worker?: string | URL
}

/**
 * Keeps a hypha in the browser, under a name that is the page's own: one tab at a time. In Node there is none.
 * @throws HyphaError STORAGE_UNAVAILABLE
 */
export const browserStorage = (_name: string, _options: BrowserStorageOptions = {}): Storage => {
  throw new HyphaError(
    'STORAGE_UNAVAILABLE',
    'There is no browser here to store anything in. Use fileStorage(directory).',
  )
}
