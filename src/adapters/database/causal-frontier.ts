import type { Writer } from 'hyperdb'
import { toHex } from '../../protocol/bytes.js'
import { isHistoryHeader, parseHistoryBlock } from '../../protocol/history-blocks.js'
import { MAX_FEEDS_PER_CONNECTION, ORIGIN_LENGTH } from '../../protocol/limits.js'
import type { FeedProgress, HistoryEntry } from './database.js'
import { giveWay } from './yielding.js'

export interface FrontierOptions {
  isPublicKey(bytes: Uint8Array): boolean
  /** Lets hyperdb take up the feeds that a block lists: each is given to {@link CausalFrontier.add} before this resolves. */
  learn(writer: Writer, seq: number): Promise<void>
  /** In causal order, each once. */
  onEntries(entries: readonly HistoryEntry[]): void
  /** A feed stops for good before this block. */
  onCorrupt(feed: string, seq: number, reason: string): void
  onProgress(): void
}

/** Blocks that are decoded ahead of what they wait for, for one feed. */
const MAX_AHEAD = 512
/** Blocks that arrived out of order and are kept until those before them do; others are read from storage again. */
const MAX_STASHED = 64
/** Bytes that one read should take; the number of blocks follows from their average size. */
const READ_BYTES = 512 * 1024
/** Entries of one delivery. */
const MAX_DELIVERY = 512

interface Pending {
  readonly seq: number
  readonly entry: ReturnType<typeof parseHistoryBlock>
  /** What the clock's positions stand for. */
  readonly list: readonly Track[]
}

/** One feed: of these blocks from 0 `folded` are folded, `next` decoded. */
class Track {
  index = -1
  writer: Writer | undefined
  folded = 0
  next = 0
  downloaded = 0
  inflatedAt = -1
  list: readonly Track[] = []
  authorised: readonly number[] = []
  queue: Pending[] = []
  stash = new Map<number, Uint8Array>()
  /** Feeds whose next entry waits until this one has folded that many blocks. */
  waiters: { track: Track; length: number }[] = []
  /** Who wants to know when that many blocks are folded. */
  goals: { length: number; resolve(): void }[] = []
  blockBytes = 256
  isReady = false
  isReading = false
  isLearning = false
  isWaiting = false
  isStopped = false

  constructor(readonly key: string) {}

  limit(): number {
    return this.index === 0 ? ORIGIN_LENGTH : Number.POSITIVE_INFINITY
  }
}

/**
 * The causal frontier: of each feed, the blocks from 0 on that are here and whose clocks name only blocks that are folded
 * too. It moves with each block that arrives, in time linear in blocks (times feeds, for comparing clocks): a feed that
 * waits for another is looked at again only once that one has come far enough.
 */
export class CausalFrontier {
  readonly #options: FrontierOptions
  readonly #tracks = new Map<string, Track>()
  /** By index in hyperdb's feeds. */
  readonly #placed: Track[] = []
  readonly #validKeys = new Set<string>()
  #authorised = new Set<string>()
  #runnable: Track[] = []
  #isRunning = false
  #delivery: HistoryEntry[] = []
  #busy = 0
  #idle: (() => void)[] = []
  #isClosed = false

  constructor(options: FrontierOptions) {
    this.#options = options
  }

  get feeds(): readonly string[] {
    return this.#placed.map(({ key }) => key)
  }

