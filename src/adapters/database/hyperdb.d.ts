/** The parts of hyperdb 3.5.0 and what it stands on that we use or mend, as they are. None of it leaves this folder. */

type Callback<T = void> = (error: Error | null, value?: T) => void

declare module 'sodium-universal' {
  export interface StreamCipher {
    update(output: Uint8Array, input: Uint8Array): void
    final(): void
  }
  const sodium: {
    crypto_stream_xor_instance: (nonce: Uint8Array, key: Uint8Array) => StreamCipher
    crypto_sign_keypair(publicKey: Uint8Array, secretKey: Uint8Array): void
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
    crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array | null): void
    crypto_generichash_batch(output: Uint8Array, inputs: readonly Uint8Array[], key?: Uint8Array | null): void
  }
  export default sodium
}

declare module 'random-access-memory' {
  import type { RandomAccess } from '../storage/storage.js'

  interface Request<T> {
    readonly offset: number
    size: number
    readonly data?: Buffer
    callback(error: Error | null, value?: T): void
  }
  /** Its bytes and, as random-access-storage has it, what answers one request each. */
  interface RandomAccessMemory extends RandomAccess {
    readonly length: number
    _read(request: Request<Buffer>): void
    _write(request: Request<null>): void
    _del(request: Request<null>): void
  }
  const ram: (options?: { pageSize?: number }) => RandomAccessMemory
  export default ram
}

declare module 'hypercore-crypto' {
  const crypto: {
    discoveryKey(publicKey: Uint8Array): Buffer
    data(block: Uint8Array): Buffer
    tree(roots: readonly { hash: Uint8Array; index: number; size: number }[]): Buffer
  }
  export default crypto
}

