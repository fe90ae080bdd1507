import type { Feed } from 'hypercore'
import { equalBytes, fromHex, toHex } from '../../../protocol/bytes.js'
import { abandonedBlock, abandonedHead } from '../../../protocol/feed-head.js'
import { parseHistoryBlock } from '../../../protocol/history-blocks.js'
import { MAX_ABANDONED_ITEMS } from '../../../protocol/limits.js'
import { parseNodeRecordKey } from '../../../protocol/record.js'
import type { Storage } from '../../storage/storage.js'
import { checkBlocks } from '../feed-check/checked-blocks.js'
import type { Abandoned } from './abandoned.js'
import { closing, dropFeed, emptyFile, openFeed } from './files.js'
import { commonLength, leafAt, treeHashAt } from './heads.js'
import { type Journal, openJournal, type Waiting } from './journal.js'
import { markMoved } from './moved.js'
import type { OwnRecordKeeper } from './record.js'

export const journalFile = (generation: number): string => `own/journal.${generation}`

/** Blocks of the own feed that are moved into the journal at a time. */
const BLOCKS_AT_A_TIME = 64

/** Reads blocks of a feed; one that is damaged, or not here, is none. */
export const blocksOf = (feed: Feed) => {
  const blocks = checkBlocks(feed, () => {})
  return async (seq: number): Promise<Uint8Array | undefined> =>
    feed.has(seq) ? (await blocks.read(seq, seq + 1))[0] : undefined
}

type Blocks = ReturnType<typeof blocksOf>

/** What a block of the old feed would be as one that waits; undefined for what is in the new one, can't be read, or is empty. */
export const waitingOf = async (
  old: Blocks,
  fetched: Blocks,
  seq: number,
  writer: string,
): Promise<Waiting | undefined> => {
  const [bytes, there] = await Promise.all([old(seq), fetched(seq)])
  // Where the old feed's tree is damaged, the two may have more in common than their trees say.
  if (!bytes || (there && equalBytes(bytes, there))) return undefined
  const block = parseHistoryBlock(bytes)
  if (!block?.key) return undefined
  const record = parseNodeRecordKey(block.key)
  const authorises =
    record && record.author === writer && record.target !== writer ? record.target : undefined
  return {
    write: {
      type: block.deleted ? 'del' : 'put',
      key: block.key,
      value: new Uint8Array(block.value ?? new Uint8Array(0)),
    },
    authorises: authorises === undefined ? undefined : fromHex(authorises, 32),
    isJoined: false,
  }
}

/** Moves what is to be written again into a journal. */
export const move = async (
  to: Journal,
  from: number,
  end: number,
  get: (index: number) => Promise<Waiting | undefined>,
) => {
  for (let start = from; start < end; start += BLOCKS_AT_A_TIME) {
    const items: Waiting[] = []
    for (let index = start; index < Math.min(end, start + BLOCKS_AT_A_TIME); index++) {
      const item = await get(index)
      // A batch was one so that it is there wholly or not at all. Here it is already.
      if (item) items.push({ ...item, isJoined: false })
    }
    if (items.length > 0) await to.append(items)
  }
}

interface Own {
  readonly storage: Storage
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** What is of the branch that does not stay: others may have it. */
const leftBehind = async (old: Feed, fetched: Feed, common: number): Promise<Uint8Array[]> => {
  const items: Uint8Array[] = []
  // Two for each block.
  for (let block = Math.max(common, old.length - MAX_ABANDONED_ITEMS / 2); block < old.length; block++) {
    const length = block + 1
    const [leaf, other] = await Promise.all([leafAt(old, block), leafAt(fetched, block)])
    const [head, there] = await Promise.all([treeHashAt(old, length), treeHashAt(fetched, length)])
    if (leaf && !(other && equalBytes(leaf, other))) items.push(abandonedBlock(block, leaf))
    if (head && !(there && equalBytes(head, there))) items.push(abandonedHead(length, head))
  }
  return items
}

/**
 * Puts the own feed as it was fetched anew into the place of the one that was here. What was written here and is not in it
 * goes into the journal, before what waits there, and is written again after it. Killed at any moment, it begins again: the
 * record's one write is what changes over.
 */
export const changeOver = async (
  { storage, publicKey: key, secretKey }: Own,
  record: OwnRecordKeeper,
  abandoned: Abandoned,
): Promise<void> => {
  const { generation, base } = record.current
  const next = generation + 1
  const [old, fetched] = await Promise.all([openFeed(storage, generation, key), openFeed(storage, next, key)])
  const waiting = await openJournal(storage.file(journalFile(generation)))
  const journal = await openJournal(storage.file(journalFile(next)))
  try {
    await journal.empty()
    const { length } = fetched
    const common = await commonLength(old, fetched)
    const [ours, theirs] = [blocksOf(old), blocksOf(fetched)]
    await move(journal, Math.max(1, common), old.length, (seq) => waitingOf(ours, theirs, seq, toHex(key)))
    // Of those that wait, the first may stand in the feed already.
    const written = base === undefined ? 0 : Math.max(0, old.length - base)
    await move(journal, written, waiting.length, (index) => waiting.read(index))
    await abandoned.add({ publicKey: key, secretKey }, await leftBehind(old, fetched, common))
    const root = (await treeHashAt(fetched, length)) ?? new Uint8Array(0)
    await markMoved(storage, { ...record.current, generation: next })
    await record.update({ generation: next, length, announced: length, root, mend: undefined, base: length })
  } finally {
    await Promise.all([closing(old), closing(fetched), waiting.close(), journal.close()])
  }
  await dropOlder(storage, next)
}

/** Drops what is left of the folder before this one, in case that dropping it was cut short. */
export const dropOlder = async (storage: Storage, generation: number): Promise<void> => {
  if (generation === 0) return
  await dropFeed(storage, generation - 1)
  await emptyFile(storage.file(journalFile(generation - 1)))
}
