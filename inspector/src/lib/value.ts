/** A value that parts of the page follow. */
export interface Value<Type> {
  get(): Type
  set(value: Type): void
  subscribe(listener: () => void): () => void
}

export const createValue = <Type>(first: Type): Value<Type> => {
  const listeners = new Set<() => void>()
  let current = first
  return {
    get: () => current,
    set: (value) => {
      if (value === current) return
      current = value
      for (const listener of [...listeners]) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
