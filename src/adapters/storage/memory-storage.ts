import { soon } from '../soon.js'
import type { SharedBytes } from './handles.js'
import { memoryBytes } from './memory-bytes.js'
import type { RandomAccess, Storage } from './storage.js'

/** A storage that lives as long as this object does. */
export const memoryStorage = (): Storage => {
  const files = new Map<string, SharedBytes>()
  let isEmpty = true
  return {
    kind: 'memory',
    get isEmpty() {
      return isEmpty
    },
    file(name) {
      const bytes = files.get(name) ?? memoryBytes()
      files.set(name, bytes)
      return handle(bytes, () => {
        isEmpty = false
      })
    },
    remove: async (folder) => {
      for (const name of [...files.keys()]) if (name.startsWith(`${folder}/`)) files.delete(name)
    },
    close: async () => {},
  }
}

/** What a user of the storage closes is a handle, so that the bytes can be opened again. */
const handle = (bytes: SharedBytes, onWrite: () => void): RandomAccess => {
  let closed = false
  const refuse = (callback?: (error: Error | null) => void) =>
    soon(callback, new Error('This file is closed'))
  return {
    read: (offset, size, callback) => (closed ? refuse(callback) : bytes.read(offset, size, callback)),
    write(offset, data, callback) {
      if (closed) return refuse(callback)
      onWrite()
      bytes.write(offset, data, callback)
    },
    del: (offset, size, callback) => (closed ? refuse(callback) : bytes.del(offset, size, callback)),
    close(callback) {
      closed = true
      soon(callback, null)
    },
  }
}
