import type { Feed } from 'hypercore'
import { equalBytes } from '../../../protocol/bytes.js'
import type { Storage } from '../../storage/storage.js'
import { type Examination, examineFeed } from '../feed-check/examine-feed.js'
import { openFeedFiles } from '../feed-check/feed-files.js'
import { type Abandoned, openAbandoned } from './abandoned.js'
import { changeOver, dropOlder, journalFile } from './change-over.js'
import {
  closing,
  dropFeed,
  feedFolder,
  fetchedFolder,
  filesOf,
  isStored,
  openFeed,
  openFolder,
} from './files.js'
import { treeHashAt } from './heads.js'
import { type Journal, openJournal } from './journal.js'
import type { Mend, OwnRecordKeeper } from './record.js'
import { signAnew } from './signing-anew.js'

/** The node's own feed as it is found when the database opens. */
export interface OwnFeed {
  readonly record: OwnRecordKeeper
  readonly journal: Journal
  readonly abandoned: Abandoned
  /** The feed as it is being fetched anew; there while `record.current.mend` is. */
  readonly fetched: Feed | undefined
  close(): Promise<void>
}

/** How many blocks from 0 on are here. */
export const contiguous = (feed: Feed, from = 0): number => {
  let next = from
  while (next < feed.length && feed.has(next)) next++
  return next
}

export interface OwnFeedOptions {
  readonly storage: Storage
  readonly record: OwnRecordKeeper
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
  /** What its files were found to be like, but for their end. */
  onExamined(found: Examination): void
  /** What was noted of it is damaged. */
  onRecordLost(): void
  /** Entries at the end are gone, and nobody else has them. */
  onLost(entries: number): void
}

/** What is wrong with the feed as it is stored; nothing, mostly. */
const look = async (options: OwnFeedOptions): Promise<Mend | undefined> => {
  const { storage, record, publicKey, secretKey, onExamined, onLost } = options
  const { generation, length, announced, root } = record.current
  // A new one: hypercore would make its files.
  if (length === 0 && announced === 0 && !(await isStored(storage, generation))) return undefined
  // What an earlier mend left half done is of no use.
  await dropFeed(storage, generation + 1)
  const files = openFeedFiles(filesOf(storage, feedFolder(generation)))
  try {
    let found = await examineFeed(files, publicKey, 'write')
    if (found.length < length && root.length > 0) {
      await signAnew(files, { length, root }, secretKey)
      found = await examineFeed(files, publicKey, 'write')
    }
    const most = Math.max(found.claimed, length)
    // Of a store that has no record yet nobody knows what peers have heard of.
    const least = length === 0 ? found.claimed : announced
    // It is only read from now on, or nobody misses what is gone: what is left is to fit together.
    if (found.length < most) await examineFeed(files, publicKey, 'read')
    onExamined(found)
    if (found.length < least) return { reason: 'behind', need: least }
    if (found.length < most) onLost(most - found.length)
  } finally {
    await files.close()
  }
  return (await isAsItWas(options)) ? undefined : { reason: 'damaged', need: length }
}

/** Whether the feed begins as it did when it was last counted: another beginning is signed too, after two wrote with one key. */
const isAsItWas = async ({ storage, publicKey, record }: OwnFeedOptions): Promise<boolean> => {
  const { generation, length, root } = record.current
  if (length === 0 || root.length === 0) return true
  // It is written to afterwards: what a killed process had only signed must not count.
  const feed = await openFeed(storage, generation, publicKey, 'write')
  try {
    const then = await treeHashAt(feed, length)
    return then === undefined || equalBytes(then, root)
  } finally {
    await closing(feed)
  }
}

/**
 * A record instead of the damaged one. Where something waits to be written, nobody knows how much of it the feed has, nor whether the feed
 * is whole: it is fetched anew, and what is not in it is written again. But for a new key's feed, which nothing was written to.
 */
const noteAgain = async (
  { storage, publicKey, record, onRecordLost }: OwnFeedOptions,
  mend: Mend | undefined,
): Promise<void> => {
  onRecordLost()
  const { generation, keys } = record.current
  const journal = await openJournal(storage.file(journalFile(generation)))
  const waits = journal.length > 0
  await journal.close()
  if (mend || !waits) return record.update({ mend })
  const feed = await openFeed(storage, generation, publicKey, 'write')
  const isNew = keys === generation && feed.length <= 1
  await closing(feed)
  await record.update(isNew ? { base: 1 } : { mend: { reason: 'damaged', need: 1 } })
}

/** Looks at the own feed before anything uses it, and changes over to the one that was fetched if that is whole. */
export const openOwnFeed = async (options: OwnFeedOptions): Promise<OwnFeed> => {
  const { storage, publicKey, record } = options
  const abandoned = await openAbandoned(storage)
  await abandoned.dropStored(publicKey)
  await dropOlder(storage, record.current.generation)
  if (!record.current.mend) {
    const mend = await look(options)
    if (record.isDamaged) await noteAgain(options, mend)
    else if (mend) await record.update({ mend })
  }
  const { mend, generation } = record.current
  let fetched =
    mend && (await openFolder(storage, fetchedFolder(mend.reason, generation, publicKey), publicKey))
  if (fetched && mend?.reason !== 'shared' && isComplete(fetched, record, 0)) {
    await closing(fetched)
    fetched = undefined
    await changeOver(options, record, abandoned)
  }
  const journal = await openJournal(storage.file(journalFile(record.current.generation)))
  return {
    record,
    journal,
    abandoned,
    fetched,
    async close() {
      if (fetched) await closing(fetched)
      await journal.close()
    },
  }
}

/** Whether all that is proven of the feed is fetched. */
export const isComplete = (
  fetched: Feed,
  { current: { mend } }: OwnRecordKeeper,
  ownLength: number,
): boolean => {
  if (!mend) return false
  const have = contiguous(fetched)
  const isWhole = have >= mend.need && have === fetched.length
  if (mend.reason !== 'shared') return isWhole
  // Where there is but a header, nobody has anything to lose.
  return mend.isKept === true && (ownLength <= 1 || (mend.isKnown === true && isWhole))
}
