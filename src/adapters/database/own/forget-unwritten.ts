import type { Storage } from '../../storage/storage.js'
import { openFeedFiles } from '../feed-check/feed-files.js'
import { dropFeed, feedFolder, filesOf } from './files.js'
import type { OwnRecordKeeper } from './record.js'

/** Of the tree of hashes: its head, and the leaf of the header with what follows it. */
const TREE_OF_HEADER_BYTES = 32 + 80

/**
 * Forgets the own feed where it never held an entry, as an always-on node's never does: then nobody misses its key. False where
 * it may have.
 */
export const forgetUnwritten = async (storage: Storage, record: OwnRecordKeeper): Promise<boolean> => {
  const { generation, length, announced } = record.current
  if (generation > 0 || length > 1 || announced > 1 || record.isDamaged) return false
  const files = openFeedFiles(filesOf(storage, feedFolder(0)))
  try {
    if (await files.read('tree', TREE_OF_HEADER_BYTES, 1)) return false
  } finally {
    await files.close()
  }
  await dropFeed(storage, 0)
  await record.update({ length: 0, announced: 0, root: new Uint8Array(0), mend: undefined })
  return true
}
