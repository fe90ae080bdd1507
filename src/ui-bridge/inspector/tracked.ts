import { showContext, showOutput } from './allow-list.js'
import { definitionOf } from './definition.js'
import type { ShownEvent, ShownSnapshot, TakenTransition } from './events.js'
import { problem, name as showName, stateValue } from './show.js'

/** An actor that was seen, and what is known of it. */
export interface Tracked {
  readonly ref: object
  readonly sessionId: string
  readonly parent: Tracked | undefined
  readonly name: string
  readonly source: string
  readonly definition: string | undefined
  /** Those that are alive. */
  readonly children: Set<Tracked>
  /** Whether it was started, as far as is known: one that is stopped before says nothing of it. */
  isStarted: boolean
  isDead: boolean
  /** What it takes in. */
  event: ShownEvent | undefined
  /** Taken since its last snapshot. */
  transitions: TakenTransition[]
  /** Of the last snapshot: contexts are new objects when they change. */
  last: { readonly raw: object; readonly shown: ShownSnapshot } | undefined
}

const STATUSES = ['active', 'done', 'error', 'stopped'] as const

/** What the actor is now; undefined while it is being made. */
export const snapshotOf = (ref: object): object | undefined => {
  try {
    const get: unknown = Reflect.get(ref, 'getSnapshot')
    const snapshot: unknown = typeof get === 'function' ? Reflect.apply(get, ref, []) : undefined
    return typeof snapshot === 'object' && snapshot !== null ? snapshot : undefined
  } catch {
    return undefined
  }
}

export const statusOf = (snapshot: object | undefined): ShownSnapshot['status'] => {
  const status: unknown = snapshot && Reflect.get(snapshot, 'status')
  return STATUSES.find((known) => known === status) ?? 'active'
}

/** Its children by their ids, if it is a machine. */
export const childrenOf = (snapshot: object | undefined): readonly object[] => {
  const children: unknown = snapshot && Reflect.get(snapshot, 'children')
  if (typeof children !== 'object' || children === null) return []
  return Object.values(children).filter((child) => typeof child === 'object' && child !== null)
}

const machineOf = (snapshot: object | undefined): object | undefined => {
  const machine: unknown = snapshot && Reflect.get(snapshot, 'machine')
  return typeof machine === 'object' && machine !== null ? machine : undefined
}

/** What may be shown of a snapshot. */
export const showSnapshot = (snapshot: object | undefined, tracked: Tracked): ShownSnapshot => {
  if (!snapshot) return Object.freeze({ status: 'active' })
  const { last, source } = tracked
  if (last?.raw === snapshot) return last.shown
  const status = statusOf(snapshot)
  const output = status === 'done' ? showOutput(source, Reflect.get(snapshot, 'output')) : undefined
  const error = status === 'error' ? problem(Reflect.get(snapshot, 'error')) : undefined
  const ended = { ...(output === undefined ? {} : { output }), ...(error === undefined ? {} : { error }) }
  const context = Reflect.get(snapshot, 'context')
  const isSame = last !== undefined && Reflect.get(last.raw, 'context') === context
  const shown: ShownSnapshot = Object.freeze({
    status,
    ...(machineOf(snapshot) && {
      value: stateValue(Reflect.get(snapshot, 'value')),
      context: (isSame ? last.shown.context : undefined) ?? showContext(source, context),
    }),
    ...ended,
  })
  tracked.last = { raw: snapshot, shown }
  return shown
}

/** @param sessionId as it is told, which is not XState's own */
export const track = (ref: object, sessionId: string, parent: Tracked | undefined): Tracked => {
  const snapshot = snapshotOf(ref)
  const machine = machineOf(snapshot)
  const [id, session, src] = ['id', 'sessionId', 'src'].map((field): unknown => Reflect.get(ref, field))
  const does: unknown = machine ? Reflect.get(machine, 'id') : src
  const source = String(showName(typeof does === 'string' ? does : id) ?? '')
  /** A root's own id is its session's, which says nothing. */
  const rootName = (): string => {
    const { linkId } = machine ? showContext(source, Reflect.get(snapshot ?? {}, 'context')) : {}
    return typeof linkId === 'string' ? `${source}:${linkId}` : source
  }
  return {
    ref,
    sessionId,
    parent,
    name: id === session ? rootName() : String(showName(id) ?? ''),
    source,
    definition: machine && definitionOf(machine),
    children: new Set(),
    isStarted: false,
    isDead: false,
    event: undefined,
    transitions: [],
    last: undefined,
  }
}
