import { equalBytes, toHex, utf8 } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import {
  MAX_BATCH_ENTRIES,
  MAX_BLOCK_BYTES,
  MAX_FEEDS_PER_CONNECTION,
  MAX_KEY_BYTES,
} from '../../protocol/limits.js'
import type { CausalFrontier } from './causal-frontier.js'
import type { Database, DatabaseWrite, HistoryEntry, Mending } from './database.js'
import type { MendedHyperdb } from './mended-hyperdb.js'
import type { OwnFeed } from './own/own-feed.js'
import { createWaitingWrites } from './own/waiting.js'
import { isPublicKey, storageFailed } from './writer-keys.js'
import { giveWay } from './yielding.js'

/** What of a block is not its value: the trie of a key of a thousand bytes, clocks and lists of 256 feeds. */
const BLOCK_OVERHEAD = 192 * 1024

export interface Writing extends Pick<Database, 'write' | 'authorise'> {
  /** Writes to the feed what waited for it, or shows it while it has to wait on. */
  begin(): Promise<void>
  /** What waited until this node may write may be written now: the database is to be opened again. */
  readonly isOver: boolean
  /** The value of an entry that waits, by its place in the own feed when it will be there. */
  readWaiting(seq: number): Promise<Uint8Array | undefined>
  /** Resolves when nothing is being written. */
  settled(): Promise<unknown>
}

/** Writes to the own feed, one after the other; while that is fetched from others, to the journal. */
export const createWriting = (about: {
  readonly db: MendedHyperdb
  readonly frontier: CausalFrontier
  readonly own: OwnFeed
  readonly hyphalink: Uint8Array
  readonly localWriter: string
  mustBeOpen(): void
  mending(): Mending | undefined
  /** Tells of entries that wait, as if they stood in the feed. */
  show(entries: readonly HistoryEntry[]): void
}): Writing => {
  const { db, frontier, own, hyphalink, localWriter, mustBeOpen, mending, show } = about
  const isAuthorised = () => frontier.isAuthorised(localWriter)
  /** What the view has, and the feed has not yet. */
  let hasShown = false
  const mustBeWriter = () => {
    mustBeOpen()
    if (isAuthorised() && !hasShown) return
    // Nothing was done: it is asked again of the one that is opened next.
    if (hasShown && isAuthorised()) throw new HyphaError('CLOSED', 'This database is closed. Open it again.')
    throw new HyphaError('NOT_A_WRITER', 'This node may not write yet. Ask for authorisation first.')
  }

  /** hyperdb's lock orders writes, but an authorisation is two steps of which nothing may come in between. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run, run)
    last = turn.catch(() => {})
    return turn
  }

  const store = (writes: readonly DatabaseWrite[]): Promise<void> => {
    const blocks = writes.map(({ type, key, value }) => ({ type, key, value: asBuffer(value) }))
    const [first, ...rest] = blocks
    return new Promise((resolve, reject) => {
      const done = (error: Error | null) => (error ? reject(storageFailed(error)) : resolve())
      if (!first) resolve()
      else if (rest.length > 0) db.batch(blocks, done)
      else db.put(first.key, first.value, { delete: first.type === 'del' }, done)
    })
  }
  const admit = async (writer: Uint8Array, record: DatabaseWrite) => {
    // From here on hyperdb lists the feed in our next block, which is the record's.
    await new Promise<void>((resolve, reject) =>
      db._addWriter(Buffer.from(writer), (error) => (error ? reject(storageFailed(error)) : resolve())),
    )
    await store([record])
  }
  const waiting = createWaitingWrites({
    journal: own.journal,
    record: own.record,
    local: db.local,
    store,
    authorise: admit,
  })
  const written = async () => {
    await frontier.reached(db._localWriter, db.local.length)
    // Puts into memory that are awaited one after the other would never let anything else run.
    await giveWay()
  }

  /** Where the first of those that wait will stand: behind what is here, or behind the header that will be there first. */
  const start = () => Math.max(1, db.local.length)

  /** The view reads them at once, until the database is opened again with them in the feed. */
  const showWaiting = (writes: readonly DatabaseWrite[], first: number) => {
    const feed = frontier.feeds.indexOf(localWriter)
    const seen = db._writers.map((writer) => frontier.lengthOf(writer))
    const entries = writes.map(({ type, key, value }, i): HistoryEntry => {
      const seq = start() + first + i
      const clock = seen.map((length, index) => (index === feed ? seq + 1 : length))
      const waits = isAuthorised() ? {} : { waits: true }
      return { feed, seq, key, value, deleted: type === 'del', clock, authorised: [], ...waits }
    })
    show(entries)
  }

  return {
    async begin() {
      if (isAuthorised() && !mending()) return inTurn(waiting.flush)
      hasShown = !isAuthorised() && waiting.length > 0
      for (let i = 0; i < waiting.length; i++) {
        const write = await waiting.read(i)
        if (write) showWaiting([write], i)
      }
    },

    async write(writes) {
      writes.forEach(mustFit)
      if (writes.length > MAX_BATCH_ENTRIES) {
        throw new HyphaError(
          'BATCH_TOO_LARGE',
          `A batch holds at most ${MAX_BATCH_ENTRIES} entries. Split it.`,
        )
      }
      if (writes.length === 0) return
      await inTurn(async () => {
        mustBeWriter()
        if (mending()) {
          const first = await waiting.keep(writes).catch((error) => {
            throw storageFailed(error)
          })
          return showWaiting(writes, first)
        }
        await waiting.flush()
        await store(writes)
      })
      await written()
    },

    async authorise(writer, record) {
      mustFit(record)
      if (!isPublicKey(writer) || equalBytes(writer, hyphalink)) {
        throw new HyphaError('WRITER_KEY_INVALID', 'This is not the key of a node. Let the node ask again.')
      }
      await inTurn(async () => {
        mustBeWriter()
        if (mending()) {
          throw new HyphaError(
            'FEED_BEHIND',
            'This device fetches what it wrote from others first, and lets nobody in before that. Answer on another device, or a moment later.',
          )
        }
        if (!frontier.feeds.includes(toHex(writer)) && frontier.feeds.length >= MAX_FEEDS_PER_CONNECTION) {
          throw new HyphaError(
            'AUTHORISATION_FAILED',
            `A hypha has at most ${MAX_FEEDS_PER_CONNECTION} writers.`,
          )
        }
        const refusal = frontier.feeds.includes(toHex(writer)) ? undefined : frontier.refusal(localWriter)
        if (refusal) {
          throw new HyphaError(
            'ADMISSIONS_EXCEEDED',
            `This device may let in no more: ${refusal}. Answer on another device, best on the one where you signed up.`,
          )
        }
        await waiting.flush()
        await admit(writer, record)
      })
      await written()
    },

    get isOver() {
      return hasShown && isAuthorised()
    },
    readWaiting: async (seq) => (await waiting.read(seq - start()))?.value,
    settled: () => last,
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** What peers would not take must not be written. */
const mustFit = ({ key, value }: DatabaseWrite): void => {
  if (key.length > MAX_KEY_BYTES / 3 && utf8(key).length > MAX_KEY_BYTES) {
    throw new HyphaError('KEY_INVALID', `A key is at most ${MAX_KEY_BYTES} bytes of UTF-8.`)
  }
  if (value.length > MAX_BLOCK_BYTES - BLOCK_OVERHEAD) {
    throw new HyphaError('VALUE_TOO_LARGE', 'This value is larger than a block may be. Store it in parts.')
  }
}