  get progress(): readonly FeedProgress[] {
    return this.#placed.map((track) => ({
      writer: track.key,
      folded: track.folded,
      downloaded: track.downloaded,
      proven: track.writer?._feed.length ?? 0,
      bytes: track.writer?._feed.byteLength ?? 0,
    }))
  }

  lengthOf(writer: Writer): number {
    return this.#placed[writer._id]?.folded ?? 0
  }

  /** Whether the origin, or a feed that it authorised directly or not, lists the key, by what is folded. */
  isAuthorised(key: string): boolean {
    return this.#authorised.has(key)
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
    const track = this.#placed[writer._id]
    if (!track || this.#isClosed || track.folded >= length || this.#isStuck(track)) return Promise.resolve()
    return new Promise((resolve) => track.goals.push({ length, resolve }))
  }

  #isStuck(track: Track): boolean {
    return track.isWaiting || track.isStopped
  }

  close(): void {
    this.#isClosed = true
    for (const track of this.#placed) {
      track.isStopped = true
      for (const { resolve } of track.goals.splice(0)) resolve()
    }
    for (const resolve of this.#idle.splice(0)) resolve()
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

  #place(writer: Writer): Track {
    const track = this.#track(toHex(writer._feed.key))
    track.index = writer._id
    track.writer = writer
    this.#placed[writer._id] = track
    if (writer._id === 0) this.#authorise()
    return track
  }

  #opened(track: Track, writer: Writer): void {
    const feed = writer._feed
    track.isReady = true
    track.downloaded = feed.length > 0 ? feed.bitfield.total(0, feed.length) : 0
    feed.on('download', (seq: number, bytes: Uint8Array) => {
      track.downloaded++
      this.#arrived(track, seq, bytes)
    })
    feed.on('append', () => this.#options.onProgress())
    if (feed.writable) this.#hearOwn(track, writer)
    this.#pull(track)
  }

  /** What is written here is folded before hyperdb says that it is written, without reading it again. */
  #hearOwn(track: Track, { _feed: feed }: Writer): void {
    const append = feed.append
    feed.append = (blocks, callback) =>
      append.call(feed, blocks, (error, first) => {
        if (!error && first !== undefined) {
          const list = Array.isArray(blocks) ? blocks : [blocks]
          track.downloaded += list.length
          list.forEach((block, i) => void this.#arrived(track, first + i, block))
        }
        callback(error, first)
      })
  }

  #track(key: string): Track {
    const known = this.#tracks.get(key)
    if (known) return known
    const track = new Track(key)
    this.#tracks.set(key, track)
    return track
  }

  #arrived(track: Track, seq: number, bytes: Uint8Array): void {
    this.#options.onProgress()
    if (track.isStopped) return
    const isNext = seq === track.next && !track.isReading && track.queue.length < MAX_AHEAD
    if (isNext && seq < track.limit()) {
      this.#decode(track, bytes)
      this.#run(track)
    } else if (seq > track.next && track.stash.size < MAX_STASHED) track.stash.set(seq, bytes)
    this.#pull(track)
  }

  /** Decodes what is here and next, as far as it may go ahead. */
  #pull(track: Track): void {
    const feed = track.writer?._feed
    if (!feed || !track.isReady || track.isReading) return
    for (;;) {
      if (track.isStopped || track.queue.length >= MAX_AHEAD || track.next >= track.limit()) return
      const stashed = track.stash.get(track.next)
      if (!stashed) break
      track.stash.delete(track.next)
      this.#decode(track, stashed)
      this.#run(track)
    }
    const start = track.next
    const most = Math.max(
      1,
      Math.min(MAX_AHEAD, Math.floor(READ_BYTES / track.blockBytes), track.limit() - start),
    )
    let end = start
    while (end - start < most && feed.has(end)) end++
    if (end === start) return
    track.isReading = true
    this.#begin()
    feed.getBatch(start, end, { wait: false }, (error, blocks) => {
      this.#afterRead(track, error, blocks ?? []).finally(() => this.#end())
    })
  }

  async #afterRead(track: Track, error: Error | null, blocks: readonly Uint8Array[]): Promise<void> {
    if (error && !this.#isClosed)
      this.#stop(track, track.next, `it can not be read from storage (${error.message})`)
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

  #decode(track: Track, bytes: Uint8Array): void {
    const fault = this.#take(track, bytes)
    if (fault) this.#stop(track, track.next, fault)
  }

  /** Answers what is wrong with the block, if something is. */
  #take(track: Track, bytes: Uint8Array): string | undefined {
    const seq = track.next
    if (seq === 0) {
      if (!isHistoryHeader(bytes)) return "its first block is not hyperdb's header"
      track.queue.push({ seq, entry: undefined, list: [] })
      track.next = 1
      return undefined
    }
    const entry = parseHistoryBlock(bytes)
    if (!entry) return 'it is malformed'
    const isInflated = entry.inflate === seq
    if (
      isInflated ? entry.feeds.length === 0 : entry.feeds.length > 0 || entry.inflate !== track.inflatedAt
    ) {
      return 'it does not say which feeds it knows'
    }
    const list = isInflated ? this.#readList(track, entry.feeds) : track.list
    if (typeof list === 'string') return list
    if (entry.clock.length > list.length || entry.clock[list.indexOf(track)] !== seq + 1)
      return 'its clock is wrong'
    if (isInflated) {
      track.inflatedAt = seq
      track.list = list
    }
    track.queue.push({ seq, entry, list })
    track.next = seq + 1
    return undefined
  }

  #readList(track: Track, keys: readonly Uint8Array[]): readonly Track[] | string {
    const names = keys.map(toHex)
    const distinct = new Set(names)
    if (distinct.size < names.length || !distinct.has(track.key)) return 'it lists feeds wrongly'
    for (const [i, name] of names.entries()) {
      if (this.#validKeys.has(name)) continue
      if (!this.#options.isPublicKey(keys[i]!)) return 'it lists a feed whose key is none'
      this.#validKeys.add(name)
    }
    const isNew = (name: string) => !this.#tracks.has(name)
    // One for the feed of a reader, which nobody lists.
    if (this.#tracks.size + names.filter(isNew).length > MAX_FEEDS_PER_CONNECTION + 1) {
      return `with what it lists there would be more than ${MAX_FEEDS_PER_CONNECTION} writers`
    }
    return names.map((name) => this.#track(name))
  }

  #stop(track: Track, seq: number, reason: string): void {
    track.isStopped = true
    track.stash.clear()
    this.#options.onCorrupt(track.key, seq, reason)
  }

  #run(track: Track): void {
    this.#runnable.push(track)
    if (this.#isRunning) return
    this.#isRunning = true
    for (let next = this.#runnable.pop(); next; next = this.#runnable.pop()) this.#fold(next)
    this.#isRunning = false
    this.#deliver()
  }

  #fold(track: Track): void {
    if (track.isLearning || track.isWaiting || this.#isClosed) return
    let folded = 0
    for (const pending of track.queue) {
      const missing = this.#missing(track, pending)
      if (missing) {
        track.isWaiting = true
        missing.on.waiters.push({ track, length: missing.length })
        break
      }
      if (pending.entry && pending.entry.feeds.length > 0) {
        this.#learn(track, pending)
        break
      }
      folded++
      this.#foldOne(track, pending)
    }
    track.queue.splice(0, folded)
    if (track.goals.length > 0) {
      const isDone = (length: number) => length <= track.folded || this.#isStuck(track)
      for (const { resolve } of track.goals.filter(({ length }) => isDone(length))) resolve()
      track.goals = track.goals.filter(({ length }) => !isDone(length))
    }
    if (folded > 0) this.#pull(track)
  }

  /** The first feed that the entry's clock is ahead of. */
  #missing(track: Track, { entry, list }: Pending): { on: Track; length: number } | undefined {
    if (!entry) return undefined
    for (const [i, length] of entry.clock.entries()) {
      const on = list[i]!
      if (on !== track && on.folded < length) return { on, length }
    }
    return undefined
  }

  #learn(track: Track, pending: Pending): void {
    track.isLearning = true
    this.#begin()
    this.#options
      .learn(track.writer!, pending.seq)
      .then(
        () => {
          track.isLearning = false
          if (this.#isClosed) return
          track.queue.shift()
          track.authorised = pending.list.map(({ index }) => index)
          this.#foldOne(track, pending)
          this.#authorise()
          this.#run(track)
          this.#pull(track)
        },
        (error: Error) => {
          if (!this.#isClosed)
            this.#stop(track, pending.seq, `the feeds it lists can not be opened (${error.message})`)
        },
      )
      .finally(() => this.#end())
  }

  #foldOne(track: Track, { entry, seq, list }: Pending): void {
    track.folded = seq + 1
    if (entry) {
      const clock: number[] = []
      for (const [i, length] of entry.clock.entries()) if (length > 0) clock[list[i]!.index] = length
      for (let i = 0; i < clock.length; i++) clock[i] ??= 0
      this.#delivery.push({
        feed: track.index,
        seq,
        key: entry.key,
        // A view would keep the whole frame or batch in memory.
        value: entry.value && new Uint8Array(entry.value),
        deleted: entry.deleted,
        clock,
        authorised: track.authorised,
      })
      if (this.#delivery.length >= MAX_DELIVERY) this.#deliver()
    }
    if (track.waiters.length === 0) return
    const woken = track.waiters.filter(({ length }) => length <= track.folded)
    if (woken.length === 0) return
    track.waiters = track.waiters.filter(({ length }) => length > track.folded)
    for (const waiter of woken) {
      waiter.track.isWaiting = false
      this.#runnable.push(waiter.track)
    }
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
