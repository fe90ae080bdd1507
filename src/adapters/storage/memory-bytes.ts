import ram from 'random-access-memory'
import { soon } from '../soon.js'
import type { SharedBytes } from './handles.js'

/** The library's own page is 1 MiB for each of a feed's seven files. */
const PAGE_BYTES = 32 * 1024

/**
 * Random-access bytes in memory: random-access-memory's pages, asked directly. They answer at once, so that its queue, made for
 * slow media, only costs: a put takes seven of these.
 */
export const memoryBytes = (): SharedBytes => {
  const pages = ram({ pageSize: PAGE_BYTES })
  return {
    read: (offset, size, done) => pages._read({ offset, size, callback: (...said) => soon(done, ...said) }),
    write(offset, bytes, done) {
      // The library takes no other.
      const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      pages._write({ offset, size: data.length, data, callback: (error) => soon(done, error) })
    },
    del(offset, size = Number.POSITIVE_INFINITY, done) {
      // It would make a file longer that ends before.
      if (offset >= pages.length) return soon(done, null)
      pages._del({ offset, size, callback: (error) => soon(done, error) })
    },
    release: (done) => soon(done, null),
  }
}
