import type { InspectedNode, InspectorEvent, Recording } from '../../../src/ui-bridge/inspector/events.js'
import { checkEvent } from './check.js'
import { applyEvent, bury, eventsOf, type Picture, type SeenActor } from './picture.js'

/** Something that happened on a node. */
export interface Item {
  readonly track: Track
  readonly event: InspectorEvent
  /** Milliseconds since 1970; never less than the one before on the same node. */
  readonly at: number
  /** Counts what happened on the node, also what is forgotten. */
  readonly index: number
}

/** What happened on one node, and what that came to at any moment. */
export interface Track {
  readonly node: InspectedNode
  /** Its place among the nodes; also its colour. */
  readonly number: number
  /** Oldest first; grows in place. */
  readonly items: readonly Item[]
  /** Of the first item that is still there. */
  readonly first: number
  readonly dropped: number
  /** Whether whoever told of it is no longer there. */
  isGone: boolean
  append(events: readonly unknown[]): Item[]
  /** What was so when all of the items below `index` had happened. */
  pictureAt(index: number): Picture
  /** Forgets the oldest, and keeps what they came to. */
  trim(keep: number): void
  toRecording(): Recording
}

/**
 * Between two pictures that are kept lie so many events: looking back costs no more than these. With more actors more: what is
 * kept takes no more room than the events.
 */
const STRIDE = 250

const timeOf = ({ createdAt }: InspectorEvent): number => {
  const at = Number(createdAt)
  return Number.isFinite(at) ? at : 0
}

export const createTrack = (recording: Recording, number: number): Track => {
  const { node } = recording
  const items: Item[] = []
  let first = 0
  let dropped = recording.dropped
  let at = 0
  const fold = (picture: Picture, part: readonly Item[]): Picture => {
    const next = new Map(picture)
    for (const item of part) applyEvent(next, item.event, item.at)
    bury(next)
    return next
  }
  const base = new Map<string, SeenActor>()
  for (const given of recording.before) {
    const event = checkEvent(given)
    if (event) applyEvent(base, event, timeOf(event))
  }
  /** By how many items had happened. */
  let kept: { readonly index: number; readonly picture: Picture }[] = [{ index: 0, picture: base }]
  let asked: { readonly index: number; readonly picture: Picture } | undefined

  const pictureAt = (index: number): Picture => {
    const end = first + items.length
    const wanted = Math.max(first, Math.min(index, end))
    if (asked?.index === wanted) return asked.picture
    let nearest = kept[0]!
    for (const each of kept) if (each.index <= wanted) nearest = each
    // What was asked last is often just before.
    if (asked && asked.index <= wanted && asked.index >= nearest.index) nearest = asked
    const picture =
      nearest.index === wanted
        ? nearest.picture
        : fold(nearest.picture, items.slice(nearest.index - first, wanted - first))
    asked = { index: wanted, picture }
    return picture
  }

  const track: Track = {
    node,
    number,
    items,
    get first() {
      return first
    },
    get dropped() {
      return dropped
    },
    isGone: false,
    append: (events) => {
      const added: Item[] = []
      for (const given of events) {
        const event = checkEvent(given)
        if (!event) continue
        at = Math.max(at, timeOf(event))
        const item = { track, event, at, index: first + items.length }
        items.push(item)
        added.push(item)
        const last = kept.at(-1)!
        if (item.index + 1 - last.index >= Math.max(STRIDE, last.picture.size)) {
          const picture = fold(last.picture, items.slice(last.index - first))
          kept.push({ index: item.index + 1, picture })
        }
      }
      return added
    },
    pictureAt,
    trim: (keep) => {
      const surplus = items.length - keep
      if (surplus <= 0) return
      const begin = first + surplus
      const picture = pictureAt(begin)
      items.splice(0, surplus)
      kept = [{ index: begin, picture }, ...kept.filter(({ index }) => index > begin)]
      asked = undefined
      first = begin
      dropped += surplus
    },
    toRecording: () => ({
      node,
      before: eventsOf(pictureAt(first)),
      events: items.map(({ event }) => event),
      dropped,
    }),
  }
  track.append(recording.events)
  return track
}
