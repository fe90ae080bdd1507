import type { Feed } from 'hypercore'
import type { Writer } from 'hyperdb'
import { toHex } from '../../protocol/bytes.js'
import type { FeedProgress, HistoryEntry } from './database.js'
import { FeedLists } from './feed-lists.js'
import { FeedTrack, type Pending } from './feed-track.js'
import type { FrontierOptions, Stop } from './frontier-options.js'
import { hearAppends } from './hear-appends.js'
import { measureStored } from './stored-bytes.js'
import { UnderWay } from './under-way.js'
import { giveWay } from './yielding.js'

/** Blocks that are decoded ahead of what they wait for, for one feed. */
const MAX_AHEAD = 512
/** Blocks that arrived out of order and are kept until those before them do; others are read from storage again. */
const MAX_STASHED = 64
/** Bytes that one read should take; the number of blocks follows from their average size. */
const READ_BYTES = 512 * 1024
/** Entries of one delivery. */
const MAX_DELIVERY = 512

/**
 * The causal frontier: of each feed, the blocks from 0 on that are here and whose clocks name only blocks that are folded
 * too. It moves with each block that arrives, in time linear in blocks (times feeds, for comparing clocks): a feed that
 * waits for another is looked at again only once that one has come far enough.
 */
export class CausalFrontier {
  readonly #options: FrontierOptions
  readonly #tracks = new Map<string, FeedTrack>()
  /** By index in hyperdb's feeds. */
  readonly #placed: FeedTrack[] = []
  readonly #feeds: string[] = []
  readonly #lists: FeedLists
  #authorised = new Set<string>()
  /** Feeds that are new here are being opened. */
  readonly #learning = new UnderWay()
  #runnable: FeedTrack[] = []
  #isRunning = false
  #delivery: HistoryEntry[] = []
  #busy = 0
  #idle: (() => void)[] = []
  #isStarted = false
  #isClosed = false

  constructor(options: FrontierOptions) {
    this.#options = options
    this.#lists = new FeedLists(options.isPublicKey, (key) => this.#track(key))
  }

  /** Keys by index; it grows. */
  get feeds(): readonly string[] {
    return this.#feeds
  }

  get progress(): readonly FeedProgress[] {
    return this.#placed.map((track) => track.progress)
  }

  lengthOf(writer: Writer): number {
    return this.#placed[writer._id]?.folded ?? 0
  }

  /** Whether the origin, or a feed that it authorised directly or not, lists the key, by what is folded. */
  isAuthorised(key: string): boolean {
    return this.#authorised.has(key)
  }

  /** Why a writer may not let in one more device, if it may not. */
  refusal(key: string): string | undefined {
    const track = this.#tracks.get(key)
    return track && this.#lists.refusal(track)
  }

  /** Resolves when each feed that is open here was listed by a block that is folded. */
  learned(): Promise<void> {
    return this.#learning.settled()
  }

  /** Resolves when everything that is here and not waiting for something else is folded. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#busy === 0) resolve()
      else this.#idle.push(resolve)
    })
  }

  /** Resolves when the writer's feed is folded up to a length, or can't be for now. */
  reached(writer: Writer, length: number): Promise<void> {
    return this.#placed[writer._id]?.reached(length) ?? Promise.resolve()
  }

  /** A block of a feed is not here any more. */
  dropped(feed: Feed): void {
    const track = this.#track(toHex(feed.key))
    track.downloaded--
    track.bytes = 0
    void this.#measure(track, feed)
  }

  close(): void {
    this.#isClosed = true
    for (const track of this.#placed) {
      track.isStopped = true
      track.settleGoals()
    }
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Begins to read, once hyperdb is ready: before, it would not know its own local feed in a list. */
  start(): void {
    this.#isStarted = true
    for (const track of this.#placed) this.#pull(track)
  }

  /** Takes up a feed that has its place among hyperdb's. */
  add(writer: Writer): void {
    const feed = writer._feed
    // A feed without a key finds it while it opens.
    if (feed.key) this.#place(writer)
    this.#begin()
    feed._ready((error) => {
      if (!error) this.#opened(this.#place(writer), writer)
      this.#end()
    })
  }

  #place(writer: Writer): FeedTrack {
    const track = this.#track(toHex(writer._feed.key))
    track.index = writer._id
    track.writer = writer
    this.#placed[writer._id] = track
    this.#feeds[writer._id] = track.key
    if (writer._id === 0) this.#authorise()
    return track
  }

  #opened(track: FeedTrack, writer: Writer): void {
    const feed = writer._feed
    track.isReady = true
    track.downloaded = feed.length > 0 ? feed.bitfield.total(0, feed.length) : 0
    void this.#measure(track, feed)
    feed.on('download', (seq: number, bytes: Uint8Array) => {
      track.downloaded++
      track.bytes += bytes.length
      track.received += bytes.length
      this.#arrived(track, seq, bytes)
    })
    feed.on('append', () => this.#options.onProgress())
    // What is written here is folded before hyperdb says that it is written, without reading it again.
    if (feed.writable)
      hearAppends(feed, (seq, block) => {
        track.downloaded++
        track.bytes += block.length
        this.#arrived(track, seq, block)
      })
    this.#pull(track)
  }

  /** What arrives meanwhile is counted beside it. */
  async #measure(track: FeedTrack, feed: Feed): Promise<void> {
    // A tree that can't be read is found out when the blocks are.
    const bytes = await measureStored(feed).catch(() => 0)
    if (bytes === 0 || this.#isClosed) return
    track.bytes += bytes
    this.#options.onProgress()
  }

  #track(key: string): FeedTrack {
    const known = this.#tracks.get(key)
    if (known) return known
    const track = new FeedTrack(key)
    this.#tracks.set(key, track)
    return track
  }

