/** One file of a store, as hypercore uses it: random-access-storage's own shape. */
export interface RandomAccess {
  read(offset: number, size: number, callback: (error: Error | null, bytes?: Uint8Array) => void): void
  write(offset: number, bytes: Uint8Array, callback?: (error: Error | null) => void): void
  del(offset: number, size: number, callback?: (error: Error | null) => void): void
  close(callback?: (error: Error | null) => void): void
}

/** Protects what must not lie open on a disk, with a key that this device keeps. */
export interface Wrapping {
  wrap(secret: Uint8Array): Promise<Uint8Array>
  /** Undefined for what was not wrapped here, or is damaged. */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array | undefined>
}

/** Where a node keeps its hypha: named random-access files, in folders by `/`. */
export interface Storage {
  /** Names this kind of storage in errors and status pages: `memory`, `file`, ... */
  readonly kind: string
  /** Known to hold nothing, so that nothing has to be looked for. Left out, one looks. */
  readonly isEmpty?: boolean
  /**
   * Takes what the storage needs (a lock, a worker), before its first file is used. May be asked again, after `close` too.
   * @throws HyphaError STORAGE_LOCKED, STORAGE_UNAVAILABLE, STORAGE_FAILED
   */
  open?(): Promise<void>
  /** The same name gives the same bytes for as long as this storage lives, over `close` and reopening of the file too. */
  file(name: string): RandomAccess
  /** Removes a folder and all that is in it; its files are closed. Left out, they stay. */
  remove?(folder: string): Promise<void>
  /** Secrets go through it. Left out, they are stored as they are: right for memory alone. */
  readonly wrapping?: Wrapping
  /**
   * Told by the node that uses this storage how to close that node. A storage of a page does so when another node of the same page
   * wants what it has, as after a hot reload, which leaves the old node behind.
   */
  whenWanted?(closeNode: () => Promise<void>): void
  /** Releases what the storage holds (locks, handles). Files of it may not be used afterwards. */
  close(): Promise<void>
}
