import { HyphaError } from '../../../protocol/errors.js'
import type { RandomAccess } from '../../storage/storage.js'
import { storageFailed } from '../writer-keys.js'

/** The files of one feed that are looked at, as hypercore names them. */
export type FeedFile = 'key' | 'tree' | 'data' | 'bitfield' | 'signatures'

/** One feed's files as promises, for who looks at them before hypercore does. */
export interface FeedFiles {
  /** Undefined when the file ends before that, or is not there. @throws HyphaError STORAGE_FAILED */
  read(file: FeedFile, offset: number, size: number): Promise<Uint8Array | undefined>
  /** @throws HyphaError STORAGE_FAILED */
  write(file: FeedFile, offset: number, bytes: Uint8Array): Promise<void>
  /** How long the file is, 0 when it is not there. Quick when it is as long as expected. */
  sizeOf(file: FeedFile, expected: number): Promise<number>
  close(): Promise<void>
}

/** A file that ends before that, or is not there. What a disk refuses is no sign that there is nothing. */
const isAbsence = (error: Error): boolean =>
  !(error instanceof HyphaError) &&
  (!('code' in error) || typeof error.code !== 'string' || error.code === 'ENOENT')

export const openFeedFiles = (find: (file: FeedFile) => RandomAccess): FeedFiles => {
  const open = new Map<FeedFile, RandomAccess>()
  const use = (name: FeedFile): RandomAccess => {
    const file = open.get(name) ?? find(name)
    open.set(name, file)
    return file
  }
  const read = (name: FeedFile, offset: number, size: number): Promise<Uint8Array | undefined> =>
    new Promise((resolve, reject) =>
      use(name).read(offset, size, (error, bytes) => {
        if (!error) resolve(bytes)
        else if (isAbsence(error)) resolve(undefined)
        else reject(storageFailed(error))
      }),
    )
  const reaches = async (name: FeedFile, size: number): Promise<boolean> =>
    size <= 0 || (await read(name, size - 1, 1)) !== undefined
  return {
    read,
    write: (name, offset, bytes) =>
      new Promise((resolve, reject) =>
        use(name).write(offset, Buffer.from(bytes), (error) =>
          error ? reject(storageFailed(error)) : resolve(),
        ),
      ),
    async sizeOf(name, expected) {
      // Storages can't be asked: what can be read ends where the file does.
      if ((await reaches(name, expected)) && !(await reaches(name, expected + 1))) return expected
      let low = 0
      let high = Math.max(64, expected)
      while (await reaches(name, high)) {
        low = high
        high *= 2
      }
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2)
        if (await reaches(name, middle)) low = middle
        else high = middle
      }
      return low
    },
    async close() {
      await Promise.all(
        [...open.values()].map((file) => new Promise<void>((resolve) => file.close(() => resolve()))),
      )
      open.clear()
    },
  }
}
