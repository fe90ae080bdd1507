import type {
  ActorEvent,
  InspectorEvent,
  ShownSnapshot,
  SnapshotEvent,
} from '../../../src/ui-bridge/inspector/events.js'
import { clean } from './clean.js'

/** What is known of an actor at one moment. Never changed: what happens makes another. */
export interface SeenActor {
  readonly id: string
  readonly name: string
  /** Its machine's id, or what it does. */
  readonly source: string
  readonly parentId: string | undefined
  readonly snapshot: ShownSnapshot
  /** Milliseconds since 1970. */
  readonly bornAt: number
  readonly diedAt: number | undefined
  /** The events that made it so; undefined when they were before the recording. */
  readonly birth: ActorEvent | undefined
  readonly last: SnapshotEvent | undefined
  /** The last in which a transition led to a state, be it the same. */
  readonly moved: SnapshotEvent | undefined
}

/** Every actor of a node by its session id, in the order of birth; the dead among them. */
export type Picture = ReadonlyMap<string, SeenActor>

/** Of the dead, only so many are remembered. */
const MAX_DEAD = 400

const unknownActor = (id: string, at: number): SeenActor => ({
  id,
  name: id,
  source: '',
  parentId: undefined,
  snapshot: { status: 'active' },
  bornAt: at,
  diedAt: undefined,
  birth: undefined,
  last: undefined,
  moved: undefined,
})

/** Makes what happened so. */
export const applyEvent = (picture: Map<string, SeenActor>, event: InspectorEvent, at: number): void => {
  const { sessionId: id } = event
  const before = picture.get(id)
  switch (event.type) {
    case '@xstate.actor': {
      const { name, source, parentId, snapshot } = event
      // Born again under one id: another life, at the end of the row.
      picture.delete(id)
      picture.set(id, { ...unknownActor(id, at), name, source, parentId, snapshot, birth: event })
      return
    }
    case '@xstate.snapshot': {
      const { snapshot } = event
      const isMove = event.transitions.some(({ targets }) => targets.length > 0)
      const moved = isMove ? event : before?.moved
      picture.set(id, { ...(before ?? unknownActor(id, at)), snapshot, last: event, moved })
      return
    }
    case 'hypha.death':
      if (before && before.diedAt === undefined) picture.set(id, { ...before, diedAt: at })
      return
  }
}

/** Forgets the longest dead when they are too many. */
export const bury = (picture: Map<string, SeenActor>): void => {
  const dead = [...picture.values()].filter(({ diedAt }) => diedAt !== undefined)
  if (dead.length <= MAX_DEAD) return
  dead.sort((a, b) => Number(a.diedAt) - Number(b.diedAt))
  for (const { id } of dead.slice(0, dead.length - MAX_DEAD)) picture.delete(id)
}

/** The events that come to a picture of the living. */
export const eventsOf = (picture: Picture): InspectorEvent[] =>
  [...picture.values()]
    .filter(({ diedAt }) => diedAt === undefined)
    .flatMap(({ birth, last }) => [...(birth ? [birth] : []), ...(last ? [last] : [])])

/** Paths of the states that a value stands for, outermost first: `{ asking: { sending: 'waiting' } }` has three. */
export const statePaths = (value: unknown, above = '', depth = 0): string[] => {
  const join = (key: string) => (above ? `${above}.${key}` : key)
  if (typeof value === 'string') return [join(value)]
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > 8) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    join(key),
    ...statePaths(inner, join(key), depth + 1),
  ])
}

/** The innermost of them: `asking.sending.waiting`. */
export const leafStates = (value: unknown): string[] => {
  const paths = statePaths(value)
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)))
}

/** A state in as few words as tell it. */
export const stateInWords = ({ value, status }: ShownSnapshot): string => {
  const leaves = leafStates(value)
  if (leaves.length === 0) return status === 'active' ? '' : status
  const [first = ''] = leaves
  if (leaves.length === 1) return clean(first)
  const outer = statePaths(value)[0] ?? first
  const inner = leaves.map((path) => path.split('.').at(-1))
  return clean(`${outer} · ${inner.join(' · ')}`)
}
