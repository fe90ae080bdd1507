import type { HistoryEntry } from '../../src/adapters/database/database.js'
import type { Decode, DecodedEntry, DecodedRecord } from '../../src/view/types.js'

type Decoded = DecodedEntry | DecodedRecord | undefined

/** One of Alice's nodes, writing to its own feed. What it knows of the others is what it has synced. */
export interface Writer {
  readonly feed: number
  /** Hex. */
  readonly key: string
  put(name: string, value: unknown, options?: { public?: boolean; bytes?: number }): HistoryEntry
  del(name: string, options?: { public?: boolean }): HistoryEntry
  /** Authorises in hyperdb and writes the record; `record` changes or (undefined) leaves out what the record says. */
  authorise(target: Writer, record?: Partial<DecodedRecord> | 'none', listed?: boolean): HistoryEntry
  /** Writes a record about itself. */
  introduce(name: string): HistoryEntry
  /** Learns all that the other knows now. */
  sync(other: Writer): void
  readonly clock: number[]
}

/** Spells a feed's key: the greater the letter the greater the key. */
const keyOf = (index: number): string => String.fromCharCode(97 + index).repeat(64)

/**
 * A hypha in small: an origin, sealed for the first of the named nodes, and the history that they write, in the order of writing.
 * Values are not encoded: `decode` knows what each entry holds.
 */
export const createHistory = <Name extends string>(...names: Name[]) => {
  const history: HistoryEntry[] = []
  const contents = new Map<HistoryEntry, Decoded>()
  const feeds = ['origin', ...names].map((_, index) => keyOf(index))

  const createWriter = (feed: number): Writer => {
    const clock: number[] = feed === 0 ? [1] : [0]
    const authorised: number[] = []
    const key = feeds[feed] ?? ''
    clock[feed] = 1

    const write = (content: Decoded, bytes = 16, deleted = false): HistoryEntry => {
      const seq = clock[feed] ?? 1
      clock[feed] = seq + 1
      const entry: HistoryEntry = {
        feed,
        seq,
        key: '',
        value: new Uint8Array(bytes),
        deleted,
        clock: Array.from(clock, (length) => length ?? 0),
        authorised: [...authorised],
      }
      history.push(entry)
      contents.set(entry, content)
      return entry
    }
    const record = (target: string, name: string): DecodedRecord => ({
      kind: 'record',
      target,
      author: key,
      name,
      at: history.length,
      request: '',
    })
    const entry = (name: string, value: unknown, isPublic = false): DecodedEntry => ({
      kind: 'entry',
      name,
      value,
      time: history.length,
      public: isPublic,
    })

    return {
      feed,
      key,
      clock,
      put: (name, value, options = {}) => write(entry(name, value, options.public), options.bytes),
      del: (name, options = {}) => write(entry(name, undefined, options.public), 16, true),
      authorise(target, changes = {}, listed = true) {
        if (listed) authorised.push(target.feed)
        const says =
          changes === 'none' ? undefined : { ...record(target.key, names[target.feed - 1] ?? ''), ...changes }
        return write(says)
      },
      introduce: (name) => write(record(key, name)),
      sync(other) {
        other.clock.forEach((length, index) => {
          if (index !== feed) clock[index] = Math.max(clock[index] ?? 0, length)
        })
      },
    }
  }

  const origin = createWriter(0)
  const writers = names.map((_, index) => createWriter(index + 1))
  const [founder] = writers
  if (founder) {
    origin.authorise(founder, 'none')
    founder.sync(origin)
  }
  const decode: Decode = (entry) => contents.get(entry)
  const byName = Object.fromEntries(names.map((name, index) => [name, writers[index]]))
  return { origin, feeds, history, decode, ...(byName as Record<Name, Writer>) }
}
