import type { RandomAccess, Storage } from '../adapters/storage/storage.js'

/**
 * How a write goes wrong. `fails`: it and all later ones answer with an error. `killed`: it and all that comes after never
 * happens, as when the process ends. `torn`: its first half is written, then as killed. `once`: only it fails.
 */
export type StorageFault = 'fails' | 'killed' | 'torn' | 'once'

export interface FaultyStorage extends Storage {
  readonly writes: number
  /** Everything that was written, by file. */
  readonly written: readonly { name: string; bytes: Uint8Array }[]
  /** Resolves at the fault. */
  readonly struck: Promise<void>
  /** Arms the fault for the write after so many more. */
  arm(after: number, fault: StorageFault): void
}

/** A storage over another that goes wrong at one write. */
export const faultyStorage = (
  storage: Storage,
  at = Number.POSITIVE_INFINITY,
  kind: StorageFault = 'fails',
): FaultyStorage => {
  let writes = 0
  let strikeAt = at
  let fault = kind
  let isStruck = false
  let strike = () => {}
  const struck = new Promise<void>((resolve) => {
    strike = resolve
  })
  const written: { name: string; bytes: Uint8Array }[] = []
  const isDead = () => isStruck && (fault === 'killed' || fault === 'torn')

  const wrap = (name: string, file: RandomAccess): RandomAccess => ({
    read: (offset, size, callback) => {
      if (!isDead()) file.read(offset, size, callback)
    },
    write(offset, bytes, callback) {
      const isNow = writes++ === strikeAt
      if (isDead()) return
      if (isNow) {
        isStruck = true
        strike()
        if (fault === 'torn') file.write(offset, bytes.subarray(0, bytes.length >> 1))
      }
      if (isDead()) return
      if (isNow || (isStruck && fault === 'fails')) {
        queueMicrotask(() => callback?.(new Error('ENOSPC: no space left on device')))
      } else {
        written.push({ name, bytes: new Uint8Array(bytes) })
        file.write(offset, bytes, callback)
      }
    },
    del: (offset, size, callback) => file.del(offset, size, callback),
    close(callback) {
      if (!isDead()) file.close(callback)
    },
  })
  return {
    kind: storage.kind,
    file: (name) => wrap(name, storage.file(name)),
    close: () => storage.close(),
    get writes() {
      return writes
    },
    written,
    struck,
    arm(after, how) {
      strikeAt = writes + after
      fault = how
      isStruck = false
    },
  }
}
