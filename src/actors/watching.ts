import type { Change, JsonValue } from '../api.js'
import { rethrowLater } from '../emitter.js'
import type { Change as Folded, Version } from '../view/types.js'
import { createWatchers } from '../view/watchers.js'

/** Watches that live as long as the node: they may begin before anything is open. */
export interface Watchers {
  watch(prefix: string, listener: (change: Change) => void): () => void
  /** Tells of changes in order; values that the view left in storage are loaded first. */
  notify(
    changes: readonly Folded[],
    load: (name: string, version: Version) => Promise<JsonValue | undefined>,
  ): void
  clear(): void
}

export const createWatching = (): Watchers => {
  const watchers = createWatchers<{ name: string; change: Change }>({ onError: rethrowLater })
  let last: Promise<void> = Promise.resolve()
  let waiting = 0

  const tell = ({ name, deleted, conflict }: Folded, value: JsonValue | undefined) =>
    watchers.notify([{ name, change: { key: name, value, deleted, ...(conflict ? { conflict } : {}) } }])

  return {
    watch: (prefix, listener) => watchers.watch(prefix, ({ change }) => listener(change)),
    notify: (changes, load) => {
      // Values are parsed when somebody reads them.
      if (!watchers.isWatching) return
      for (const change of changes) {
        const { name, version } = change
        if (!version?.pointer && waiting === 0) {
          tell(change, change.value as JsonValue | undefined)
          continue
        }
        // A value that has to be loaded holds back the changes after it: listeners hear in order.
        waiting++
        last = last
          .then(async () => tell(change, version && (await load(name, version))))
          .catch(rethrowLater)
          .finally(() => waiting--)
      }
    },
    clear: () => watchers.clear(),
  }
}
