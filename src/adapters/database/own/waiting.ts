import type { Feed } from 'hypercore'
import type { DatabaseWrite } from '../database.js'
import type { Journal, Waiting } from './journal.js'
import type { OwnRecordKeeper } from './record.js'

/** What is written while the own feed must not be. */
export interface WaitingWrites {
  /** Resolves when they are stored. Answers the place of the first among those that wait. */
  keep(writes: readonly DatabaseWrite[]): Promise<number>
  read(index: number): Promise<DatabaseWrite | undefined>
  readonly length: number
  /** Writes them to the feed, in order. */
  flush(): Promise<void>
}

export const createWaitingWrites = (about: {
  readonly journal: Journal
  readonly record: OwnRecordKeeper
  readonly local: Feed
  store(writes: readonly DatabaseWrite[]): Promise<void>
  authorise(writer: Uint8Array, record: DatabaseWrite): Promise<void>
}): WaitingWrites => {
  const { journal, record, local, store, authorise } = about

  /** The next of them, with all that belongs to its batch. */
  const nextBatch = async (from: number): Promise<Waiting[]> => {
    const batch = [await journal.read(from)]
    while (batch.at(-1)?.isJoined && from + batch.length < journal.length)
      batch.push(await journal.read(from + batch.length))
    return batch
  }

  return {
    async keep(writes) {
      const first = journal.length
      await journal.append(writes.map((write, i) => ({ write, isJoined: i < writes.length - 1 })))
      return first
    },
    read: async (index) => (index < journal.length ? (await journal.read(index)).write : undefined),
    get length() {
      return journal.length
    },
    async flush() {
      const { base } = record.current
      if (base === undefined) return
      // Each becomes one block, so that the feed itself says how far that has come.
      const written = () => Math.max(0, local.length - base)
      for (let next = written(); next < journal.length; next = written()) {
        const batch = await nextBatch(next)
        const [{ write, authorises } = {}] = batch
        if (write && authorises) await authorise(authorises, write)
        else await store(batch.map((waiting) => waiting.write))
      }
      await journal.empty()
      await record.update({ base: undefined })
    },
  }
}
