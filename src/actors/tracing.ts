import type { AnyActorRef, InspectionEvent } from 'xstate'
import type { Crypto } from '../adapters/crypto/crypto.js'
import { toHex } from '../protocol/bytes.js'

/** A sealed message passed here. Nothing of what is in it. */
export interface MessageTrace {
  readonly what: 'sent' | 'received' | 'relayed' | 'duplicate' | 'refused'
  /** The link that brought it; undefined for one that is sent. */
  readonly linkId?: string
  /** What {@link fingerprint} makes of the sealed frame. */
  readonly frame: string
  readonly bytes: number
  /** By name, as far as it is known here. */
  readonly kind?: string | undefined
  /** The id of the request that it is about. */
  readonly request?: string | undefined
  /** How many links it went out on. */
  readonly links?: number
}

export interface Traces {
  /** There only while somebody listens, so that nothing is made for nobody: `traces.tell?.({ ... })`. */
  readonly tell: ((trace: MessageTrace) => void) | undefined
  /** @returns what ends it */
  listen(listener: (trace: MessageTrace) => void): () => void
}

/** Knows one frame again on every node that it passes: the first 8 bytes of its BLAKE2b-128, hex. */
export const fingerprint = (hash: Crypto['hash'], frame: Uint8Array): string =>
  toHex(hash(frame, { length: 16 }).subarray(0, 8))

export const createTraces = (): Traces => {
  const listeners = new Set<{ listener: (trace: MessageTrace) => void }>()
  const tellAll = (trace: MessageTrace) => {
    for (const { listener } of [...listeners]) {
      try {
        listener(trace)
      } catch {
        // Whoever looks on is none of the message's concern.
      }
    }
  }
  return {
    get tell() {
      return listeners.size > 0 ? tellAll : undefined
    },
    listen: (listener) => {
      const own = { listener }
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}

/** What hears of a node's inside, from {@link Inspectable.observe} on. What it throws goes nowhere. */
export interface NodeObserver {
  /** A root actor that is there, or has come: of a node its one, of an always-on node one a connection. */
  root(actor: AnyActorRef): void
  inspected(event: InspectionEvent): void
  message(trace: MessageTrace): void
  /** The always-on node has been closed; a node's root says so itself. */
  ended(): void
}

/**
 * How an inspector finds its way into a node: `node[Symbol.for('hypha-runtime.inspectable')]`, a key that copies of this module
 * in several bundles share.
 */
export interface Inspectable {
  readonly version: 1
  /** 8 hex digits, random: of this node in this process. */
  readonly id: string
  readonly kind: 'node' | 'always-on'
  readonly name: string
  /** Begins at once with `root()` for those that are there. @returns what ends it: afterwards nothing is registered any more */
  observe(observer: NodeObserver): () => void
}

export const INSPECTABLE = Symbol.for('hypha-runtime.inspectable')

/** Makes a node known to inspectors: not among the names that apps see. */
export const makeInspectable = <Node extends object>(
  node: Node,
  { kind, name, observe }: { kind: Inspectable['kind']; name: () => string } & Pick<Inspectable, 'observe'>,
): Node => {
  const inspectable: Inspectable = {
    version: 1,
    id: toHex(crypto.getRandomValues(new Uint8Array(4))),
    kind,
    get name() {
      return name()
    },
    observe,
  }
  return Object.defineProperty(node, INSPECTABLE, { value: Object.freeze(inspectable) })
}

/** XState lets what an inspector throws into the actors: this keeps it out. */
const guarded =
  (inspected: NodeObserver['inspected']) =>
  (event: InspectionEvent): void => {
    try {
      inspected(event)
    } catch {
      // Whoever looks on is none of the actors' concern.
    }
  }

/** @returns what ends it: afterwards nothing is registered with the system any more */
export const observeSystem = (root: AnyActorRef, observer: NodeObserver): (() => void) => {
  const subscription = root.system.inspect(guarded((event) => observer.inspected(event)))
  observer.root(root)
  return () => subscription.unsubscribe()
}
