import type { HistoryEntry } from '../adapters/database/database.js'
import type { Decode } from './types.js'

/** An entry that this node wrote and that does not count. */
export interface Uncounted {
  readonly feed: number
  readonly seq: number
  /** As in the history. */
  readonly key: string
  readonly deleted: boolean
  /** What it says something of, and when it was written; undefined for what is no entry of a name. */
  readonly name?: string
  readonly time?: number
}

/**
 * This node's own entries that do not count, as none of its admissions lies in their past: the writer that let it in has put two branches of its
 * feed together, and its yes stands elsewhere in it now. Of each key the last one, unless a later one counts.
 */
export interface UncountedEntries {
  passedOver(entry: HistoryEntry): void
  counted(entry: HistoryEntry): void
  list(): readonly Uncounted[]
}

export const createUncounted = (decode: Decode): UncountedEntries => {
  const entries = new Map<string, Uncounted>()
  return {
    passedOver(entry) {
      const { feed, seq, key, deleted } = entry
      if (key === '') return
      const decoded = decode(entry)
      const about = decoded?.kind === 'entry' ? { name: decoded.name, time: decoded.time } : {}
      entries.set(key, { feed, seq, key, deleted, ...about })
    },
    counted: ({ key }) => {
      entries.delete(key)
    },
    list: () => [...entries.values()],
  }
}
