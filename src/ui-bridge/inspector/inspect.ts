import { INSPECTABLE, type Inspectable } from '../../actors/tracing.js'
import { rethrowLater } from '../../emitter.js'
import { HyphaError } from '../../protocol/errors.js'
import type { InspectedNode, InspectorEvent, Recording } from './events.js'
import { MAX_RECORDED_EVENTS } from './limits.js'
import { createRecorder } from './recorder.js'
import { createRing } from './ring.js'

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

const DEFAULT_CAPACITY = 10_000

const invalid = (message: string) => new HyphaError('OPTION_INVALID', message)

/** Copies of this module in several bundles know each other's nodes by the symbol; so what it leads to is looked at. */
const isInspectable = (value: unknown): value is Inspectable =>
  typeof value === 'object' &&
  value !== null &&
  Reflect.get(value, 'version') === 1 &&
  typeof Reflect.get(value, 'observe') === 'function'

const inspectableOf = (subject: unknown): Inspectable => {
  const found: unknown =
    typeof subject === 'object' && subject !== null ? Reflect.get(subject, INSPECTABLE) : undefined
  if (isInspectable(found)) return found
  throw invalid('inspect() takes a node, as createNode() or createAlwaysOnNode() of this version give it.')
}

/**
 * Attaches to a running node, or an always-on node. May be called at any time, and any number of times.
 * @param subject what `createNode` or `createAlwaysOnNode` gave
 * @throws HyphaError OPTION_INVALID
 */
export const inspect = (subject: object, options: InspectOptions = {}): Inspection => {
  const inspectable = inspectableOf(subject)
  const { capacity = DEFAULT_CAPACITY } = options
  if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > MAX_RECORDED_EVENTS)
    throw invalid(`capacity is a whole number from 1 to ${MAX_RECORDED_EVENTS}.`)

  const { id, kind } = inspectable
  const ring = createRing(capacity)
  const listeners = new Set<{ listener: (events: readonly InspectorEvent[]) => void; told: number }>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const tell = () => {
    timer = undefined
    recorder.lookAround()
    for (const own of [...listeners]) {
      const events = ring.since(own.told)
      own.told = ring.added
      if (events.length === 0) continue
      try {
        own.listener(Object.freeze(events))
      } catch (error) {
        rethrowLater(error)
      }
    }
  }
  const recorder = createRecorder({
    prefix: id,
    root: kind === 'always-on' ? { name: 'always-on' } : undefined,
    begin: ring.begin,
    add: (event) => {
      ring.add(event)
      if (listeners.size > 0) timer ??= setTimeout(tell, 0)
    },
  })
  const stop = inspectable.observe(recorder.observer)
  recorder.begun()

  const describe = (): InspectedNode =>
    Object.freeze({ rootId: recorder.rootId, name: inspectable.name, kind })
  return {
    // A node that comes back takes the name of last time.
    get node() {
      return describe()
    },
    recording: () => {
      recorder.lookAround()
      return Object.freeze({
        node: describe(),
        before: Object.freeze(ring.before()),
        events: Object.freeze(ring.since(0)),
        dropped: ring.dropped,
      })
    },
    subscribe: (listener) => {
      if (typeof listener !== 'function') throw invalid('A listener is a function.')
      const own = { listener, told: ring.added }
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    detach: () => {
      stop()
      clearTimeout(timer)
      listeners.clear()
    },
  }
}
