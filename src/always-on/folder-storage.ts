import type { Storage } from '../adapters/storage/storage.js'

/** One folder of a storage as a storage of its own. Closing it closes nothing: the whole is its owner's. */
export const folderStorage = (storage: Storage, folder: string): Storage => ({
  kind: storage.kind,
  file: (name) => storage.file(`${folder}/${name}`),
  close: async () => {},
})
