import type { FeedProgress } from '../adapters/database/database.js'

/** How far this replica has come, in blocks of all feeds. */
export interface SyncProgress {
  /** Blocks that the view answers from. */
  readonly folded: number
  /** Blocks that are known to exist. */
  readonly known: number
  /** 0 to 100, whole; 100 only when complete. */
  readonly percent: number
  /** All that is known is folded. Never so while nothing is known: an empty replica is waiting for its first peer. */
  readonly complete: boolean
}

export interface WriterProgress {
  readonly blocks: { readonly here: number; readonly known: number }
  readonly bytes: { readonly here: number; readonly known: number }
  /** Of blocks: 0 to 100, whole; 100 only when all are here, 0 while none is known. */
  readonly percent: number
}

/** Progress of one feed. Counts as {@link syncProgress} does. */
export const writerProgress = (feed: FeedProgress): WriterProgress => {
  const blocks = { here: feed.folded, known: Math.max(feed.proven, feed.downloaded, feed.folded) }
  const bytes = { here: feed.bytesHere, known: Math.max(feed.bytes, feed.bytesHere) }
  return { blocks, bytes, percent: percentOf(blocks.here, blocks.known) }
}

const percentOf = (here: number, known: number): number => (known > 0 ? Math.floor((100 * here) / known) : 0)

/** Progress over all feeds. Counts only what a writer's signature proves to exist, or what is already here. */
export const syncProgress = (feeds: readonly FeedProgress[]): SyncProgress => {
  let folded = 0
  let known = 0
  for (const feed of feeds) {
    folded += feed.folded
    known += Math.max(feed.proven, feed.downloaded, feed.folded)
  }
  const complete = known > 0 && folded === known
  return { folded, known, percent: percentOf(folded, known), complete }
}
