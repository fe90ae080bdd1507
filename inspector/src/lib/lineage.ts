import type { Item, Track } from './track.js'

/** Who an actor is: what does not change in its life. */
export interface Kin {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly parentId: string | undefined
}

/** Every actor of a track that there ever was, the forgotten ones but for those that still lived included. */
export interface Lineage {
  find(id: string): Kin | undefined
  /** Itself, its parent, and so on up. */
  up(id: string): Kin[]
}

const MAX_DEPTH = 32

/** Grows with the track: what was looked at before is not looked at again. */
export const createLineage = (track: Track): Lineage => {
  const kin = new Map<string, Kin>()
  for (const { id, name, source, parentId } of track.pictureAt(track.first).values()) {
    kin.set(id, { id, name, source, parentId })
  }
  let next = track.first
  const catchUp = () => {
    for (let index = Math.max(next, track.first); index < track.first + track.items.length; index++) {
      const event = track.items[index - track.first]?.event
      if (event?.type === '@xstate.actor') {
        const { sessionId: id, name, source, parentId } = event
        kin.set(id, { id, name, source, parentId })
      }
    }
    next = track.first + track.items.length
  }
  return {
    find: (id) => {
      catchUp()
      return kin.get(id)
    },
    up: (id) => {
      catchUp()
      const line: Kin[] = []
      let current = kin.get(id)
      while (current && line.length < MAX_DEPTH && !line.includes(current)) {
        line.push(current)
        current = current.parentId === undefined ? undefined : kin.get(current.parentId)
      }
      return line
    },
  }
}

const known = new WeakMap<Track, Lineage>()

export const lineageOf = (track: Track): Lineage => {
  const lineage = known.get(track) ?? createLineage(track)
  known.set(track, lineage)
  return lineage
}

/** The actor that an item is about. */
export const kinOf = ({ track, event }: Item): Kin =>
  lineageOf(track).find(event.sessionId) ?? {
    id: event.sessionId,
    name: event.sessionId === track.node.rootId ? 'node' : event.sessionId,
    source: event.sessionId === track.node.rootId ? 'node' : '',
    parentId: undefined,
  }

export const nameOf = (track: Track, id: string | undefined): string | undefined => {
  if (id === undefined) return undefined
  if (id === track.node.rootId) return 'node'
  return lineageOf(track).find(id)?.name ?? id
}
