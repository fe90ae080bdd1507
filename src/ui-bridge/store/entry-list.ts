import type { Entry, HyphaNode } from '../../api.js'
import { inBackground } from './frame.js'
import { mergeEntries, replaceEntries } from './merge-entries.js'
import type { EntryList } from './types.js'

export const NO_ENTRIES: EntryList = Object.freeze({ entries: Object.freeze([]), isLoaded: false })

/** More changes at once than this, and the list is read anew ... */
const MANY = 100
/** ... unless it is so many times as long: to look for one entry costs as much as to read some in a row. */
const LOOKING_COSTS = 8
/** So many entries are read before anything else may run. */
const AT_ONCE = 2_000

const breathe = () => new Promise<void>((resolve) => void inBackground(resolve, 0))

const readEntry = async (node: HyphaNode, key: string): Promise<Entry | undefined> => {
  for await (const entry of node.entries(key)) return entry.key === key ? entry : undefined
  return undefined
}

/** Whether there is something to read, or was until the node was closed. */
const isOpen = ({ state }: HyphaNode): boolean =>
  state === 'origin' || state === 'writer' || state === 'readOnly' || state === 'awaitingAuthorisation'

/** The entries under one prefix, read in the background and shown when the store says so. */
export interface EntryListSource {
  readonly shown: EntryList
  /** Begins to read and to follow. */
  start(): void
  stop(): void
  /** The node may have been opened, or have failed. */
  nodeChanged(): void
  /** Shows what has been read. Whether that is news. */
  publish(): boolean
}

/** @param options.ready something has been read, and can be shown */
export const createEntryListSource = (options: {
  readonly node: HyphaNode
  readonly prefix: string
  readonly ready: () => void
}): EntryListSource => {
  const { node, prefix, ready } = options
  let shown = NO_ENTRIES
  /** All entries, read since they were last shown. */
  let loaded: readonly Entry[] | undefined
  /** What became of some since then. */
  let changes = new Map<string, Entry | undefined>()
  const dirty = new Set<string>()
  /** Nothing of what is there has been read, or not all of what changed. */
  let isBehind = true
  /** Nothing is open, or nothing of it has been read yet. */
  let isBlank = true
  let isWorking = false
  /** Something is read and not yet shown: more is read when that is, once a frame however much changes. */
  let isAhead = false
  /** A start, or the node's opening, that what is under way belongs to. */
  let run = 0
  let stopWatching: (() => void) | undefined

  const load = async (own: number) => {
    const entries: Entry[] = []
    for await (const entry of node.entries(prefix)) {
      entries.push(Object.freeze(entry))
      if (entries.length % AT_ONCE === 0) await breathe()
      if (own !== run) return
    }
    loaded = entries
    changes = new Map()
    isBehind = false
    isBlank = false
  }
  const update = async (own: number, keys: readonly string[]) => {
    for (const key of keys) {
      const entry = await readEntry(node, key)
      if (own !== run) return
      changes.set(key, entry && Object.freeze(entry))
    }
  }

  const work = async () => {
    if (isWorking) return
    isWorking = true
    let own = run
    try {
      while (stopWatching && isOpen(node) && !isAhead && (isBehind || dirty.size > 0)) {
        own = run
        const keys = [...dirty]
        dirty.clear()
        const isMany = keys.length > MANY && keys.length * LOOKING_COSTS > shown.entries.length
        if (isBehind || isMany) await load(own)
        else await update(own, keys)
        if (own !== run) continue
        isAhead = true
        ready()
      }
    } catch {
      // Closed or failed meanwhile: it is read when the node is open again.
      if (own === run) isBehind = true
    }
    isWorking = false
    if (own !== run) void work()
  }

  const forget = () => {
    run++
    isBehind = true
    isBlank = true
    isAhead = false
    loaded = undefined
    changes = new Map()
    dirty.clear()
  }

  return {
    get shown() {
      return shown
    },
    start: () => {
      stopWatching ??= node.watch(prefix, ({ key }) => {
        dirty.add(key)
        void work()
      })
      // What was read for somebody who left before it was shown.
      if (isAhead) ready()
      void work()
    },
    stop: () => {
      stopWatching?.()
      stopWatching = undefined
      forget()
      shown = NO_ENTRIES
    },
    nodeChanged: () => {
      if (isOpen(node)) {
        if (isBehind) void work()
      } else if (node.state !== 'closed' && !isBlank) {
        forget()
        ready()
      }
    },
    publish: () => {
      const before = shown
      isAhead = false
      if (dirty.size > 0) void work()
      if (isBlank) {
        shown = NO_ENTRIES
        return shown !== before
      }
      let entries = loaded ? replaceEntries(before.entries, loaded) : before.entries
      entries = mergeEntries(entries, changes)
      loaded = undefined
      changes = new Map()
      if (!before.isLoaded || entries !== before.entries) shown = Object.freeze({ entries, isLoaded: true })
      return shown !== before
    },
  }
}
