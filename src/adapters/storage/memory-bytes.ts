import ram from 'random-access-memory'
import { soon } from '../soon.js'
import type { SharedBytes } from './handles.js'

/** The library's own page is 1 MiB for each of a feed's seven files. */
const PAGE_BYTES = 32 * 1024
/** A file that is no longer than this takes no more: of an empty feed's seven files each holds a header, or a key. */
const SMALL_BYTES = 512

/**
 * Random-access bytes in memory: random-access-memory's pages, asked directly. They answer at once, so that its queue, made for
 * slow media, only costs: a put takes seven of these.
 */
export const memoryBytes = (): SharedBytes => {
  let pages = ram({ pageSize: SMALL_BYTES })
  let isSmall = true
  const grow = () => {
    const small = pages
    pages = ram({ pageSize: PAGE_BYTES })
    isSmall = false
    if (small.length === 0) return
    small._read({
      offset: 0,
      size: small.length,
      callback: (_, data = Buffer.alloc(0)) =>
        pages._write({ offset: 0, size: data.length, data, callback: () => {} }),
    })
  }
  return {
    read: (offset, size, done) => pages._read({ offset, size, callback: (...said) => soon(done, ...said) }),
    write(offset, bytes, done) {
      if (isSmall && offset + bytes.length > SMALL_BYTES) grow()
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
