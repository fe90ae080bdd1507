import { fromHex, toHex } from '../../../protocol/bytes.js'
import { parseHistoryBlock } from '../../../protocol/history-blocks.js'
import { nodeRecordKey, parseNodeRecordKey } from '../../../protocol/record.js'
import { libsodium } from '../../libsodium.js'
import type { Storage } from '../../storage/storage.js'
import { openLocalWriter, storedKey } from '../writer-keys.js'
import { blocksOf, dropOlder, journalFile, move, waitingOf } from './change-over.js'
import { closing, dropFeed, emptyFile, feedFolder, openFeed, openFolder, peerFolder } from './files.js'
import { commonLength } from './heads.js'
import { openJournal, type Waiting } from './journal.js'
import { markMoved } from './moved.js'
import { isComplete } from './own-feed.js'
import type { OwnRecordKeeper } from './record.js'

const KEY_BYTES = 32
const HASH_BYTES = 16

/** The folder that the own key pair lies in. */
export const keyFolder = ({ current }: OwnRecordKeeper): string => feedFolder(current.keys ?? 0)

/**
 * What was to be written with one key, to be written with another one. What a node says of itself is said by who lets it in. Whom
 * it let in, it lets in again.
 */
const underKey = (waiting: Waiting, from: string, to: string): Waiting | undefined => {
  const record = parseNodeRecordKey(waiting.write.key)
  if (record?.author !== from) return waiting
  if (record.target === from) return undefined
  const authorises = fromHex(record.target, KEY_BYTES)
  return { ...waiting, authorises, write: { ...waiting.write, key: nodeRecordKey(record.target, to) } }
}

/** Entries are sealed with random bytes: equal ones are the same one, wherever they stand. */
const nameOf = ({ write: { type, key, value } }: Waiting): string =>
  `${type} ${toHex(libsodium.crypto_generichash(HASH_BYTES, value, null))} ${key}`

/** What stands in a feed from some block on, though not at the same places as in another one. */
const entriesOf = async (
  blocks: ReturnType<typeof blocksOf>,
  from: number,
  length: number,
): Promise<Set<string>> => {
  const names = new Set<string>()
  for (let seq = from; seq < length; seq++) {
    const bytes = await blocks(seq)
    const block = bytes && parseHistoryBlock(bytes)
    if (!block?.key) continue
    const write = {
      type: block.deleted ? 'del' : 'put',
      key: block.key,
      value: new Uint8Array(block.value ?? new Uint8Array(0)),
    } as const
    names.add(nameOf({ write, isJoined: false }))
  }
  return names
}

/**
 * Gives this node another key, where it lets its own one go and nothing stands in the way any more. The feed as the node that keeps the
 * key has it is another writer's from here on. What is not in it goes into the journal, and is written to the new feed once that may be
 * written to. Killed at any moment, it begins again, with the same new key: the record's one write is what changes it.
 * @throws HyphaError STORAGE_FAILED, STORAGE_DAMAGED
 */
export const changeKey = async (storage: Storage, record: OwnRecordKeeper): Promise<void> => {
  const { mend, generation, keys = 0, base } = record.current
  const key = mend?.reason === 'shared' ? await storedKey(storage, keyFolder(record)) : undefined
  if (!mend || !key) return
  const next = generation + 1
  const [old, fetched] = await Promise.all([
    openFeed(storage, generation, key),
    openFolder(storage, peerFolder(key), key),
  ])
  const waiting = await openJournal(storage.file(journalFile(generation)))
  const journal = await openJournal(storage.file(journalFile(next)))
  try {
    if (!isComplete(fetched, record, old.length)) return
    await journal.empty()
    await dropFeed(storage, next)
    const { publicKey, secretKey } = await openLocalWriter(storage, async () => true, feedFolder(next))
    libsodium.memzero(secretKey)
    const [ours, theirs] = [blocksOf(old), blocksOf(fetched)]
    const common = Math.max(1, await commonLength(old, fetched))
    const there = await entriesOf(theirs, common, fetched.length)
    const anew = (one: Waiting | undefined) => {
      const isThere = !one || there.has(nameOf(one))
      return isThere ? undefined : underKey(one, toHex(key), toHex(publicKey))
    }
    await move(journal, common, old.length, async (seq) =>
      anew(await waitingOf(ours, theirs, seq, toHex(key))),
    )
    const written = base === undefined ? 0 : Math.max(0, old.length - base)
    await move(journal, written, waiting.length, async (index) => anew(await waiting.read(index)))
    await markMoved(storage, { generation: next, keys: next })
    await record.update({
      generation: next,
      keys: next,
      oldKeys: keys,
      length: 0,
      announced: 0,
      root: new Uint8Array(0),
      mend: undefined,
      news: mend.wasWriter === true,
      // Block 0 is a header.
      base: 1,
    })
  } finally {
    await Promise.all([closing(old), closing(fetched), waiting.close(), journal.close()])
  }
  await dropOlder(storage, next)
}

/** Wipes the key before this one, which is another node's. */
export const wipeOldKey = async (storage: Storage, record: OwnRecordKeeper): Promise<void> => {
  const { oldKeys } = record.current
  if (oldKeys === undefined) return
  for (const name of ['secret_key', 'key']) await emptyFile(storage.file(`${feedFolder(oldKeys)}/${name}`))
  await record.update({ oldKeys: undefined })
}
