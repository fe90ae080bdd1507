import { lineageOf } from './lineage.js'
import type { Request } from './requests.js'
import type { Item, Track } from './track.js'

/** A lifeline: of an actor, of all actors of one kind (prompts come and go), or of the person at a node. */
export interface Lane {
  readonly key: string
  readonly track: Track
  readonly kind: 'person' | 'node' | 'actor'
  /** What its actors are; empty for a node and a person. */
  readonly source: string
  readonly label: string
}

/** What only a person does, or the app for them. */
const BY_PERSON = new Set([
  'signUp',
  'signIn',
  'open',
  'requestAuthorisation',
  'cancelRequest',
  'authorise',
  'decline',
  'close',
  'setTransport',
])

export const isByPerson = ({ event }: Item): boolean =>
  event.type === '@xstate.event' && event.sourceId === undefined && BY_PERSON.has(event.event.type)

const laneKey = (track: Track, kind: Lane['kind'], source = ''): string =>
  `${track.node.rootId} ${kind} ${source}`

export const personLane = (track: Track): Lane => ({
  key: laneKey(track, 'person'),
  track,
  kind: 'person',
  source: '',
  label: 'person',
})

const nodeLane = (track: Track): Lane => ({
  key: laneKey(track, 'node'),
  track,
  kind: 'node',
  source: '',
  label: track.node.kind === 'always-on' ? 'relay' : 'node',
})

/** The lifeline that an actor's doings are drawn on: its own, or of the nearest above it that has one. */
export const laneOf = (track: Track, id: string, shown: ReadonlySet<string>): Lane => {
  for (const { source, parentId } of lineageOf(track).up(id)) {
    if (parentId === undefined) break
    if (source !== '' && shown.has(source)) {
      return { key: laneKey(track, 'actor', source), track, kind: 'actor', source, label: source }
    }
  }
  return nodeLane(track)
}

/** Whether an actor has a lifeline of its own kind, and is not only drawn on another's. */
export const hasOwnLane = (track: Track, id: string, shown: ReadonlySet<string>): boolean => {
  const kin = lineageOf(track).find(id)
  return kin !== undefined && (kin.parentId === undefined ? id === track.node.rootId : shown.has(kin.source))
}

const ORDER_LEFT = ['person', 'request', 'database', 'node']
const ORDER_RIGHT = ['node', 'database', 'prompts', 'prompt', 'person']

const rankIn = (order: readonly string[], lane: Lane): number => {
  const found = order.indexOf(lane.kind === 'actor' ? lane.source : lane.kind)
  // Others stand beside their node.
  return found < 0 ? order.indexOf('node') + (order === ORDER_LEFT ? -0.5 : 0.5) : found
}

/** Side by side: who asks on the left, always-on nodes next, who answers on the right; people outermost. */
export const arrange = (lanes: Iterable<Lane>, request?: Request): Lane[] => {
  const side = ({ node, number }: Track): number => {
    if (!request) return number
    if (request.asker?.node.rootId === node.rootId) return -1
    return (node.kind === 'always-on' ? 0 : 100) + number
  }
  const isLeft = ({ node, number }: Track) =>
    request ? request.asker?.node.rootId === node.rootId : number === 0
  return [...lanes].sort((a, b) => {
    const bySide = side(a.track) - side(b.track)
    if (bySide !== 0) return bySide
    const order = isLeft(a.track) ? ORDER_LEFT : ORDER_RIGHT
    return rankIn(order, a) - rankIn(order, b) || (a.key < b.key ? -1 : 1)
  })
}
