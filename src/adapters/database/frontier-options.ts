import type { Writer } from 'hyperdb'
import type { HistoryEntry } from './database.js'

/** Why a feed is read no further. */
export interface Stop {
  readonly reason: string
  readonly code: 'FEED_CORRUPT' | 'STORAGE_FAILED' | 'ADMISSIONS_EXCEEDED'
  readonly cause?: Error
}

export interface FrontierOptions {
  isPublicKey(bytes: Uint8Array): boolean
  /** Lets hyperdb take up the feeds that a block lists: each is given to the frontier's `add` before this resolves. */
  learn(writer: Writer, seq: number): Promise<void>
  /** In causal order, each once. */
  onEntries(entries: readonly HistoryEntry[]): void
  /** A feed stops before this block: for good, unless it was for storage of ours that failed. */
  onStopped(feed: string, seq: number, stop: Stop): void
  onProgress(): void
}
