import { equalBytes } from '../../../protocol/bytes.js'
import type { RandomAccess, Storage } from '../../storage/storage.js'
import { type Examination, examineFeed } from './examine-feed.js'
import { openFeedFiles } from './feed-files.js'

export interface ExaminedFilesOptions {
  readonly file: (name: string) => RandomAccess
  /** The key of the feed in a folder (`source`, `local`, `peers/...`); undefined for none that is known. */
  keyOf(folder: string): Uint8Array | undefined
  /** Each feed, once. What it throws is why hypercore can't open the feed. */
  onExamined(folder: string, found: Examination): void
}

/**
 * Files as hypercore is to see them: each feed's are looked through first. hypercore reads the file `key` before it opens any
 * other, so that is where it waits.
 */
export const examinedFiles = ({ file, keyOf, onExamined }: ExaminedFilesOptions) => {
  const examine = async (folder: string, key: Uint8Array): Promise<void> => {
    const files = openFeedFiles((name) => file(`${folder}/${name}`))
    try {
      onExamined(folder, await examineFeed(files, key, 'fetch'))
    } finally {
      await files.close()
    }
  }
  return (name: string): RandomAccess => {
    const opened = file(name)
    const end = name.lastIndexOf('/')
    const folder = name.slice(0, end)
    const key = name.slice(end + 1) === 'key' ? keyOf(folder) : undefined
    if (!key) return opened
    let examined: Promise<void> | undefined
    return {
      write: (offset, bytes, callback) => opened.write(offset, bytes, callback),
      del: (offset, size, callback) => opened.del(offset, size, callback),
      close: (callback) => opened.close(callback),
      read(offset, size, callback) {
        examined ??= examine(folder, key)
        examined.then(
          () => opened.read(offset, size, callback),
          (error: Error) => callback(error),
        )
      },
    }
  }
}

/** Whether the origin that a storage holds is another hypha's: its key says so, and no signature in it is of this one. */
export const holdsAnother = async (storage: Storage, hyphalink: Uint8Array): Promise<boolean> => {
  const files = openFeedFiles((name) => storage.file(`source/${name}`))
  try {
    const key = await files.read('key', 0, hyphalink.length)
    if (!key || equalBytes(key, hyphalink)) return false
    return (await examineFeed(files, hyphalink, 'look')).length === 0
  } finally {
    await files.close()
  }
}
