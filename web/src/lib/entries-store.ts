import type { Entry, HyphaNode } from 'hypha-runtime'
import { readEntry } from './entry.js'
import { onNextFrame } from './frame.js'
import { createValue, type Readable } from './store.js'

export interface EntryList {
  /** In key order. */
  readonly entries: readonly Entry[]
  readonly isLoaded: boolean
}

export interface EntriesStore extends Readable<EntryList> {
  stop(): void
}

/** More changes in a frame than this, and the list is read anew. */
const MANY = 100
/** So many entries are read before the page may do something else. */
const AT_ONCE = 2_000

const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** Where `key` is or belongs. */
const placeOf = (entries: readonly Entry[], key: string): number => {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (entries[middle]!.key < key) low = middle + 1
    else high = middle
  }
  return low
}

/** All entries of a node, kept up to date: changes are taken in once a frame, many at once by reading anew. */
export const createEntriesStore = (node: HyphaNode): EntriesStore => {
  const list = createValue<EntryList>({ entries: [], isLoaded: false })
  const dirty = new Set<string>()
  let isStopped = false
  let isWorking = false
  let cancel: (() => void) | undefined

  const load = async () => {
    const entries: Entry[] = []
    for await (const entry of node.entries('')) {
      entries.push(entry)
      if (entries.length % AT_ONCE === 0) await breathe()
      if (isStopped) return
    }
    list.set({ entries, isLoaded: true })
  }

  const update = async (keys: readonly string[]) => {
    const entries = [...list.getSnapshot().entries]
    for (const key of keys) {
      const entry = await readEntry(node, key)
      const place = placeOf(entries, key)
      const isThere = entries[place]?.key === key
      entries.splice(place, isThere ? 1 : 0, ...(entry ? [entry] : []))
    }
    if (!isStopped) list.set({ entries, isLoaded: true })
  }

  const work = async () => {
    if (isWorking || isStopped) return
    isWorking = true
    const keys = [...dirty]
    dirty.clear()
    try {
      if (keys.length > MANY || !list.getSnapshot().isLoaded) await load()
      else await update(keys)
    } catch {
      // Closed meanwhile; another node has another list.
    }
    isWorking = false
    if (dirty.size > 0) schedule()
  }
  const schedule = () => {
    if (isStopped) return
    cancel ??= onNextFrame(() => {
      cancel = undefined
      void work()
    })
  }

  const stop = node.watch('', ({ key }) => {
    dirty.add(key)
    schedule()
  })
  void work()
  return {
    getSnapshot: list.getSnapshot,
    subscribe: list.subscribe,
    stop: () => {
      isStopped = true
      stop()
      cancel?.()
    },
  }
}
