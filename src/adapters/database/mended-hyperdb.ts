import type { Duplex } from 'node:stream'
import type { Feed, FeedOptions } from 'hypercore'
import type { HyperdbNode, HyperdbWrite, Writer } from 'hyperdb'
import { soon } from '../soon.js'
import type { RandomAccess } from '../storage/storage.js'
import { announceWhatIsStored } from './announce-stored.js'
import { packOnlyWhatIsThere } from './brief-bitfields.js'
import { Hyperdb, hash, hypercoreCrypto, normalise, put } from './engine.js'
import { checkBlocks } from './feed-check/checked-blocks.js'
import { leanFeed, leanWriter, NO_TREE_CACHE } from './lean-memory.js'
import { createLock } from './lock.js'
import type { MendedOptions } from './mended-options.js'
import { promised } from './promised.js'
import { appendWhollyOrNotAtAll } from './whole-appends.js'
import { giveWay } from './yielding.js'

interface PutOptions {
  delete?: boolean
  ifNotExists?: boolean
}

/** Nodes that one put reads: a few for each level of the trie and each writer; a hostile trie could ask for any number. */
const MAX_READS_OF_A_PUT = 8_192

/** A feed came while a put was prepared. Its entry would list the feed, and not know the one that brought it. */
const FEED_CAME = new Error('A feed has come meanwhile')

type HeadCallback = (error: Error | null, node?: HyperdbNode | null, id?: number) => void
type NodeCallback = (error: Error | null, node?: HyperdbNode) => void

/**
 * hyperdb 3.5.0 with its faults mended, as far as they are hyperdb's own: feeds download in order; a put or batch that fails
 * releases the lock and leaves the writer as it was; a put's clock and heads are one moment's; a long batch gives way to
 * I/O; and, given `lengthOf`, nothing waits for blocks that are not here.
 */
export class MendedHyperdb extends Hyperdb {
  readonly #options: MendedOptions
  /** The clock of our last entry: one after it never claims less. */
  #ownClock: readonly number[] = []
  #reads = 0
  /** How many feeds the entry that is being prepared may list. */
  #mayList = Number.POSITIVE_INFINITY

  constructor(
    storage: string | ((name: string) => RandomAccess),
    key?: Buffer | string | object | null,
    options: MendedOptions = {},
  ) {
    super(storage, key, options)
    this._lock = createLock()
    this.#options = key !== null && typeof key === 'object' && !Buffer.isBuffer(key) ? key : options
  }

  /** hyperdb calls this from its constructor, before this class has its fields. */
  override _ready(callback: (error: Error | null) => void): void {
    queueMicrotask(() =>
      super._ready((error) => {
        if (error) callback(error)
        else {
          const append = this._localWriter.append
          this._localWriter.append = (entry, done) =>
            this.feeds.length > this.#mayList ? done(FEED_CAME) : append.call(this._localWriter, entry, done)
          this._localWriter.head((failure, head) => {
            if (head) this.#ownClock = head.clock
            callback(failure)
          })
        }
      }),
    )
  }

  override _writer(directory: string, key: Buffer | undefined, feedOptions?: FeedOptions): Writer {
    const known = key && this._byKey.get(key.toString('hex'))
    if (known) return known
    const { onFault, lengthOf, onFolder, onDamaged } = this.#options
    if (key) onFolder?.(directory, key)
    const writer = super._writer(directory, key, { ...feedOptions, storageCacheSize: NO_TREE_CACHE })
    const feed = writer._feed
    leanFeed(feed)
    // Not the prototype's doing: every feed begins with one selection, of all its blocks, in random order.
    for (const selection of feed._selections) selection.linear = true
    packOnlyWhatIsThere(feed)
    if (onFault) feed.on('error', (error: Error) => onFault(error, writer))
    if (lengthOf) {
      appendWhollyOrNotAtAll(feed)
      writer.checked = checkBlocks(feed, (block) => onDamaged?.(writer, block))
      leanWriter(writer)
      writer.length = () => (feed === this.local ? feed.length : lengthOf(writer))
      writer._getFeed = (seq, callback) => feed.get(seq, { wait: false }, callback)
      writer.head = (callback) => this.#head(writer, writer.length() - 1, callback)
      const get = writer.get
      // A put asks for several that are at hand, and hyperdb would answer each in a tick of its own.
      writer.get = (seq, callback) => {
        const cached = writer._cache.get(seq)
        if (cached) soon((error, node) => callback(error, node, writer._id), null, cached)
        else get.call(writer, seq, callback)
      }
      // It would read the head again after each block, to find new feeds in it.
      feed.removeAllListeners('sync')
      announceWhatIsStored(feed, (length) => this.#beforeAnnouncing(feed, length))
    }
    return writer
  }

  /** Of our own feed the last entry that can be read: damage to one must not keep hyperdb from opening. */
  #head(writer: Writer, seq: number, callback: HeadCallback): void {
    if (seq < 1) queueMicrotask(() => callback(null, null, writer._id))
    else
      writer.get(seq, (error, node, id) => {
        if (error && writer._feed === this.local) this.#head(writer, seq - 1, callback)
        else callback(error, node, id)
      })
  }