declare module 'hypercore' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'node:stream'
  import type { RandomAccess } from '../storage/storage.js'

  interface TreeNode {
    index: number
    hash: Buffer
    size: number
  }

  interface BitfieldPage {
    readonly offset: number
    readonly buffer: Buffer
  }

  interface Selection {
    linear: boolean
  }

  interface FeedOptions {
    secretKey?: Buffer | null
    storeSecretKey?: boolean
    sparse?: boolean
    /** Nodes of the tree that its own cache may hold; 0 for none. */
    storageCacheSize?: number
  }

  /** A table of pages: as large as it ever may be, unless `pages` is replaced by a shorter one with the same content. */
  interface Pager {
    pages: unknown[]
    readonly length: number
  }

  interface SparseBitfield {
    readonly pages: Pager
  }

  interface NodeCache {
    get(index: number): TreeNode | null
    set(index: number, node: TreeNode): void
  }

  class Feed extends EventEmitter {
    constructor(storage: (name: string) => RandomAccess, key: Buffer | null, options?: FeedOptions)
    readonly key: Buffer
    readonly discoveryKey: Buffer
    readonly secretKey: Buffer | null
    length: number
    byteLength: number
    readonly opened: boolean
    readonly closed: boolean
    readonly writable: boolean
    readonly readable: boolean
    readonly peers: readonly Peer[]
    readonly remoteLength: number
    /** There once it is open. */
    readonly bitfield: {
      /** Its length is in blocks, and at least up to the last one here. */
      readonly data: { readonly length: number }
      readonly tree: { set(index: number, value: boolean): boolean }
      readonly pages: Pager & { lastUpdate(): BitfieldPage | null; updated(page: BitfieldPage): void }
      get(index: number): boolean
      set(index: number, value: boolean): boolean
      total(start: number, end: number): number
      /** The blocks from `start` as a Have names them; all for 0 and 0. */
      compress(start: number, length: number): Buffer
    }
    /** There once it is open. */
    readonly tree: { get(index: number): boolean; readonly constructor: new (bits: SparseBitfield) => object }
    readonly _reserved: SparseBitfield & { readonly constructor: new () => SparseBitfield }
    readonly _storage: {
      readonly signatures: RandomAccess
      putBitfield(offset: number, bytes: Buffer, callback: (error: Error | null) => void): void
      getNode(index: number, callback: (error: Error | null, node?: TreeNode) => void): void
      readonly tree: RandomAccess
      readonly data: RandomAccess
      /** Nodes of the tree that were read; null for none. */
      cache: NodeCache | null
      /** Where a block begins among the feed's bytes, and how long it is; for blocks that are here. */
      dataOffset(
        index: number,
        cached: readonly TreeNode[],
        callback: (error: Error | null, offset?: number, size?: number) => void,
      ): void
    }
    _selections: Selection[]
    _getBuffer(block: number, callback: (error: Error | null, block?: Buffer) => void): void
    /** Ours: reads a block that a peer wants, and says whether it is whole. */
    _prepare?: (block: number, done: (isWhole: boolean) => void) => void
    _unannounce(message: { start: number; length: number }): void
    _updatePeers(): void
    download(range: { start: number; end: number; linear: boolean }, callback: Callback): void
    _merkle: unknown
    _seq: number
    _ready(callback: Callback): void
    ready(callback: () => void): void
    append(blocks: Buffer | Buffer[], callback: Callback<number>): void
    /** What of its tree a block is proven by; the signature where that leads up to the tops. */
    proof(index: number, callback: Callback<{ nodes: TreeNode[]; signature: Buffer | null }>): void
    /** Stores a block of another's feed, if the proof holds. */
    put(
      index: number,
      data: Buffer,
      proof: { nodes: TreeNode[]; signature: Buffer | null },
      callback: (error: Error | null) => void,
    ): void
    has(start: number, end?: number): boolean
    get(index: number, options: { wait?: boolean; timeout?: number } | null, callback: Callback<Buffer>): void
    getBatch(start: number, end: number, options: { wait: boolean }, callback: Callback<Buffer[]>): void
    signature(index: number, callback: Callback<{ index: number; signature: Buffer }>): void
    rootHashes(index: number, callback: Callback<TreeNode[]>): void
    replicate(options: { stream?: Duplex; live: boolean }): Duplex
    _announce(message: { start: number; length?: number }, from?: Peer): void
    _sync(value: null, callback: Callback): void
    _syncBitfield(callback: (error: Error | null) => void): void
    _pollWaiting(): void
    close(callback: Callback): void
  }

  /** What hypercore holds for one feed of one connection. */
  interface Peer {
    readonly feed: Feed
    readonly stream: { want(message: { start: number; length: number }): unknown } | null
    downloading: boolean
    update(): void
    /** What it was sent of the tree. */
    remoteTree: object | null
    oninfo(message: object): void
    onhave(message: object): void
    onunhave(message: object): void
    onwant(message: object): void
    onunwant(message: object): void
    onrequest(message: object): void
    oncancel(message: object): void
    ondata(message: object): void
  }

  export default Feed
  export type { Feed, FeedOptions, Pager, Peer, TreeNode }
}

declare module 'hyperdb/lib/messages.js' {
  interface Codec<T> {
    encode(message: T): Buffer
  }
  const messages: {
    Header: Codec<{ protocol: string }>
    Entry: Codec<{ key: string; trie: Buffer; clock: number[]; inflate: number }>
    InflatedEntry: Codec<{
      key: string
      trie: Buffer
      clock: number[]
      inflate: number
      feeds: { key: Uint8Array }[]
    }>
  }
  export default messages
}

declare module 'hyperdb/lib/normalize.js' {
  const normalise: (key: string) => string
  export default normalise
}

declare module 'hyperdb/lib/hash.js' {
  const hash: (key: string, terminate: boolean) => number[]
  export default hash
}

declare module 'hyperdb/lib/put.js' {
  import type Hyperdb from 'hyperdb'
  import type { HyperdbNode } from 'hyperdb'

