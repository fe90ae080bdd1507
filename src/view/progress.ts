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

/** Progress over all feeds. Counts only what a writer's signature proves to exist, or what is already here. */
export const syncProgress = (feeds: readonly FeedProgress[]): SyncProgress => {
  let folded = 0
  let known = 0
  for (const feed of feeds) {
    folded += feed.folded
    known += Math.max(feed.proven, feed.downloaded, feed.folded)
  }
  const complete = known > 0 && folded === known
  return { folded, known, percent: known > 0 ? Math.floor((100 * folded) / known) : 0, complete }
}
