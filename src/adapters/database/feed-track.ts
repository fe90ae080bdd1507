import type { Writer } from 'hyperdb'
import { isHistoryHeader, parseHistoryBlock } from '../../protocol/history-blocks.js'
import { ORIGIN_LENGTH } from '../../protocol/limits.js'
import type { FeedProgress, HistoryEntry } from './database.js'

/** A block that is decoded and not folded yet. */
export interface Pending {
  readonly seq: number
  /** Undefined for the header. */
  readonly entry: ReturnType<typeof parseHistoryBlock>
  /** What the clock's positions stand for. */
  readonly list: readonly FeedTrack[]
}

/** A part of a frame or of what was read from disk, as bytes like any other. */
const asBytes = (part: Uint8Array): Uint8Array => new Uint8Array(part.buffer, part.byteOffset, part.length)

/** How far one feed is: of its blocks from 0 on `folded` are folded, and `next` decoded. */
export class FeedTrack {
  /** Its place among hyperdb's feeds, once it has one. */
  index = -1
  writer: Writer | undefined
  folded = 0
  next = 0
  downloaded = 0
  /** Of the blocks that are here. */
  bytes = 0
  /** Of those that peers have brought. */
  received = 0
  /** Indices of the feeds that the last folded list names. */
  authorised: readonly number[] = []
  /** Keys of all feeds that its decoded blocks list. */
  readonly listed = new Set<string>()
  queue: Pending[] = []
  /** Blocks that arrived before their turn. */
  readonly stash = new Map<number, Uint8Array>()
  /** The average size of the last blocks read, which the next read's number follows from. */
  blockBytes = 256
  isReady = false
  isReading = false
  isLearning = false
  isWaiting = false
  isStopped = false
  /** What comes after the folded is not taken, so there is nothing to wait for. */
  isRefused = false
  /** Blocks after the next are there, and it isn't. */
  isHeldUp = false

  #inflatedAt = -1
  #list: readonly FeedTrack[] = []
  /** Feeds whose next entry waits until this one has folded that many blocks. */
  #waiters: { track: FeedTrack; length: number }[] = []
  #goals: { length: number; resolve(): void }[] = []

  constructor(readonly key: string) {}

  get progress(): FeedProgress {
    const feed = this.writer?._feed
    return {
      writer: this.key,
      folded: this.folded,
      downloaded: this.isRefused ? this.folded : this.downloaded,
      proven: this.isRefused ? this.folded : (feed?.length ?? 0),
      bytes: feed?.byteLength ?? 0,
      bytesHere: this.bytes,
      received: this.received,
    }
  }

  /** Blocks beyond it are not ours to read. */
  get limit(): number {
    return this.index === 0 ? ORIGIN_LENGTH : Number.POSITIVE_INFINITY
  }

  /**
   * Decodes the next block into the queue. Answers what is wrong with it, if something is. `resolve` finds the listed feeds,
   * or says what is wrong with the list.
   */
  take(
    bytes: Uint8Array,
    resolve: (keys: readonly Uint8Array[]) => readonly FeedTrack[] | string,
  ): string | undefined {
    const seq = this.next
    if (seq === 0) {
      if (!isHistoryHeader(bytes)) return "its first block is not hyperdb's header"
      this.queue.push({ seq, entry: undefined, list: [] })
      this.next = 1
      return undefined
    }
    const entry = parseHistoryBlock(bytes)
    if (!entry) return 'it is malformed'
    const isInflated = entry.inflate === seq
    if (
      isInflated ? entry.feeds.length === 0 : entry.feeds.length > 0 || entry.inflate !== this.#inflatedAt
    ) {
      return 'it does not say which feeds it knows'
    }
    const list = isInflated ? resolve(entry.feeds) : this.#list
    if (typeof list === 'string') return list
    if (entry.clock.length > list.length || entry.clock[list.indexOf(this)] !== seq + 1)
      return 'its clock is wrong'
    if (isInflated) {
      this.#inflatedAt = seq
      this.#list = list
    }
    this.queue.push({ seq, entry, list })
    this.next = seq + 1
    return undefined
  }

  /** The first feed that the entry's clock is ahead of, and by which length it is not. */
  missingFor({ entry, list }: Pending): { on: FeedTrack; length: number } | undefined {
    if (!entry) return undefined
    for (const [i, length] of entry.clock.entries()) {
      const on = list[i]!
      if (on !== this && on.folded < length) return { on, length }
    }
    return undefined
  }

  /** Counts it as folded, and answers what of it is history. All of its list have their places. */
  fold({ seq, entry, list }: Pending): HistoryEntry | undefined {
    this.folded = seq + 1
    if (!entry) return undefined
    if (entry.feeds.length > 0) this.authorised = list.map(({ index }) => index)
    const clock: number[] = []
    for (const [i, length] of entry.clock.entries()) if (length > 0) clock[list[i]!.index] = length
    for (let i = 0; i < clock.length; i++) clock[i] ??= 0
    return {
      feed: this.index,
      seq,
      key: entry.key,
      value: entry.value && asBytes(entry.value),
      deleted: entry.deleted,
      clock,
      authorised: this.authorised,
    }
  }

  wait(track: FeedTrack, length: number): void {
    track.isWaiting = true
    this.#waiters.push({ track, length })
  }

  /** Those that need wait no longer. */
  wake(): readonly FeedTrack[] {
    if (this.#waiters.length === 0) return []
    const woken = this.#waiters.filter(({ length }) => length <= this.folded)
    if (woken.length > 0) this.#waiters = this.#waiters.filter(({ length }) => length > this.folded)
    for (const { track } of woken) track.isWaiting = false
    return woken.map(({ track }) => track)
  }

  /** Resolves when so many blocks are folded, or can't be for now. */
  reached(length: number): Promise<void> {
    if (this.#isDone(length)) return Promise.resolve()
    return new Promise((resolve) => this.#goals.push({ length, resolve }))
  }

  #isDone(length: number): boolean {
    return length <= this.folded || this.isWaiting || this.isStopped || this.isHeldUp
  }

  settleGoals(): void {
    if (this.#goals.length === 0) return
    for (const { resolve } of this.#goals.filter(({ length }) => this.#isDone(length))) resolve()
    this.#goals = this.#goals.filter(({ length }) => !this.#isDone(length))
  }
}
