import type { RandomAccess } from './storage.js'

/** The bytes behind a name. Operations on them happen in the order in which they were asked for. */
export type SharedBytes = Omit<RandomAccess, 'close'> & {
  /** Nobody uses them now; they may be used again. Calls back when all is done and nothing is held. */
  release(callback: (error: Error | null) => void): void
}

export interface Handles {
  /** A handle of its own on what the name means: closing it concerns no other. */
  open(name: string): RandomAccess
  /** Closes all. Whatever was asked for before happens first. */
  closeAll(): Promise<void>
}

type Callback = ((error: Error | null) => void) | undefined

const refuse = (callback: Callback): void => {
  queueMicrotask(() => callback?.(new Error('This file is closed')))
}

const isCount = (...numbers: readonly number[]): boolean =>
  numbers.every((number) => Number.isSafeInteger(number) && number >= 0)

/** Lets the same file be open more than once, as long as the storage is. */
export const createHandles = (find: (name: string) => SharedBytes): Handles => {
  const shared = new Map<string, { bytes: SharedBytes; users: number }>()
  const open = new Set<RandomAccess>()
  return {
    open(name) {
      const entry = shared.get(name) ?? { bytes: find(name), users: 0 }
      shared.set(name, entry)
      entry.users++
      const { bytes } = entry
      const isUsable = (callback: Callback, ...numbers: readonly number[]): boolean => {
        if (!open.has(handle)) refuse(callback)
        else if (isCount(...numbers)) return true
        else queueMicrotask(() => callback?.(new Error('Offsets and sizes are whole numbers from 0')))
        return false
      }
      const handle: RandomAccess = {
        read: (offset, size, callback) => {
          if (isUsable(callback, offset, size)) bytes.read(offset, size, callback)
        },
        write: (offset, data, callback) => {
          if (isUsable(callback, offset)) bytes.write(offset, data, callback)
        },
        del: (offset, size, callback) => {
          // Without an end it is all that follows: hypercore deletes like that.
          if (isUsable(callback, offset)) bytes.del(offset, size, callback)
        },
        close(callback) {
          if (!open.delete(handle)) queueMicrotask(() => callback?.(null))
          else if (--entry.users > 0) queueMicrotask(() => callback?.(null))
          else bytes.release(callback ?? (() => {}))
        },
      }
      open.add(handle)
      return handle
    },
    async closeAll() {
      const errors: Error[] = []
      await Promise.all(
        [...open].map(
          (handle) =>
            new Promise<void>((resolve) =>
              handle.close((error) => {
                if (error) errors.push(error)
                resolve()
              }),
            ),
        ),
      )
      shared.clear()
      if (errors[0]) throw errors[0]
    },
  }
}
