/** A typed emitter. A listener that throws hurts nobody else: its error is rethrown on its own, outside of the runtime. */
export interface Emitter<Events> {
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void
  /** Forgets every listener. */
  clear(): void
}

export const rethrowLater = (error: unknown): void => {
  queueMicrotask(() => {
    throw error
  })
}

export const createEmitter = <Events>(): Emitter<Events> => {
  const listeners = new Map<keyof Events, Set<(payload: never) => void>>()
  return {
    on: (name, listener) => {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      // A wrapper of its own, so that the same function may listen twice and stop once.
      const own = (payload: never) => listener(payload)
      set.add(own)
      return () => set.delete(own)
    },
    emit: (name, payload) => {
      for (const listener of [...(listeners.get(name) ?? [])]) {
        try {
          listener(payload as never)
        } catch (error) {
          rethrowLater(error)
        }
      }
    },
    clear: () => listeners.clear(),
  }
}
