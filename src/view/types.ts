import type { HistoryEntry } from '../adapters/database/database.js'

/** Where an entry stands in history, and what it has seen. */
export type HistoryPlace = Pick<HistoryEntry, 'feed' | 'seq' | 'clock'>

/** An opened put or deletion of a name. */
export interface DecodedEntry {
  readonly kind: 'entry'
  readonly name: string
  /** The JSON value, or an UnreadValue; undefined for a deletion, and only then. The view freezes it. */
  readonly value: unknown
  /** The writer's claim, epoch ms. */
  readonly time: number
  readonly public: boolean
  /** Another form of the same name, under which it lies: older writers did not normalise names. */
  readonly writtenAs?: string | undefined
}

/** An authorisation record: the feed that it was read from names a node, and says that it authorised it. */
export interface DecodedRecord {
  readonly kind: 'record'
  /** Writer keys, hex. `author` is from the path: a record that another feed wrote is ignored. */
  readonly target: string
  readonly author: string
  /** Undefined for who can't open it. */
  readonly name: string | undefined
  /** The author's claim, epoch ms. */
  readonly at: number
  /** The request's id, hex, or empty. */
  readonly request: string
}

/**
 * Opens what a block holds: checks its bytes and its name, deciphers. Undefined for what is malformed, can't be opened by
 * this node, or is not ours; it never throws. Called at most once an entry, and only for entries that count.
 */
export type Decode = (entry: HistoryEntry) => DecodedEntry | DecodedRecord | undefined

/** One value of a name, as one writer put it. */
export interface Version {
  /** The JSON value, deeply frozen; undefined when it is large: then it is at {@link pointer}. */
  readonly value: unknown
  /** Where a large value is to be loaded from. */
  readonly pointer: Pointer | undefined
  /** The writer's key, hex. */
  readonly author: string
  readonly feed: number
  readonly seq: number
  /** The writer's claim, epoch ms. */
  readonly time: number
  readonly public: boolean
  /** As {@link DecodedEntry.writtenAs}. */
  readonly writtenAs: string | undefined
}

/** A block: what `database.readValue(feed, seq)` takes. */
export interface Pointer {
  readonly feed: number
  readonly seq: number
}

/** What a name reads as now, after it has changed. */
export interface Change {
  readonly name: string
  /** Undefined when deleted, and when it is large: then it is at `version.pointer`. */
  readonly value: unknown
  readonly deleted: boolean
  readonly version: Version | undefined
  /** Whether the name has other values beside this one, of writers who had not seen each other's. */
  readonly conflict?: boolean
}

export interface Folded {
  /** Each name whose winner is another one than before the batch, once, by first touch. */
  readonly changes: readonly Change[]
  /** Each name whose winner stays while its other values came, went or changed: a conflict began, grew or was resolved. */
  readonly conflicts?: readonly Change[]
  /** False when no {@link NodeInfo} changed. (A name that changed there and back within one batch counts as a change.) */
  readonly nodesChanged: boolean
}

/** A node that is admitted as a writer. */
export interface NodeInfo {
  readonly writerKey: string
  /** By its own record, else by who let it in. Undefined before that is here, and for who can't open it. */
  readonly name: string | undefined
  /** A writer key, hex; the hyphalink for the founding writer. */
  readonly authorisedBy: string
  /** The authorising node's claim, epoch ms. Undefined for a founding writer that has not yet described itself. */
  readonly authorisedAt: number | undefined
  /** The id of the request that was answered, hex, or empty. */
  readonly request: string
}
