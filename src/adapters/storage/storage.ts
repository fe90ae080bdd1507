/** One file of a store, as hypercore uses it: random-access-storage's own shape. */
export interface RandomAccess {
  read(offset: number, size: number, callback: (error: Error | null, bytes?: Uint8Array) => void): void
  write(offset: number, bytes: Uint8Array, callback?: (error: Error | null) => void): void
  del(offset: number, size: number, callback?: (error: Error | null) => void): void
  close(callback?: (error: Error | null) => void): void
}

/** Where a node keeps its hypha: named random-access files, in folders by `/`. */
export interface Storage {
  /** Names this kind of storage in errors and status pages: `memory`, `file`, ... */
  readonly kind: string
  /** The same name gives the same bytes for as long as this storage lives, over `close` and reopening of the file too. */
  file(name: string): RandomAccess
  /** Releases what the storage holds (locks, handles). Files of it may not be used afterwards. */
  close(): Promise<void>
}
