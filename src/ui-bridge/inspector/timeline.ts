import type { InspectorEvent, Recording, ShownEvent, ShownSnapshot, TakenTransition } from './events.js'

/** One actor at one moment. */
export interface ActorPicture {
  readonly sessionId: string
  readonly name: string
  readonly source: string
  readonly parentId: string | undefined
  readonly definition: string | undefined
  /** When: `createdAt` of the event. */
  readonly bornAt: string
  /** Undefined while it lives. */
  readonly diedAt: string | undefined
  readonly snapshot: ShownSnapshot
  /** What its last snapshot came by. */
  readonly transitions: readonly TakenTransition[]
  /** The last that was sent to it. */
  readonly lastEvent: ShownEvent | undefined
}

/** The actors of a node at one moment, dead ones too. */
export interface Picture {
  /** Of the last event that counts, in the recording's `events`; -1 before the first. */
  readonly index: number
  /** By session id, parents before their children. */
  readonly actors: ReadonlyMap<string, ActorPicture>
}

export interface Timeline {
  /** How many events: `at` takes -1 to length - 1, and what is beyond counts as the nearest. */
  readonly length: number
  at(index: number): Picture
}

type Actors = Map<string, ActorPicture>

/**
 * A picture is kept for each so many events, and the others are made from the one before. For more where there are more actors:
 * what is kept takes no more room than the events themselves.
 */
const INTERVAL = 512
const NONE: readonly TakenTransition[] = Object.freeze([])

const change = (actors: Actors, sessionId: string, changed: Partial<ActorPicture>): void => {
  const actor = actors.get(sessionId)
  if (actor) actors.set(sessionId, { ...actor, ...changed })
}

const apply = (actors: Actors, event: InspectorEvent): void => {
  const { sessionId } = event
  switch (event.type) {
    case '@xstate.actor': {
      const { name, source, parentId, definition, createdAt, snapshot } = event
      actors.set(sessionId, {
        sessionId,
        name,
        source,
        parentId,
        definition,
        bornAt: createdAt,
        diedAt: undefined,
        snapshot,
        transitions: NONE,
        lastEvent: undefined,
      })
      break
    }
    case '@xstate.event':
      change(actors, sessionId, { lastEvent: event.event })
      break
    case '@xstate.snapshot':
      change(actors, sessionId, { snapshot: event.snapshot, transitions: event.transitions })
      break
    case 'hypha.death':
      change(actors, sessionId, { diedAt: event.createdAt })
  }
}

/** Pure. Quick to make, and quick to go back and forth in. */
export const createTimeline = ({ before, events }: Recording): Timeline => {
  const start: Actors = new Map()
  for (const event of before) apply(start, event)
  /** The oldest first. */
  const kept: Picture[] = [{ index: -1, actors: start }]
  /** The one that was asked for last: who goes forth step by step goes on from it. */
  let last: Picture = kept[0]!

  const keep = (index: number, actors: Actors): void => {
    if (index - kept.at(-1)!.index >= Math.max(INTERVAL, actors.size))
      kept.push({ index, actors: new Map(actors) })
  }
  const advance = (from: Picture, index: number): Actors => {
    const actors: Actors = new Map(from.actors)
    for (let i = from.index + 1; i <= index; i++) {
      apply(actors, events[i]!)
      keep(i, actors)
    }
    return actors
  }

  return {
    length: events.length,
    at: (wanted) => {
      const index = Math.max(-1, Math.min(Number.isNaN(wanted) ? -1 : Math.trunc(wanted), events.length - 1))
      if (index === last.index) return last
      const nearest = kept.findLast((picture) => picture.index <= index) ?? kept[0]!
      const isOnTheWay = last.index < index && last.index > nearest.index
      last = Object.freeze({ index, actors: advance(isOnTheWay ? last : nearest, index) })
      return last
    },
  }
}
