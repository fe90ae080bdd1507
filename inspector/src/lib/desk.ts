import type { Recording } from '../../../src/ui-bridge/inspector/events.js'
import { onNextFrame } from '../../../src/ui-bridge/store/frame.js'
import type { Picture } from './picture.js'
import { createTrack, type Item, type Track } from './track.js'
import { createValue, type Value } from './value.js'

/** A node keeps so many of its events here; the older ones live on in what they came to. */
export const MAX_ITEMS = 20_000
/** Forgetting is done now and then, not at every event. */
const SLACK = 5_000

/** Everything that is looked at: what happened on every node, in one order, and the moment that is shown. */
export interface Desk {
  /** In the order in which they came. */
  readonly tracks: readonly Track[]
  /** All that happened, by time. Grows in place. */
  readonly order: readonly Item[]
  /** Changes when anything above did, at most once a frame. */
  readonly version: Value<number>
  /** Counts how often something was put before what was there already: who follows `order` begins anew. */
  readonly era: number
  /** How many of `order` are still where they stood in an era: who can goes on from there. */
  firmSince(era: number): number
  /** How many of `order` have happened; undefined follows the newest. */
  readonly moment: Value<number | undefined>
  /** How many of `order` have happened at the moment shown. */
  count(): number
  /** What happened last. */
  current(): Item | undefined
  pictureOf(track: Track): Picture
  /** Where an item stands in `order`. */
  placeOf(item: Item): number
  put(recording: Recording): void
  append(rootId: string, events: readonly unknown[]): void
  gone(rootId: string): void
  clear(): void
  recordings(): Recording[]
}

/** Of more eras than this one doesn't remember what stayed. */
const MAX_CUTS = 64
const NOTHING: Picture = new Map()

/** Which of two happened first: one order for all of the page. */
export const compareItems = (a: Item, b: Item): number =>
  a.at - b.at || a.track.number - b.track.number || a.index - b.index

/** How many of sorted items are not after `item`. */
export const countUntil = (items: readonly Item[], item: Item): number => {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareItems(items[middle]!, item) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

/** @param schedule runs something at the next frame */
export const createDesk = (schedule: (run: () => void) => void = onNextFrame): Desk => {
  let tracks: Track[] = []
  let order: Item[] = []
  let era = 0
  /** Where newer eras began to differ: each begins behind the one before it. */
  let cuts: { readonly era: number; readonly begin: number }[] = []
  let isDue = false
  const version = createValue(0)
  const moment = createValue<number | undefined>(undefined)
  const changed = () => {
    if (isDue) return
    isDue = true
    schedule(() => {
      isDue = false
      version.set(version.get() + 1)
    })
  }

  const beginEra = (begin: number) => {
    era++
    cuts = [...cuts.filter((cut) => cut.begin < begin), { era, begin }].slice(-MAX_CUTS)
  }

  const rebuild = () => {
    const current = desk.current()
    const isLive = moment.get() === undefined
    order = tracks.flatMap(({ items }) => items).sort(compareItems)
    beginEra(0)
    if (!isLive) moment.set(current ? countUntil(order, current) : 0)
  }

  /** Puts sorted items where they belong, which is nearly always the end. */
  const insert = (added: readonly Item[]) => {
    const [earliest] = added
    const last = order.at(-1)
    if (!earliest) return
    if (!last || compareItems(last, earliest) <= 0) {
      for (const item of added) order.push(item)
      return
    }
    const begin = countUntil(order, earliest)
    const current = desk.current()
    const tail = order.splice(begin)
    for (const item of [...tail, ...added].sort(compareItems)) order.push(item)
    beginEra(begin)
    const now = moment.get()
    if (now !== undefined && current && now > begin) moment.set(countUntil(order, current))
  }

  const find = (rootId: string) => tracks.find(({ node }) => node.rootId === rootId)

  const desk: Desk = {
    get tracks() {
      return tracks
    },
    get order() {
      return order
    },
    get era() {
      return era
    },
    firmSince: (from) => {
      if (from === era) return order.length
      // The cuts of one's own era and of those before are not remembered for certain.
      if (from < era - MAX_CUTS) return 0
      return cuts.find((cut) => cut.era > from)?.begin ?? 0
    },
    version,
    moment,
    count: () => Math.min(moment.get() ?? order.length, order.length),
    current: () => order[desk.count() - 1],
    pictureOf: (track) => {
      if (moment.get() === undefined) return track.pictureAt(Number.POSITIVE_INFINITY)
      const current = desk.current()
      const picture = track.pictureAt(current ? track.first + countUntil(track.items, current) : 0)
      // What was there when the recording of a node began was not there before that.
      const root = picture.get(track.node.rootId)
      const now = current ?? order[0]
      return root && now && root.bornAt > now.at ? NOTHING : picture
    },
    placeOf: (item) => countUntil(order, item) - 1,
    put: (recording) => {
      const known = find(recording.node.rootId)
      const track = createTrack(recording, known?.number ?? tracks.length)
      if (track.items.length > MAX_ITEMS + SLACK) track.trim(MAX_ITEMS)
      tracks = known ? tracks.map((each) => (each === known ? track : each)) : [...tracks, track]
      rebuild()
      changed()
    },
    append: (rootId, events) => {
      const track = find(rootId)
      if (!track) return
      track.isGone = false
      insert(track.append(events))
      if (track.items.length > MAX_ITEMS + SLACK) {
        track.trim(MAX_ITEMS)
        rebuild()
      }
      changed()
    },
    gone: (rootId) => {
      const track = find(rootId)
      if (track) track.isGone = true
      changed()
    },
    clear: () => {
      tracks = []
      order = []
      beginEra(0)
      moment.set(undefined)
      changed()
    },
    recordings: () => tracks.map((track) => track.toRecording()),
  }
  return desk
}
