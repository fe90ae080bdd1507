import { rethrowLater } from '../emitter.js'

/** What a user interface holds on to: an immutable snapshot, and news when there is another one. Fits useSyncExternalStore. */
export interface Store<Snapshot> {
  getSnapshot(): Snapshot
  subscribe(listener: () => void): () => void
  /** Something that the snapshot shows may be different. Listeners hear once a microtask, however often this is called. */
  changed(): void
  close(): void
}

export const createStore = <Snapshot>(take: () => Snapshot): Store<Snapshot> => {
  const listeners = new Set<{ listener: () => void }>()
  let current: Snapshot | undefined
  let isTelling = false

  const tell = () => {
    isTelling = false
    for (const { listener } of [...listeners]) {
      try {
        listener()
      } catch (error) {
        rethrowLater(error)
      }
    }
  }
  return {
    getSnapshot: () => {
      current ??= take()
      return current
    },
    subscribe: (listener) => {
      const own = { listener }
      listeners.add(own)
      return () => listeners.delete(own)
    },
    changed: () => {
      current = undefined
      if (isTelling || listeners.size === 0) return
      isTelling = true
      queueMicrotask(tell)
    },
    close: () => listeners.clear(),
  }
}
