import { createValue, type Readable } from './value.js'

/** A small text that this browser remembers beside what the node stores. No secret goes in. */
export interface Kept extends Readable<string | undefined> {
  /** Whether it will be there after a reload: some browsers keep nothing for some pages. */
  keep(text: string): boolean
  forget(): void
}

const PREFIX = 'hypha.'

export const createKept = (name: string): Kept => {
  const key = PREFIX + name
  const read = (): string | undefined => {
    try {
      return localStorage.getItem(key) ?? undefined
    } catch {
      return undefined
    }
  }
  const value = createValue(read())
  // Another tab may have been the one in use.
  addEventListener('storage', (event) => {
    if (event.key === key || event.key === null) value.set(read())
  })
  return {
    getSnapshot: value.getSnapshot,
    subscribe: value.subscribe,
    keep: (text) => {
      value.set(text)
      try {
        localStorage.setItem(key, text)
      } catch {
        return false
      }
      return read() === text
    },
    forget: () => {
      value.set(undefined)
      try {
        localStorage.removeItem(key)
      } catch {
        // Then it was never kept.
      }
    },
  }
}
