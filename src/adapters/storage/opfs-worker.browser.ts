// Holds the files of one storage in a browser: synchronous access handles of the origin's private file system, which only
// workers have. Everything that a page asked for in one turn arrives as one message and is answered by one.
import { concat } from '../../protocol/bytes.js'
import type { Answers, Batch, Start, Started } from './opfs-messages.browser.js'

/** The library of types has these for workers alone. */
interface SyncFile {
  read(into: Uint8Array, at: { at: number }): number
  write(bytes: Uint8Array, at: { at: number }): number
  truncate(size: number): void
  getSize(): number
  flush(): void
  close(): void
}
interface SyncFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncFile>
}

/** A worker of a page that was reloaded lets go of its files a moment after the new one wants them. */
const BUSY_TRIES = 40
const BUSY_PAUSE_MS = 50

const files = new Map<string, SyncFile>()
let root: FileSystemDirectoryHandle | undefined

const isSyncable = (handle: FileSystemFileHandle): handle is SyncFileHandle =>
  'createSyncAccessHandle' in handle

const openHandle = async (handle: SyncFileHandle): Promise<SyncFile> => {
  for (let tried = 1; ; tried++) {
    try {
      return await handle.createSyncAccessHandle()
    } catch (error) {
      const isBusy = error instanceof DOMException && error.name === 'NoModificationAllowedError'
      if (!isBusy || tried === BUSY_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS))
    }
  }
}

const openFile = async (name: string, create: boolean): Promise<SyncFile> => {
  const parts = name.split('/')
  let folder = root!
  for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part, { create })
  const handle = await folder.getFileHandle(parts.at(-1)!, { create })
  if (!isSyncable(handle)) throw new Error('This browser has no access handles')
  const file = await openHandle(handle)
  files.set(name, file)
  return file
}

/** Some browsers answer a number that is none where there is no room, others a part of what was given: neither is written. */
const writeAll = (file: SyncFile, bytes: Uint8Array, offset: number): void => {
  const count = file.write(bytes, { at: offset })
  if (count !== bytes.length) throw new Error('QuotaExceededError: there is no room for all of it')
}

const readUpTo = (file: SyncFile, size: number, offset: number): Uint8Array => {
  const into = new Uint8Array(size)
  const count = file.read(into, { at: offset })
  if (!(count >= 0 && count <= size)) throw new Error('The browser could not read the file')
  return into.subarray(0, count)
}

const release = (name: string): void => {
  const file = files.get(name)
  files.delete(name)
  file?.flush()
  file?.close()
}

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === 'NotFoundError'

const performAll = async ({ orders, bytes }: Batch): Promise<void> => {
  const sizes: number[] = []
  const read: Uint8Array[] = []
  let given = 0
  let failure: string | undefined
  try {
    for (const { kind, name, offset, size } of orders) {
      let answer = 0
      if (kind === 'release') release(name)
      else {
        const file =
          files.get(name) ??
          (await openFile(name, kind === 'write').catch((error: unknown) => {
            if (!isMissing(error)) throw error
          }))
        if (!file) answer = kind === 'size' ? -1 : 0
        else if (kind === 'size') answer = file.getSize()
        else if (kind === 'cut') file.truncate(offset)
        else if (kind === 'write') {
          writeAll(file, bytes.subarray(given, given + size), offset)
          given += size
        } else {
          const found = readUpTo(file, size, offset)
          answer = found.length
          read.push(found)
        }
      }
      sizes.push(answer)
    }
  } catch (error) {
    failure = String(error)
  }
  const packed = new Uint8Array(concat(...read))
  const answers: Answers = { ...(failure === undefined ? {} : { failure }), sizes, bytes: packed }
  postMessage(answers, { transfer: [packed.buffer] })
}

const start = async ({ folder, alive }: Start): Promise<Started> => {
  await new Promise<void>((resolve, reject) => {
    const held = () => {
      resolve()
      return new Promise<void>(() => {})
    }
    navigator.locks.request(alive, held).catch(reject)
  })
  if (
    typeof FileSystemFileHandle !== 'function' ||
    !('createSyncAccessHandle' in FileSystemFileHandle.prototype)
  )
    return 'unsupported'
  root = await navigator.storage.getDirectory()
  for (const name of folder) root = await root.getDirectoryHandle(name, { create: true })
  return 'ready'
}

let last: Promise<unknown> = Promise.resolve()

const hear = ({ data }: MessageEvent<Start | Batch>): void => {
  if ('orders' in data) last = last.then(() => performAll(data))
  else {
    // Private windows of some browsers have the API and refuse its use.
    last = start(data)
      .catch((): Started => 'unsupported')
      .then((started) => postMessage(started))
  }
}

if (typeof addEventListener === 'function') addEventListener('message', hear)
