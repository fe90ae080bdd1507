import type { Recording, ShownEvent, ShownSnapshot, TakenTransition } from './events.js'

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

/** Pure. Quick to make, and quick to go back and forth in. */
export const createTimeline = ({ events }: Recording): Timeline => ({
  length: events.length,
  at: (index) => ({ index, actors: new Map() }),
})
