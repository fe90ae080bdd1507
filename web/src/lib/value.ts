import type { Readable } from 'hypha-runtime/store'

export type { Readable }

/** Something of the page itself that its parts follow, as they follow the node. */
export interface Writable<Value> extends Readable<Value> {
  set(value: Value): void
}

export const createValue = <Value>(first: Value): Writable<Value> => {
  const listeners = new Set<() => void>()
  let current = first
  return {
    getSnapshot: () => current,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    set: (value) => {
      if (value === current) return
      current = value
      for (const listener of [...listeners]) listener()
    },
  }
}
