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
  readonly kind: 'read' | 'write' | 'del' | 'release'
  readonly name: string
  readonly offset: number
  readonly size: number
}

/** One message for all that was asked for in one turn, done in this order. */
export interface Batch {
  readonly orders: readonly Order[]
  /** What is written, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Answers {
  /** By order: why it could not be done. */
  readonly failures: readonly (string | null)[]
  /** What was read, one after the other; nothing of what failed. */
  readonly bytes: Uint8Array<ArrayBuffer>
}
