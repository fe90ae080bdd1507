/**
 * What an inspector is told, as plain JSON. The three of XState have the shape that Stately's inspector takes
 * (`@statelyai/inspect`); what is ours rides beside it. Nothing of it is secret: see allow-list.ts.
 */

interface Base {
  /** The session id of the system's root actor: one a node. Unique among the sessions of one window. */
  readonly rootId: string
  /** The actor that this is about. Unique within `rootId`. */
  readonly sessionId: string
  /** Milliseconds since 1970 with fractions, by the clock of the node's machine, as text. */
  readonly createdAt: string
  /** Of this event; grows by one within a recording. */
  readonly id: string
  /** Of the shape. */
  readonly _version: string
}

/** An XState event with what may be shown of it. */
export interface ShownEvent {
  readonly type: string
  readonly [field: string]: unknown
}

export interface ShownSnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  /** A machine's state; undefined for a promise or a callback. */
  readonly value?: unknown
  readonly context?: Readonly<Record<string, unknown>>
  readonly output?: unknown
  /** Of one that failed. */
  readonly error?: unknown
}

/** An actor is born, or was there when the inspector came. */
export interface ActorEvent extends Base {
  readonly type: '@xstate.actor'
  /** Its id in its parent: `peer:1`, `request`. */
  readonly name: string
  readonly snapshot: ShownSnapshot
  /** The machine, as JSON text; undefined for a promise or a callback. */
  readonly definition: string | undefined
  readonly parentId: string | undefined
  /** Of a machine its id (`node`, `peer`), of other actors what they do (`replication`). */
  readonly source: string
}

/** An event was sent to an actor. */
export interface EventEvent extends Base {
  readonly type: '@xstate.event'
  readonly event: ShownEvent
  /** The session id of who sent it; undefined for the world outside of the actors. */
  readonly sourceId: string | undefined
}

/** One transition that was taken, by the names of docs/statecharts. */
export interface TakenTransition {
  /** The state that defines it: its keys joined by dots, empty for the machine itself. */
  readonly source: string
  /** As in the definition: `close`, `xstate.done.actor.request`, `` for always. */
  readonly event: string
  /** Its place among those of the same state and event. */
  readonly index: number
  readonly targets: readonly string[]
}

/** An actor has taken an event in. */
export interface SnapshotEvent extends Base {
  readonly type: '@xstate.snapshot'
  readonly event: ShownEvent
  readonly snapshot: ShownSnapshot
  /** Those that were taken on the way, in their order. */
  readonly transitions: readonly TakenTransition[]
}

/** An actor is no more. Stately's inspector learns it from snapshots only. */
export interface DeathEvent extends Base {
  readonly type: 'hypha.death'
}

export const MESSAGE_KINDS = [
  'request',
  'decision',
  'acknowledgement',
  'cancel',
  'presence',
  'app',
  'legacy-request',
] as const

/** What became of it here. */
export const MESSAGE_OUTCOMES = ['sent', 'received', 'relayed', 'duplicate', 'refused'] as const

export type MessageOutcome = (typeof MESSAGE_OUTCOMES)[number]

export type MessageKind = (typeof MESSAGE_KINDS)[number]

/**
 * A sealed message passed a node. Never what is in it: a fingerprint makes it known on every node that it passes, and nodes
 * that can open it say which kind it is.
 */
export interface MessageEvent extends Base {
  readonly type: 'hypha.message'
  readonly what: MessageOutcome
  /** The first 8 bytes of the BLAKE2b-128 of the sealed frame, hex. */
  readonly frame: string
  readonly bytes: number
  /** Undefined on a node that can't open it. */
  readonly kind?: MessageKind
  /** The id of the request that it is about. */
  readonly request?: string
  /** How many links it went out on. */
  readonly links?: number
}

export type InspectorEvent = ActorEvent | EventEvent | SnapshotEvent | DeathEvent | MessageEvent

/** Whose recording it is. */
export interface InspectedNode {
  readonly rootId: string
  readonly name: string
  readonly kind: 'node' | 'always-on'
}

/** One node's recording: what was there when it begins, as events that make it so, and what happened since. */
export interface Recording {
  readonly node: InspectedNode
  /** What older events than those in `events` came to, as events again: births, a last snapshot each. */
  readonly before: readonly InspectorEvent[]
  readonly events: readonly InspectorEvent[]
  /** Events that were dropped because the buffer was full; they live on in `before`. */
  readonly dropped: number
}

/** What is exported and opened again: the recordings of one or several nodes. */
export interface InspectorSession {
  readonly format: 'hypha-inspector'
  readonly version: 1
  /** When it was exported: milliseconds since 1970. */
  readonly exportedAt: number
  readonly recordings: readonly Recording[]
}
