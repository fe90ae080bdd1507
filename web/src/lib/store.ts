/** What a part of the page can follow: a node is one. */
export interface Readable<Value> {
  getSnapshot(): Value
  subscribe(listener: () => void): () => void
}

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
