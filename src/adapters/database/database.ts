import type { ByteStream } from '../byte-stream.js'

/**
 * One entry of a feed's history. Feeds are named by their index in {@link Database.feeds}, which grows and never changes
 * order on one replica (another replica may have another order: compare writers by key).
 */
export interface HistoryEntry {
  readonly feed: number
  /** The block's position in its feed. Block 0 is a header and never an entry. */
  readonly seq: number
  /** The key in hyperdb: empty for a pure authorisation. */
  readonly key: string
  /** A part of something larger, a frame or half a megabyte read from disk: whoever keeps it copies it. */
  readonly value: Uint8Array | undefined
  readonly deleted: boolean
  /** By feed index: how many blocks of that feed the writer had seen (its own included). Missing means 0. */
  readonly clock: readonly number[]
  /** By feed index: the feeds that this feed has authorised in hyperdb up to and including this entry. */
  readonly authorised: readonly number[]
  /** Written on this node, and not in its feed yet: it counts though its feed may not write. */
  readonly waits?: boolean
}

export interface DatabaseWrite {
  readonly type: 'put' | 'del'
  readonly key: string
  /** A deletion carries a value too: what it deletes, for the view. */
  readonly value: Uint8Array
}

export interface FeedProgress {
  readonly writer: string
  /** Blocks in order from 0 whose causes are here too. */
  readonly folded: number
  /** Blocks that are here. */
  readonly downloaded: number
  /** Blocks that the writer's signature proves to exist. */
  readonly proven: number
  /** Bytes of what is proven. */
  readonly bytes: number
  /** Bytes of the blocks that are here. */
  readonly bytesHere: number
  /** Bytes of the blocks that peers have brought since it was opened. */
  readonly received: number
}

/** Why the own feed has to be fetched from others before anything is written to it again. */
export type MendingReason =
  /** Others hold more of it than is here. */
  | 'behind'
  /** Others hold something else than is here: two wrote with one key. */
  | 'forked'
  /** What is stored of it does not agree with itself. */
  | 'damaged'
  /** Another node has the key, and keeps it: this one lets it go, and has another once all that it lacks is fetched. */
  | 'shared'

/** How far that has come, in blocks. What is written meanwhile is kept, and is written to the feed after it. */
export interface Mending {
  readonly reason: MendingReason
  readonly have: number
  readonly need: number
}

export interface ChangedKey {
  /** Nobody was told of it yet. */
  readonly isNews: boolean
  /** It could write with the one before. */
  readonly wasWriter: boolean
}

export interface ReplicationOptions {
  /** Extension names, negotiated in the handshake. */
  readonly extensions: readonly string[]
  /** An extension message. Runs inside the parser: it must not throw, and copies what it keeps. */
  onExtension(name: string, bytes: Uint8Array): void
  /** Both ends have said hello; `supports` is valid from here on. */
  onHandshake(): void
  /**
   * Extension messages only, until {@link Replication.begin}: no feed is offered, asked for or answered, and what the peer
   * already says of its feeds waits. It may be begun in `onHandshake` at the latest for a peer that doesn't know of this.
   */
  readonly isDeferred?: boolean
}

/** One replication of the database over one connection. */
export interface Replication {
  /** hypercore-protocol's bytes, encrypted under the read key. Destroyed with a HyphaError (PEER_MISBEHAVED) by a bad peer. */
  readonly stream: ByteStream
  /** Sends an extension message. False when the peer does not take it, or the stream has ended. */
  send(extension: string, bytes: Uint8Array): boolean
  supports(extension: string): boolean
  /** Lets the database replicate, where that was deferred. @param isTwin the other end has this node's own key */
  begin(isTwin?: boolean): void
  /** Asks something of a peer that has no heartbeat, which it answers if it is alive. Only once replication has begun. */
  probe(): void
  readonly blocksReceived: number
  readonly blocksSent: number
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Bytes that the connection has not taken yet. */
  readonly bytesWaiting: number
}

export interface DatabaseEvents {
  /**
   * New history in causal order (every entry after all that its clock names), each entry exactly once since opening,
   * in batches. Also when it was written here: before that write resolves. `feeds` is {@link Database.feeds} as of these
   * entries, because what is stored is delivered while the database opens.
   */
  entries(entries: readonly HistoryEntry[], feeds: readonly string[], localWriter: string): void
  /** Lengths, downloads or {@link Database.heldBy} moved; at most once a macrotask. */
  progress(): void
  /**
   * The own feed is another one than before, fetched from others: all history comes again, from its beginning, and with it the
   * feeds anew. `isAllHere` resolves when what is stored has come.
   */
  anew?(isAllHere: Promise<void>): void
  /** The key may be let go: closed and opened again, the database has another. Once. */
  keyGone?(): void
  /** A feed that can't be read on (FEED_CORRUPT, ADMISSIONS_EXCEEDED), or the origin's alarms (ORIGIN_FORKED, ORIGIN_UNSEALED). Once each. */
  error(error: Error): void
}

/** A hypha's multi-writer database: stores, replicates, authorises. It answers no reads: the view does, from the history. */
export interface Database {
  /** 32 bytes each. */
  readonly hyphalink: Uint8Array
  readonly discoveryKey: Uint8Array
  /** The public key of the feed that this node writes to, hex. */
  readonly localWriter: string
  /** Index → writer key, hex. 0 is the origin. */
  readonly feeds: readonly string[]
  readonly progress: readonly FeedProgress[]
  /** Peers that are there now and have proven to hold everything that was written here. */
  readonly heldBy: number
  /** While the own feed is fetched from others. */
  readonly mending: Mending | undefined
  /** Whether hyperdb counts the writer among the authorised, by what has been folded here. */
  isAuthorised(writer: string): boolean
  /**
   * Writes one atomic run of entries to the local feed. Resolves when they are stored.
   * @throws HyphaError NOT_A_WRITER (local feed not authorised), STORAGE_FAILED, CLOSED
   */
  write(writes: readonly DatabaseWrite[]): Promise<void>
  /**
   * Authorises a writer and writes its record, in one block.
   * @throws HyphaError WRITER_KEY_INVALID (not 32 bytes, not an Ed25519 point, or the origin's own key), ADMISSIONS_EXCEEDED, as {@link write}
   */
  authorise(writer: Uint8Array, record: DatabaseWrite): Promise<void>
  /** The value of one entry again, from storage. */
  readValue(feed: number, seq: number): Promise<Uint8Array | undefined>
  /** Set where this node has another key than it began with, as another node kept that one. */
  readonly changedKey: ChangedKey | undefined
  /** {@link ChangedKey.isNews} is over. Resolves when that is stored. */
  changedKeyTold(): Promise<void>
  /**
   * Another node has the own key and keeps it: from here on nothing is written with it. Resolves when that is stored. What the other one wrote
   * is fetched, and what only this one wrote waits until the new key may write.
   */
  letKeyGo(): Promise<void>
  /** The one that keeps the key knows that this one lets it go: until then it could still do so too. */
  keyIsKept(): Promise<void>
  /** Nobody keeps it: this one does after all. */
  takeKeyBack(): Promise<void>
  /** Signs with the local writer's key. */
  sign(message: Uint8Array): Uint8Array
  replicate(options: ReplicationOptions): Replication
  /** Ends replications, closes every file. Resolves when all is released. */
  close(): Promise<void>
}
