import type { ActorEvent, InspectorEvent, SnapshotEvent } from './events.js'

/** The newest events, and what the older ones came to. */
export interface Ring {
  /** How many were ever added to it. */
  readonly added: number
  readonly dropped: number
  add(event: InspectorEvent): void
  /** What was there at the beginning: no event that happened. */
  begin(event: ActorEvent): void
  /** Those that were added after so many, as far as they are here. */
  since(added: number): InspectorEvent[]
  before(): InspectorEvent[]
}

interface Folded {
  birth: ActorEvent
  snapshot?: SnapshotEvent
}

export const createRing = (capacity: number): Ring => {
  const events: InspectorEvent[] = []
  /** By session id, in the order of their births. */
  const folded = new Map<string, Folded>()
  let added = 0

  const fold = (event: InspectorEvent): void => {
    const known = folded.get(event.sessionId)
    if (event.type === '@xstate.actor') folded.set(event.sessionId, { birth: event })
    else if (event.type === 'hypha.death') folded.delete(event.sessionId)
    else if (event.type === '@xstate.snapshot' && known) known.snapshot = event
  }

  return {
    get added() {
      return added
    },
    get dropped() {
      return added - events.length
    },
    add: (event) => {
      // Full, the oldest one's place is taken by the newest.
      const place = added % capacity
      const oldest = events[place]
      if (oldest) fold(oldest)
      events[place] = event
      added++
    },
    begin: fold,
    since: (from) => {
      const start = Math.max(from, added - events.length)
      return Array.from({ length: added - start }, (_, i) => events[(start + i) % capacity]!)
    },
    before: () =>
      [...folded.values()].flatMap(({ birth, snapshot }) => (snapshot ? [birth, snapshot] : [birth])),
  }
}
