import ram from 'random-access-memory'
import type { RandomAccess, Storage } from './storage.js'

/** The library's own page is 1 MiB for each of a feed's seven files. */
const PAGE_BYTES = 32 * 1024

/** A storage that lives as long as this object does. */
export const memoryStorage = (): Storage => {
  const files = new Map<string, RandomAccess>()
  let isEmpty = true
  return {
    kind: 'memory',
    get isEmpty() {
      return isEmpty
    },
    file(name) {
      const bytes = files.get(name) ?? ram({ pageSize: PAGE_BYTES })
      files.set(name, bytes)
      return handle(bytes, () => {
        isEmpty = false
      })
    },
    close: async () => {},
  }
}

/** What a user of the storage closes is a handle, so that the bytes can be opened again. */
const handle = (bytes: RandomAccess, onWrite: () => void): RandomAccess => {
  let closed = false
  const refuse = (callback?: (error: Error | null) => void) => {
    queueMicrotask(() => callback?.(new Error('This file is closed')))
  }
  return {
    read: (offset, size, callback) => (closed ? refuse(callback) : bytes.read(offset, size, callback)),
    write(offset, data, callback) {
      if (closed) return refuse(callback)
      onWrite()
      // The library takes no other.
      bytes.write(offset, Buffer.from(data.buffer, data.byteOffset, data.length), callback)
    },
    del: (offset, size, callback) => (closed ? refuse(callback) : bytes.del(offset, size, callback)),
    close(callback) {
      closed = true
      queueMicrotask(() => callback?.(null))
    },
  }
}
