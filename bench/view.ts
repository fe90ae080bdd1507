/**
 * How fast the view folds, reads and lists, and what a name costs in memory.
 * Run: npm run bench -- view
 */
import { performance } from 'node:perf_hooks'
import type { HistoryEntry } from '../src/adapters/database/database.js'
import type { Decode } from '../src/view/types.js'
import { createView } from '../src/view/view.js'

const WRITERS = 5
const BATCH = 1_000
const feeds = Array.from({ length: WRITERS + 1 }, (_, feed) => feed.toString(16).padStart(64, '0'))
const encoder = new TextEncoder()

/** The seal, then four authorisations by the founding writer, then puts by all in turn; every fourth is of a name already there. */
const createEntries = (count: number): { entries: HistoryEntry[]; decode: Decode } => {
  const lengths = [2, ...Array<number>(WRITERS).fill(1)]
  const seal = { feed: 0, seq: 1, key: '', value: undefined, deleted: false, clock: [2], authorised: [1] }
  const entries: HistoryEntry[] = [seal]
  const append = (feed: number, key: string, value: Uint8Array, authorised: number[]): void => {
    const seq = lengths[feed] ?? 1
    lengths[feed] = seq + 1
    entries.push({ feed, seq, key, value, deleted: false, clock: [...lengths], authorised })
  }
  const authorised: number[] = []
  for (let feed = 2; feed <= WRITERS; feed++) {
    authorised.push(feed)
    append(1, `.hypha/nodes/${feeds[feed]}/${feeds[1]}`, new Uint8Array(), [...authorised])
  }
  let keys = 0
  for (let i = entries.length; i < count; i++) {
    // Multiplying by an odd number walks the names in no order of theirs.
    const which = i % 4 === 3 ? i >> 1 : keys++
    const name = `notes/${((which * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}`
    const text = `{"k":"${name}","v":{"n":${i}},"t":${1_790_000_000_000 + i}}`
    append(1 + (i % WRITERS), name, encoder.encode(text), [])
  }
  const text = new TextDecoder()
  const decode: Decode = ({ key, value, feed }) => {
    const [, , target, author] = key.startsWith('.hypha/') ? key.split('/') : []
    if (target && author) return { kind: 'record', target, author, name: 'a node', at: feed, request: '' }
    // As of a private entry: the name is a new string, from the value.
    const { k, v, t } = JSON.parse(text.decode(value)) as { k: string; v: unknown; t: number }
    return { kind: 'entry', name: k, value: v, time: t, public: false }
  }
  return { entries, decode }
}

const memory = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const measure = (count: number) => {
  const { entries, decode } = createEntries(count)
  const decodeStart = performance.now()
  for (const entry of entries) if (entry.feed) decode(entry)
  const decoding = performance.now() - decodeStart

  const before = memory()
  const view = createView({ feeds, decode })
  const start = performance.now()
  for (let i = 0; i < entries.length; i += BATCH) view.fold(entries.slice(i, i + BATCH))
  const fold = performance.now() - start
  const bytes = memory() - before

  const readStart = performance.now()
  let read = 0
  for (const entry of entries) if (view.get(entry.key)) read++
  const get = performance.now() - readStart
  const listStart = performance.now()
  let listed = 0
  for (const _ of view.entries()) listed++
  const list = performance.now() - listStart
  return {
    entries: count,
    names: view.size,
    'fold ms': Math.round(fold),
    'of it decoding ms': Math.round(decoding),
    'µs an entry': Number(((1000 * fold) / count).toFixed(2)),
    'bytes a name': globalThis.gc ? Math.round(bytes / view.size) : undefined,
    'µs a get': Number(((1000 * get) / read).toFixed(2)),
    'µs a listed': Number(((1000 * list) / listed).toFixed(2)),
  }
}

export const bench = () => {
  measure(10_000)
  return [10_000, 100_000, 1_000_000].map(measure)
}
