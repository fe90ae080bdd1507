import type { FeedProgress } from '../adapters/database/database.js'
import type { Clock, Sync, WriterSync } from '../api.js'
import { syncProgress, type WriterProgress, writerProgress } from '../view/progress.js'
import type { View } from '../view/view.js'
import { createRate } from './rate.js'

/** How far a replica has come, and how fast it goes. */
export interface SyncMeter {
  /** Whether all that is known is here. */
  isComplete(): boolean
  read(): Sync
  /** Something has arrived. */
  progressed(): void
  close(): void
}

const NOTHING: WriterProgress = { blocks: { here: 0, known: 0 }, bytes: { here: 0, known: 0 }, percent: 0 }

export const NO_SYNC: Sync = Object.freeze({
  folded: 0,
  known: 0,
  percent: 0,
  complete: false,
  writers: Object.freeze([]),
  rate: 0,
})

/** @param options.changed the rate is another one although nothing arrived */
export const createSyncMeter = (options: {
  readonly clock: Clock
  readonly progress: () => readonly FeedProgress[]
  readonly view: Pick<View, 'nodes'>
  readonly changed: () => void
}): SyncMeter => {
  const { progress, view } = options
  const rate = createRate(options)
  /**
   * Every hypha holds at least its founding writer's own record: before that is here, nothing is known of how much there is.
   */
  const isKnown = () => view.nodes()[0]?.authorisedAt !== undefined

  const writers = (feeds: readonly FeedProgress[]): readonly WriterSync[] => {
    const byKey = new Map(feeds.map((feed) => [feed.writer, feed]))
    return view.nodes().map(({ writerKey }) => {
      const feed = byKey.get(writerKey)
      const { blocks, bytes, percent } = feed ? writerProgress(feed) : NOTHING
      return Object.freeze({
        writerKey,
        blocks: Object.freeze(blocks),
        bytes: Object.freeze(bytes),
        percent,
      })
    })
  }

  return {
    isComplete: () => isKnown() && syncProgress(progress()).complete,
    read: () => {
      const feeds = progress()
      const all = syncProgress(feeds)
      return Object.freeze({
        ...(isKnown() ? all : { ...all, percent: 0, complete: false }),
        writers: Object.freeze(writers(feeds)),
        rate: rate.read(),
      })
    },
    progressed: () => rate.counted(progress().reduce((sum, { received }) => sum + received, 0)),
    close: rate.close,
  }
}