  const put: (
    db: Hyperdb,
    clock: number[],
    heads: HyperdbNode[],
    key: string,
    value: Buffer | null,
    options: { delete: boolean },
    callback: Callback<HyperdbNode>,
  ) => void
  export default put
}

declare module 'hyperdb' {
  import type { EventEmitter } from 'node:events'
  import type { Feed, FeedOptions } from 'hypercore'
  import type { RandomAccess } from '../storage/storage.js'

  interface Pointer {
    feed: number
    seq: number
  }

  interface HyperdbNode {
    key: string
    value?: Buffer | null
    path?: number[]
    /** Ours: its trie has been looked through. A property, because a set of thousands of nodes is slow to collect. */
    pruned?: boolean
    feed: number
    seq: number
    clock: number[]
    /** By level and branch; sparse. */
    trie: ((Pointer[] | undefined)[] | undefined)[]
  }

  interface Writer extends EventEmitter {
    _id: number
    readonly _feed: Feed
    /** Ours. */
    checked: import('./feed-check/checked-blocks.js').CheckedBlocks
    /** Decoded nodes by seq. */
    _cache: { get(seq: number): HyperdbNode | null; set(seq: number, node: HyperdbNode): void }
    _clock: number
    _entry: number
    _feeds: number
    _feedsLoaded: number
    _feedsMessage: { feeds: { key: Buffer }[] } | null
    length(): number
    head(callback: (error: Error | null, node?: HyperdbNode | null, id?: number) => void): void
    get(seq: number, callback: (error: Error | null, node?: HyperdbNode, id?: number) => void): void
    append(entry: HyperdbNode, callback: Callback): void
    _updateFeeds(): void
    _decode(
      seq: number,
      bytes: Buffer,
      callback: (error: Error | null, node?: HyperdbNode, id?: number) => void,
    ): void
    _getFeed(seq: number, callback: Callback<Buffer>): void
  }

  interface HyperdbWrite {
    type: 'put' | 'del'
    key: string
    value: Buffer | null
  }

  interface HyperdbOptions {
    valueEncoding?: string
    secretKey?: Buffer
    storeSecretKey?: boolean
  }

  class Hyperdb extends EventEmitter {
    constructor(
      storage: string | ((name: string) => RandomAccess),
      key?: Buffer | string | object | null,
      options?: object,
    )
    readonly key: Buffer
    readonly discoveryKey: Buffer
    readonly id: Buffer
    readonly local: Feed
    readonly source: Feed
    readonly feeds: Feed[]
    readonly opened: boolean
    readonly _localWriter: Writer
    readonly _writers: Writer[]
    readonly _authorized: number[]
    readonly _byKey: Map<string, Writer>
    readonly _replicating: (() => void)[]
    _batching: Buffer[] | null
    _batchingNodes: HyperdbNode[] | null
    _lock: (
      run: (release: (callback: unknown, error?: Error | null, value?: unknown) => void) => void,
    ) => void
    ready(callback: Callback): void
    heads(callback: Callback<HyperdbNode[]>): void
    put(
      key: string,
      value: Buffer | null,
      options?: object | Callback<HyperdbNode> | null,
      callback?: Callback<HyperdbNode>,
    ): void
    batch(batch: readonly HyperdbWrite[], callback?: Callback<HyperdbNode[]>): void
    get(key: string, callback: Callback<HyperdbNode[]>): void
    list(callback: Callback<HyperdbNode[][]>): void
    replicate(options: object): Duplex
    _ready(callback: Callback): void
    _clock(): number[]
    _getHeads(update: boolean, callback: Callback<HyperdbNode[]>): void
    _writer(directory: string, key: Buffer | undefined, options?: FeedOptions): Writer
    _addWriter(key: Buffer, callback: Callback): void
    _pushWriter(writer: Writer): void
    _getPointer(feed: number, seq: number, isPut: boolean, callback: Callback<HyperdbNode>): void
  }

  export default Hyperdb
  export type { HyperdbNode, HyperdbOptions, HyperdbWrite, Writer }
}
