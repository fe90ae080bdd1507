import type { InspectedNode, InspectorEvent, Recording } from './events.js'

/** A node under inspection. */
export interface Inspection {
  readonly node: InspectedNode
  /** What is known now; frozen. */
  recording(): Recording
  /**
   * Tells of what is new, in batches: one a macrotask. Ids of events grow by one; after a gap (more events came at once than
   * `capacity`) ask for the `recording()` again. @returns what ends it
   */
  subscribe(listener: (events: readonly InspectorEvent[]) => void): () => void
  /** Ends it: nothing is registered with the node any more. What was recorded stays. */
  detach(): void
}

export interface InspectOptions {
  /** Events that are kept; older ones fold into the recording's `before`. 10,000 unless given. */
  readonly capacity?: number
}

/**
 * Attaches to a running node, or an always-on node. May be called at any time, and any number of times.
 * @param subject what `createNode` or `createAlwaysOnNode` gave
 * @throws HyphaError OPTION_INVALID
 */
export const inspect = (_subject: object, _options: InspectOptions = {}): Inspection => {
  throw new Error('Not there yet.')
}
