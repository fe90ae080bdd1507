/** Hears of what changes under a prefix. */
export type Listener<Change> = (change: Change) => void

export interface Watchers<Change extends { readonly name: string }> {
  /**
   * Hears of every change whose name begins with `prefix` (any string). The same listener may watch several times.
   * @returns stops this watch, at once: also in the middle of a notification
   */
  watch(prefix: string, listener: Listener<Change>): () => void
  /** Tells the changes in order; for each, the shortest prefix hears first, then who watched first. Who begins to watch meanwhile hears of later ones. */
  notify(changes: readonly Change[]): void
  /** Whether anybody would hear. */
  readonly isWatching: boolean
  /** Ends every watch. */
  clear(): void
}

export interface WatchersOptions {
  /** A listener threw, or its promise was rejected. The others have heard, and it will hear on. */
  onError(error: unknown): void
}

interface Watch<Change> {
  readonly listener: Listener<Change>
  /** The notification that it was added during, or before. */
  readonly since: number
  stopped: boolean
}

/** Finds the listeners of a change by its name: the cost is one look-up a length of prefix in use, however many watch. */
export const createWatchers = <Change extends { readonly name: string }>({
  onError,
}: WatchersOptions): Watchers<Change> => {
  const watches = new Map<string, Set<Watch<Change>>>()
  /** Length → how many prefixes of that length are watched; its keys ascending in `ordered`. */
  const lengths = new Map<number, number>()
  let ordered: readonly number[] = []
  let notification = 0

  const count = (length: number, by: 1 | -1): void => {
    const left = (lengths.get(length) ?? 0) + by
    if (left > 0) lengths.set(length, left)
    else lengths.delete(length)
    if (lengths.size !== ordered.length) ordered = [...lengths.keys()].sort((a, b) => a - b)
  }

  const tell = ({ listener }: Watch<Change>, change: Change): void => {
    try {
      const result: unknown = listener(change)
      if (result instanceof Promise) result.catch(onError)
    } catch (error) {
      onError(error)
    }
  }

  return {
    watch(prefix, listener) {
      const watch: Watch<Change> = { listener, since: notification, stopped: false }
      const ofPrefix = watches.get(prefix)
      if (ofPrefix) {
        ofPrefix.add(watch)
      } else {
        watches.set(prefix, new Set([watch]))
        count(prefix.length, 1)
      }
      return () => {
        if (watch.stopped) return
        watch.stopped = true
        const left = watches.get(prefix)
        left?.delete(watch)
        if (left?.size !== 0) return
        watches.delete(prefix)
        count(prefix.length, -1)
      }
    },

    notify(changes) {
      const now = ++notification
      for (const change of changes) {
        for (const length of ordered) {
          if (length > change.name.length) break
          for (const watch of watches.get(change.name.slice(0, length)) ?? []) {
            if (watch.since < now && !watch.stopped) tell(watch, change)
          }
        }
      }
    },

    get isWatching() {
      return ordered.length > 0
    },

    clear() {
      for (const ofPrefix of watches.values()) for (const watch of ofPrefix) watch.stopped = true
      watches.clear()
      lengths.clear()
      ordered = []
    },
  }
}
