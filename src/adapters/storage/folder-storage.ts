import { answeredFile } from './answered-file.js'
import type { Storage } from './storage.js'

/** One folder of a storage as a storage of its own. Opening and closing are for the owner of the whole. */
export const folderStorage = (storage: Storage, folder: string): Storage => ({
  kind: storage.kind,
  file: (name) => answeredFile(() => storage.file(`${folder}/${name}`)),
  ...(storage.wrapping ? { wrapping: storage.wrapping } : {}),
  close: async () => {},
})
