import { close, constants, fstat, ftruncate, mkdir, open, read, readSync, write, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { SharedBytes } from './handles.js'
import type { OpenFile, OpenFiles } from './open-files.js'

const fs = {
  close: promisify(close),
  mkdir: promisify(mkdir),
  open: promisify(open),
  read: promisify(read),
  stat: promisify(fstat),
  truncate: promisify(ftruncate),
  write: promisify(write),
}

export const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

/** A file for which the process has no number left is tried again for half a second. */
const MAX_TRIES = 25
const PAUSE_MS = 20

interface Operation {
  readonly bytes: number
  /** What to do when the file isn't there; left out where none is needed. */
  readonly opens?: 'make' | 'fail'
  /** At once. */
  readonly quick?: (fd: number) => Buffer | undefined
  /** In another thread. */
  readonly run: (fd: number) => Promise<Buffer | undefined>
  readonly done: (error: Error | null, bytes?: Buffer) => void
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code

const tooShort = () => new Error('The file ends before that')

const readAll = async (fd: number, bytes: Buffer, offset: number): Promise<Buffer> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await fs.read(fd, bytes, done, bytes.length - done, offset + done)
    if (bytesRead === 0) throw tooShort()
    done += bytesRead
  }
  return bytes
}

const readAllSync = (fd: number, bytes: Buffer, offset: number): Buffer => {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(fd, bytes, done, bytes.length - done, offset + done)
    if (count === 0) throw tooShort()
    done += count
  }
  return bytes
}

/** A disk that is nearly full takes a part; that it takes nothing, or says what can't be, is a failure. */
const mustBeSome = (count: number, most: number): number => {
  if (count > 0 && count <= most) return count
  throw new Error('The disk did not take what was written. Check that it is not full')
}

const writeAll = async (fd: number, bytes: Uint8Array, offset: number): Promise<undefined> => {
  for (let done = 0; done < bytes.length; ) {
    const rest = bytes.length - done
    const { bytesWritten } = await fs.write(fd, bytes, done, rest, offset + done)
    done += mustBeSome(bytesWritten, rest)
  }
}

const writeAllSync = (fd: number, bytes: Uint8Array, offset: number): undefined => {
  for (let done = 0; done < bytes.length; ) {
    const rest = bytes.length - done
    done += mustBeSome(writeSync(fd, bytes, done, rest, offset + done), rest)
  }
}

/** What follows the end stays as it is; what reaches the end is cut off. */
const cut = async (fd: number, offset: number, size: number): Promise<undefined> => {
  const { size: length } = await fs.stat(fd)
  if (offset < length && offset + size >= length) await fs.truncate(fd, offset)
}

/**
 * One file of a directory: opened when first used, one operation after the other. What is acknowledged is with the system, so
 * that the process may be killed; it is not waited for until the disk has it, so a power failure may take the last seconds.
 */
export const diskFile = (path: string, files: OpenFiles): SharedBytes => {
  const queue: Operation[] = []
  let fd: number | undefined
  let isRunning = false

  const openFile = async (makes: boolean): Promise<number> => {
    const flags = constants.O_RDWR | (makes ? constants.O_CREAT : 0)
    for (let tried = 1; ; tried++) {
      try {
        return await fs.open(path, flags, FILE_MODE)
      } catch (error) {
        const code = String(codeOf(error))
        if (tried > MAX_TRIES) throw error
        if (makes && code === 'ENOENT') {
          await fs.mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE })
        } else if (code !== 'EMFILE' && code !== 'ENFILE') throw error
        // Others of this process may have them all, for a moment.
        else if (!files.rest()) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
  }

  const closeFile = async (): Promise<undefined> => {
    const closing = fd
    fd = undefined
    files.forget(file)
    if (closing !== undefined) await fs.close(closing)
  }

  const file: OpenFile = {
    rest() {
      if (isRunning || fd === undefined) return false
      isRunning = true
      closeFile()
        .catch(() => {})
        .then(drain)
      return true
    },
  }

  /** A callback's mistake is its owner's, and stops nothing here. */
  const answer = ({ done }: Operation, error: Error | null, bytes?: Buffer): void => {
    try {
      done(error, bytes)
    } catch (mistake) {
      queueMicrotask(() => {
        throw mistake
      })
    }
  }

  const drain = async (): Promise<void> => {
    isRunning = true
    for (let next = queue.shift(); next; next = queue.shift()) {
      let bytes: Buffer | undefined
      let failure: Error | null = null
      try {
        const { quick, opens } = next
        if (opens) {
          fd ??= await openFile(opens === 'make')
          files.touch(file)
        }
        const open = fd ?? -1
        if (quick && files.isQuick(next.bytes)) bytes = files.timed(() => quick(open))
        else bytes = await next.run(open)
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error))
      }
      answer(next, failure, bytes)
    }
    isRunning = false
    files.settle(file)
  }

  const add = (operation: Operation): void => {
    queue.push(operation)
    if (isRunning) return
    isRunning = true
    queueMicrotask(drain)
  }

  return {
    read(offset, size, callback) {
      add({
        bytes: size,
        opens: 'fail',
        quick: (open) => readAllSync(open, Buffer.allocUnsafe(size), offset),
        run: (open) => readAll(open, Buffer.allocUnsafe(size), offset),
        done: callback,
      })
    },
    write(offset, data, callback) {
      add({
        bytes: data.length,
        opens: 'make',
        quick: (open) => writeAllSync(open, data, offset),
        run: (open) => writeAll(open, data, offset),
        done: (error) => callback?.(error),
      })
    },
    del(offset, size = Number.POSITIVE_INFINITY, callback) {
      add({
        bytes: 0,
        opens: 'fail',
        run: (open) => cut(open, offset, size),
        done: (error) => callback?.(codeOf(error) === 'ENOENT' ? null : error),
      })
    },
    release(callback) {
      add({ bytes: 0, run: closeFile, done: callback })
    },
  }
}
