import type { InspectorEvent } from '../../../src/ui-bridge/inspector/events.js'
import type { Desk } from './desk.js'
import { lineageOf } from './lineage.js'
import type { Item, Track } from './track.js'

/** One device asking to be let in: everything that happened about it, on every node. */
export interface Request {
  readonly id: string
  /** In the desk's order. */
  readonly items: readonly Item[]
  /** The node that asks, once it is known. */
  readonly asker: Track | undefined
  /** The node whose person answered. */
  readonly answerer: Track | undefined
  readonly outcome: 'authorised' | 'declined' | 'cancelled' | undefined
}

interface Draft {
  readonly id: string
  readonly items: Item[]
  asker: Track | undefined
  answerer: Track | undefined
  outcome: Request['outcome']
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined

/** Events that carry a request's id as `id`. */
const BY_ID = new Set([
  'request.renewed',
  'request.cancelled',
  'request.declinedElsewhere',
  'authorise',
  'decline',
])
/** What the asker's node hears about its own request, which has one at a time. */
const ABOUT_OWN = /^(answer\.|database\.authorised$|cancelRequest$|xstate\.done\.actor\.request$)/

const idIn = (event: InspectorEvent): string | undefined => {
  if (event.type === 'hypha.message') return event.request
  if (event.type !== '@xstate.event' && event.type !== '@xstate.snapshot') return undefined
  const { event: shown } = event
  if (BY_ID.has(shown.type)) return text(shown.id)
  return (
    text(shown.requestId) ??
    text(field(shown.request, 'id')) ??
    (shown.type.startsWith('request.') ? text(shown.request) : undefined)
  )
}

const outcomeIn = (event: InspectorEvent): Request['outcome'] => {
  if (event.type !== '@xstate.snapshot') return undefined
  const found = field(event.snapshot.output, 'outcome') ?? field(event.snapshot.context, 'lastOutcome')
  return found === 'authorised' || found === 'declined' || found === 'cancelled' ? found : undefined
}

export interface Requests {
  /** In the order of asking. */
  all(): readonly Request[]
  find(id: string): Request | undefined
  /** The requests' ids that an item is about. */
  has(id: string, item: Item): boolean
}

/** Finds the requests among everything that happened; asked again it looks only at what came since. */
export const createRequests = (desk: Desk): Requests => {
  let era = -1
  let next = 0
  let drafts = new Map<string, Draft>()
  let members = new Map<string, Set<Item>>()
  /** Frames by their request, and items with frames of which it isn't known yet. */
  let frames = new Map<string, string>()
  let strays = new Map<string, Item[]>()
  /** Actors whose whole life is about one request; those of a node that asks now. */
  let devoted = new Map<string, string>()
  let asking = new Map<Track, string>()
  let states = new Map<Track, string>()

  const begin = () => {
    drafts = new Map()
    members = new Map()
    frames = new Map()
    strays = new Map()
    devoted = new Map()
    asking = new Map()
    states = new Map()
    next = 0
    era = desk.era
  }

  const put = (id: string, item: Item): Draft => {
    const draft = drafts.get(id) ?? {
      id,
      items: [],
      asker: undefined,
      answerer: undefined,
      outcome: undefined,
    }
    drafts.set(id, draft)
    const known = members.get(id) ?? new Set()
    members.set(id, known)
    if (!known.has(item)) {
      known.add(item)
      draft.items.push(item)
    }
    return draft
  }

  const actorKey = ({ node }: Track, id: string) => `${node.rootId} ${id}`

  const ofLineage = (track: Track, id: string): string | undefined => {
    for (const { id: each } of lineageOf(track).up(id)) {
      const found = devoted.get(actorKey(track, each))
      if (found !== undefined) return found
    }
    return undefined
  }

  const takeMessage = (item: Item, frame: string, id: string | undefined) => {
    const known = id ?? frames.get(frame)
    if (known === undefined) {
      const waiting = strays.get(frame)
      if (waiting) waiting.push(item)
      else strays.set(frame, [item])
      return
    }
    frames.set(frame, known)
    const draft = put(known, item)
    // A relay heard of it before whoever could open it told what it is.
    const late = strays.get(frame) ?? []
    strays.delete(frame)
    for (const each of late) put(known, each)
    if (late.length > 0) draft.items.sort((a, b) => a.at - b.at)
  }

  const take = (item: Item) => {
    const { event, track } = item
    if (event.type === 'hypha.message') {
      takeMessage(item, event.frame, event.request)
      const { what, kind, request } = event
      if (what === 'sent' && kind === 'request' && request !== undefined) {
        const draft = drafts.get(request)
        if (draft) draft.asker = track
      }
      return
    }
    if (event.type === '@xstate.actor') {
      const prompt = /^prompt:(.+)$/s.exec(event.name)?.[1]
      const own =
        event.source === 'request'
          ? (text(field(event.snapshot.context, 'requestId')) ?? asking.get(track))
          : undefined
      const id = prompt ?? own
      if (id !== undefined) devoted.set(actorKey(track, event.sessionId), id)
      if (own !== undefined) {
        asking.set(track, own)
        put(own, item).asker = track
      }
    }
    const named = idIn(event)
    if (
      named !== undefined &&
      event.type === '@xstate.event' &&
      event.event.type === 'requestAuthorisation'
    ) {
      asking.set(track, named)
    }
    const id = ofLineage(track, event.sessionId) ?? named
    if (id !== undefined) {
      const draft = put(id, item)
      if (event.type === '@xstate.event' && /^(authorise|decline)$/.test(event.event.type)) {
        draft.answerer ??= track
      }
      const outcome = draft.asker === track ? outcomeIn(event) : undefined
      if (outcome) draft.outcome = outcome
      return
    }
    const own = asking.get(track)
    if (own === undefined) return
    if (event.type === '@xstate.event' && ABOUT_OWN.test(event.event.type)) put(own, item)
    if (event.type === '@xstate.snapshot' && event.sessionId === track.node.rootId) {
      const state = JSON.stringify(event.snapshot.value)
      const isNew = states.get(track) !== state
      states.set(track, state)
      if (!isNew) return
      const draft = put(own, item)
      const outcome = outcomeIn(event)
      if (outcome) {
        draft.outcome = outcome
        asking.delete(track)
      }
    }
  }

  const catchUp = () => {
    if (era !== desk.era) begin()
    for (; next < desk.order.length; next++) take(desk.order[next]!)
  }

  return {
    all: () => {
      catchUp()
      // What nobody was seen to ask is an echo of another session.
      return [...drafts.values()].filter(({ asker, items }) => asker !== undefined || items.length > 1)
    },
    find: (id) => {
      catchUp()
      return drafts.get(id)
    },
    has: (id, item) => members.get(id)?.has(item) ?? false,
  }
}
