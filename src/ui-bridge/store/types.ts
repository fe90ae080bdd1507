import type { Entry, HyphaNode, NodeSnapshot } from '../../api.js'

/** Something to read and to hear of, as React's useSyncExternalStore takes it. Both functions may be handed on without their object. */
export interface Readable<Value> {
  /** Immutable; the same object until something changed, and of the next one every part that did not. */
  readonly getSnapshot: () => Value
  /** @returns ends it */
  readonly subscribe: (listener: () => void) => () => void
}

/** The entries under a prefix, in key order. */
export interface EntryList {
  readonly entries: readonly Entry[]
  /** Whether all that was here has been read once; until then the list is empty. */
  readonly isLoaded: boolean
}

/** What a user interface holds on to. All of it changes together, at most once a frame. */
export interface HyphaStore extends Readable<NodeSnapshot> {
  readonly node: HyphaNode
  /** The same one for the same prefix. It is kept up to date while anybody is subscribed to it, and read anew after that. */
  entries(prefix?: string): Readable<EntryList>
  /** Lets go of the node, which goes on: nothing is told any more. */
  close(): void
}
