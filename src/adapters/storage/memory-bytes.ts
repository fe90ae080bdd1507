import { soon } from '../soon.js'
import type { SharedBytes } from './handles.js'

/** random-access-memory's own page is 1 MiB for each of a feed's seven files. */
const PAGE_BYTES = 32 * 1024

/** Random-access bytes in memory, in pages that come with the first write to them. What nobody wrote is zeros. */
export const memoryBytes = (): SharedBytes => {
  const pages: (Uint8Array | undefined)[] = []
  let length = 0

  const forEachPart = (
    offset: number,
    size: number,
    visit: (page: number, from: number, to: number, done: number) => void,
  ): void => {
    for (let done = 0; done < size; ) {
      const page = Math.floor((offset + done) / PAGE_BYTES)
      const from = offset + done - page * PAGE_BYTES
      const to = Math.min(PAGE_BYTES, from + size - done)
      visit(page, from, to, done)
      done += to - from
    }
  }

  return {
    read(offset, size, callback) {
      if (offset + size > length) return soon(callback, new Error('The file ends before that'))
      const bytes = Buffer.allocUnsafe(size)
      forEachPart(offset, size, (number, from, to, done) => {
        const page = pages[number]
        if (page) bytes.set(page.subarray(from, to), done)
        else bytes.fill(0, done, done + to - from)
      })
      soon(callback, null, bytes)
    },
    write(offset, data, callback) {
      const { length: size } = data
      forEachPart(offset, size, (number, from, to, done) => {
        const page = pages[number] ?? new Uint8Array(PAGE_BYTES)
        pages[number] = page
        page.set(to - from === size ? data : data.subarray(done, done + to - from), from)
      })
      if (size > 0) length = Math.max(length, offset + size)
      soon(callback, null)
    },
    /** What follows the end stays as it is; what reaches the end is cut off. */
    del(offset, size = Number.POSITIVE_INFINITY, callback) {
      if (offset < length && offset + size >= length) {
        length = offset
        pages.length = Math.min(pages.length, Math.ceil(offset / PAGE_BYTES))
        pages[Math.floor(offset / PAGE_BYTES)]?.fill(0, offset % PAGE_BYTES)
      }
      soon(callback, null)
    },
    release: (callback) => soon(callback, null),
  }
}
