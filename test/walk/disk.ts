import { memoryBytes } from '../../src/adapters/storage/memory-bytes.js'
import type { RandomAccess, Storage } from '../../src/adapters/storage/storage.js'

type SharedBytes = ReturnType<typeof memoryBytes>
type Callback = ((error: Error | null, bytes?: Uint8Array) => void) | undefined

/** A disk in memory: what was written outlasts the node that wrote it. */
export interface Disk {
  /** A storage for the next node on it. The one before must have been closed, or have crashed. */
  boot(): Storage
  /** The machine goes down: what was asked for and not done yet never happens, and of one write perhaps a half. */
  crash(): void
  /** Once nobody uses it any more. */
  remove(): void
}

interface DiskOptions {
  /** Whether operations take a turn, so that a crash comes between them. */
  readonly isSlow: boolean
  /** Whether the first write that a crash overtakes is half there. */
  readonly isTorn: boolean
}

const gone = () => new Error('The machine is down')

export const createDisk = ({ isSlow, isTorn }: DiskOptions): Disk => {
  const files = new Map<string, SharedBytes>()
  let isEmpty = true
  let cut = () => {}

  const bytesOf = (name: string): SharedBytes => {
    const bytes = files.get(name) ?? memoryBytes()
    files.set(name, bytes)
    return bytes
  }

  const boot = (): Storage => {
    let isDead = false
    /** In the order in which they were asked for, whichever file they are about. */
    const waiting: { run(): void; refuse(): void; tear?(): void }[] = []
    let isTurning = false
    const turn = () => {
      isTurning = false
      for (const { run } of waiting.splice(0)) run()
    }
    const inTurn = (run: () => void, callback: Callback, tear?: () => void) => {
      const refuse = () => queueMicrotask(() => callback?.(gone()))
      if (isDead) return refuse()
      if (!isSlow) return run()
      waiting.push({ run, refuse, ...(tear ? { tear } : {}) })
      if (isTurning) return
      isTurning = true
      setImmediate(turn)
    }
    cut = () => {
      if (isDead) return
      isDead = true
      const lost = waiting.splice(0)
      if (isTorn) lost.find(({ tear }) => tear)?.tear?.()
      for (const { refuse } of lost) refuse()
    }

    const file = (name: string): RandomAccess => {
      const bytes = bytesOf(name)
      let isClosed = false
      const use = (run: () => void, callback: Callback, tear?: () => void) => {
        if (isClosed) queueMicrotask(() => callback?.(new Error('This file is closed')))
        else inTurn(run, callback, tear)
      }
      return {
        read: (offset, size, callback) => use(() => bytes.read(offset, size, callback), callback),
        write: (offset, data, callback) => {
          // What is written is what it was when it was asked for.
          const copy = new Uint8Array(data)
          isEmpty = false
          use(
            () => bytes.write(offset, copy, callback),
            callback,
            () => bytes.write(offset, copy.subarray(0, copy.length >> 1)),
          )
        },
        del: (offset, size, callback) => use(() => bytes.del(offset, size, callback), callback),
        close: (callback) => {
          isClosed = true
          queueMicrotask(() => callback?.(null))
        },
      }
    }
    return {
      kind: 'disk',
      get isEmpty() {
        return isEmpty
      },
      file,
      close: async () => {},
    }
  }
  return { boot, crash: () => cut(), remove: () => files.clear() }
}