  #arrived(track: FeedTrack, seq: number, bytes: Uint8Array): void {
    this.#options.onProgress()
    if (track.isStopped || !this.#isStarted) return
    const isNext = seq === track.next && !track.isReading && track.queue.length < MAX_AHEAD
    if (isNext && seq < track.limit) {
      this.#decode(track, bytes)
      this.#run(track)
    } else if (seq > track.next && track.stash.size < MAX_STASHED) track.stash.set(seq, bytes)
    this.#pull(track)
  }

  /** Decodes what is here and next. */
  #pull(track: FeedTrack): void {
    const feed = track.writer?._feed
    if (!feed || !this.#isStarted || !track.isReady) return
    for (;;) {
      // Folding what was kept may have begun to read already.
      if (track.isReading || track.isStopped || track.queue.length >= MAX_AHEAD || track.next >= track.limit)
        return
      const stashed = track.stash.get(track.next)
      if (!stashed) break
      track.stash.delete(track.next)
      this.#decode(track, stashed)
      this.#run(track)
    }
    const start = track.next
    const most = Math.max(
      1,
      Math.min(MAX_AHEAD, Math.floor(READ_BYTES / track.blockBytes), track.limit - start),
    )
    let end = start
    while (end - start < most && feed.has(end)) end++
    track.isHeldUp = end === start && start < feed.length
    if (track.isHeldUp) track.settleGoals()
    if (end === start) return
    track.isReading = true
    this.#begin()
    this.#afterRead(track, track.writer!.checked.read(start, end)).finally(() => this.#end())
  }

  async #afterRead(track: FeedTrack, reading: Promise<readonly Uint8Array[]>): Promise<void> {
    const blocks = await reading.catch((error: Error) => {
      if (!this.#isClosed)
        this.#stop(track, track.next, {
          code: 'STORAGE_FAILED',
          reason: `it can not be read from storage (${error.message})`,
          cause: error,
        })
      return []
    })
    const bytes = blocks.reduce((sum, block) => sum + block.length, 0)
    if (blocks.length > 0) track.blockBytes = Math.ceil(bytes / blocks.length)
    for (const block of blocks) {
      track.stash.delete(track.next)
      if (!track.isStopped) this.#decode(track, block)
    }
    this.#run(track)
    await giveWay()
    track.isReading = false
    this.#pull(track)
  }

  #decode(track: FeedTrack, bytes: Uint8Array): void {
    const fault = track.take(bytes, (keys) => this.#lists.read(track, keys))
    if (fault) this.#stop(track, track.next, { code: 'FEED_CORRUPT', reason: fault })
  }

  #stop(track: FeedTrack, seq: number, stop: Stop): void {
    track.isStopped = true
    track.stash.clear()
    track.settleGoals()
    this.#options.onStopped(track.key, seq, stop)
  }

  #run(track: FeedTrack): void {
    this.#runnable.push(track)
    if (this.#isRunning) return
    this.#isRunning = true
    for (let next = this.#runnable.pop(); next; next = this.#runnable.pop()) this.#fold(next)
    this.#isRunning = false
    this.#deliver()
  }

  #fold(track: FeedTrack): void {
    if (track.isLearning || track.isWaiting || this.#isClosed) return
    let folded = 0
    for (const pending of track.queue) {
      const missing = track.missingFor(pending)
      if (missing) {
        missing.on.wait(track, missing.length)
        break
      }
      if (pending.entry && pending.entry.feeds.length > 0) {
        const reason = this.#lists.excess(track, pending, this.#placed.length)
        if (!reason) this.#learn(track, pending)
        else {
          track.queue.length = folded
          track.isRefused = true
          this.#stop(track, pending.seq, { code: 'ADMISSIONS_EXCEEDED', reason })
        }
        break
      }
      folded++
      this.#foldOne(track, pending)
    }
    track.queue.splice(0, folded)
    track.settleGoals()
    if (folded > 0) this.#pull(track)
  }

  #learn(track: FeedTrack, pending: Pending): void {
    track.isLearning = true
    this.#begin()
    const bringsNews = pending.list.some(({ index }) => index < 0)
    const learning = this.#options
      .learn(track.writer!, pending.seq)
      .then(
        () => {
          track.isLearning = false
          if (this.#isClosed) return
          track.queue.shift()
          this.#foldOne(track, pending)
          this.#authorise()
          this.#run(track)
          this.#pull(track)
        },
        (error: Error) => {
          if (!this.#isClosed)
            this.#stop(track, pending.seq, {
              code: 'STORAGE_FAILED',
              reason: 'the feeds it lists can not be opened',
              cause: error,
            })
        },
      )
      .finally(() => this.#end())
    // It brings nothing new each time that a writer lists again what is known: that keeps nobody from writing.
    if (bringsNews) this.#learning.add(learning)
  }

  #foldOne(track: FeedTrack, pending: Pending): void {
    const entry = track.fold(pending)
    if (entry) this.#delivery.push(entry)
    if (this.#delivery.length >= MAX_DELIVERY) this.#deliver()
    this.#runnable.push(...track.wake())
  }

  #authorise(): void {
    const origin = this.#placed[0]
    if (!origin) return
    const reached = new Set([origin])
    for (const track of reached) for (const index of track.authorised) reached.add(this.#placed[index]!)
    this.#authorised = new Set([...reached].map(({ key }) => key))
  }

  #deliver(): void {
    if (this.#delivery.length === 0) return
    const entries = this.#delivery
    this.#delivery = []
    this.#options.onProgress()
    this.#options.onEntries(entries)
  }

  #begin(): void {
    this.#busy++
  }

  #end(): void {
    if (--this.#busy > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
