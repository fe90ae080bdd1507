/** What a page and the worker that holds its files say to each other. */

export interface Start {
  /** In the origin's private file system; each part one folder. */
  readonly folder: readonly string[]
  /** A lock that the worker holds as long as it lives. */
  readonly alive: string
}

/** `unsupported`: this browser has no such files for workers, or not here. */
export type Started = 'ready' | 'unsupported'

export interface Order {
  /** `size`: of the file. `cut`: everything from `offset` on. */
  readonly kind: 'size' | 'read' | 'write' | 'cut' | 'release'
  readonly name: string
  readonly offset: number
  /** Bytes to read (fewer where the file ends before) or to write. */
  readonly size: number
}

/** One message for all that belongs together, done in this order. */
export interface Batch {
  readonly orders: readonly Order[]
  /** What is written, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Answers {
  /** Why it could not be done; what follows in the batch was not tried. */
  readonly failure?: string
  /** By order: the file's size, -1 of none; how many bytes were read. */
  readonly sizes: readonly number[]
  /** What was read, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
}