  async #beforeAnnouncing(feed: Feed, length: number): Promise<void> {
    if (feed === this.local) await this.#options.beforeAnnouncing?.(length)
  }

  /**
   * Replicates over a stream what is authorised, now and whenever more is, except for feeds that `isHeldBack` says may not be
   * yet. Look again when one may.
   */
  follow(stream: Duplex, isHeldBack: (feed: Feed) => boolean): () => void {
    const joined = new Set<Feed>()
    const look = () => {
      if (stream.destroyed) return
      for (const index of this._authorized) {
        const feed = this.feeds[index]
        if (!feed || joined.has(feed) || isHeldBack(feed)) continue
        joined.add(feed)
        feed.replicate({ stream, live: true })
      }
    }
    const leave = () => {
      const at = this._replicating.indexOf(look)
      if (at >= 0) this._replicating.splice(at, 1)
    }
    this._replicating.push(look)
    stream.on('close', leave).on('end', leave)
    look()
    return look
  }

  /** hyperdb waits for ever for a feed that can't be opened, and looks for each among all, of each list that it reads. */
  override _addWriter(key: Buffer, callback: (error: Error | null) => void): void {
    const known = this._byKey.get(key.toString('hex'))
    if (known && this._writers[known._id] === known) {
      callback(null)
      return
    }
    const writer = this._writer(`peers/${hypercoreCrypto.discoveryKey(key).toString('hex')}`, key)
    writer._feed._ready((error) => {
      if (!error && !this.feeds.some((feed) => feed.key.equals(key))) this._pushWriter(writer)
      callback(error)
    })
  }

  override _pushWriter(writer: Writer): void {
    super._pushWriter(writer)
    this.#options.onWriter?.(writer)
  }

  override _clock(): number[] {
    return super._clock().map((length, feed) => Math.max(length, this.#ownClock[feed] ?? 0))
  }

  /** A put reads the nodes that tries point at. Tries are their writers' word, so what they may cost is bounded. */
  override _getPointer(feed: number, seq: number, isPut: boolean, callback: NodeCallback): void {
    if (!isPut || !this.#options.lengthOf || this._batchingNodes?.[seq - this.local.length]) {
      super._getPointer(feed, seq, isPut, callback)
    } else if (!this.#isThere(feed, seq) || this.#reads++ > MAX_READS_OF_A_PUT) {
      queueMicrotask(() => callback(new Error('A trie leads nowhere, or too far')))
    } else {
      const cached = this._writers[feed]?._cache.get(seq)
      if (cached?.pruned) soon(callback, null, cached)
      else super._getPointer(feed, seq, isPut, (error, node) => callback(error, node && this.#prune(node)))
    }
  }

  #isThere(feed: number, seq: number): boolean {
    return seq > 0 && seq < (this._writers[feed]?.length() ?? 0)
  }

  /** Drops what of a node's trie leads nowhere: a put would fail on it, or copy it into our own entry. */
  #prune(node: HyperdbNode): HyperdbNode {
    if (!this.#options.lengthOf || node.pruned) return node
    node.pruned = true
    for (const level of node.trie) {
      level?.forEach((pointers, branch) => {
        if (pointers?.every(({ feed, seq }) => this.#isThere(feed, seq))) return
        level[branch] = pointers?.filter(({ feed, seq }) => this.#isThere(feed, seq))
      })
    }
    return node
  }

  override put(
    key: string,
    value: Buffer | null,
    options?: PutOptions | NodeCallback | null,
    callback?: NodeCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback
    const how = typeof options === 'function' ? undefined : options
    // A conditional put is hyperdb's own: nothing of ours makes one.
    if (how?.ifNotExists) super.put(key, value, how, done)
    else {
      const type = how?.delete ? 'del' : 'put'
      this.#write([{ type, key, value }], false, (error, nodes) => done?.(error, nodes?.[0]))
    }
  }

  override batch(
    batch: readonly HyperdbWrite[],
    callback?: (error: Error | null, nodes?: HyperdbNode[]) => void,
  ): void {
    this.#write(batch, true, (error, nodes) => callback?.(error, nodes))
  }

  #write(
    writes: readonly HyperdbWrite[],
    isBatch: boolean,
    callback: (error: Error | null, nodes?: HyperdbNode[]) => void,
  ): void {
    this._lock((release) => {
      this.#writeAgainAndAgain(writes, isBatch).then(
        (nodes) => release(callback, null, nodes),
        (error) => release(callback, error),
      )
    })
  }

  /** From the beginning each time that a feed comes, of which there are so many. */
  async #writeAgainAndAgain(writes: readonly HyperdbWrite[], isBatch: boolean): Promise<HyperdbNode[]> {
    if (!this.opened) await promised<void>((callback) => this.ready(callback))
    for (;;) {
      await this.#options.beforeWriting?.()
      try {
        if (this.#options.beforeWriting) this.#mayList = this.feeds.length
        return await this.#writeLocked(writes, isBatch)
      } catch (error) {
        if (error !== FEED_CAME) throw error
      } finally {
        this.#mayList = Number.POSITIVE_INFINITY
      }
    }
  }

  async #writeLocked(writes: readonly HyperdbWrite[], isBatch: boolean): Promise<HyperdbNode[]> {
    const writer = this._localWriter
    const feed = writer._feed
    const length = feed.length
    const { _clock, _entry, _feeds, _feedsLoaded, _feedsMessage } = writer
    // One moment: neither waits before it has looked at the lengths.
    const clock = this._clock()
    const heads = promised<HyperdbNode[]>((callback) => this._getHeads(false, callback))
    try {
      const found = (await heads.catch((error) => this.#withoutTrie(error))).map((head) => this.#prune(head))
      const nodes = isBatch
        ? await this.#appendBatch(writes, clock, found)
        : [await this.#appendOne(writes[0]!, clock, found)]
      for (const node of nodes) this.#remember(node)
      this.#ownClock = nodes.at(-1)?.clock ?? this.#ownClock
      return nodes
    } catch (error) {
      if (feed.length === length) {
        // Nothing was appended: the next entry must take this place, in the tree of hashes too.
        Object.assign(writer, { _clock, _entry, _feeds, _feedsLoaded, _feedsMessage })
        if (_feedsMessage) writer._updateFeeds()
        feed._merkle = null
        feed._seq = length
      }
      throw error
    }
  }

  /** The next put begins at this entry: hyperdb would read it again, and decode it. */
  #remember(node: HyperdbNode): void {
    // With other encodings the value would be the caller's own object.
    if (!this.#options.lengthOf) return
    node.path ??= hash(node.key, true)
    this._localWriter._cache.set(node.seq, node)
  }

  /**
   * What to put onto when the heads or the tries below them can't be read: onto nothing. The entry then has an empty trie,
   * which hides older keys from hyperdb's own reads; the view folds the history and is not concerned. Better than that one
   * writer's broken trie blocks everybody's puts.
   */
  #withoutTrie(error: Error): HyperdbNode[] {
    if (!this.#options.lengthOf) throw error
    return []
  }

  async #appendOne(write: HyperdbWrite, clock: number[], heads: HyperdbNode[]): Promise<HyperdbNode> {
    const length = this._localWriter._feed.length
    const before = this._localWriter._clock
    this.#reads = 0
    const onto = (nodes: HyperdbNode[]) =>
      promised<HyperdbNode>((callback) =>
        put(
          this,
          clock,
          nodes,
          normalise(write.key),
          write.value,
          { delete: write.type === 'del' },
          callback,
        ),
      )
    return onto(heads).catch((error) => {
      const triedToAppend = this._localWriter._clock !== before || this._localWriter._feed.length !== length
      if (triedToAppend || error === FEED_CAME) throw error
      return onto(this.#withoutTrie(error))
    })
  }

  async #appendBatch(
    writes: readonly HyperdbWrite[],
    clock: number[],
    heads: HyperdbNode[],
  ): Promise<HyperdbNode[]> {
    const blocks: Buffer[] = []
    const nodes: HyperdbNode[] = []
    this._batching = blocks
    this._batchingNodes = nodes
    try {
      let onto = heads
      for (const write of writes) {
        const node = await this.#appendOne(write, clock, onto)
        node.path = hash(node.key, true)
        // All of a batch share one clock, which says the next entry's length by then.
        node.clock = [...node.clock]
        onto = [node]
        await giveWay()
      }
      await promised((callback) => this.local.append(blocks, callback))
      return nodes
    } finally {
      this._batching = null
      this._batchingNodes = null
    }
  }
}
