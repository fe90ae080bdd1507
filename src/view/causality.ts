import type { HistoryPlace } from './types.js'

/** A block of a feed. */
export interface Place {
  readonly feed: number
  readonly seq: number
}

/** Whether the block at `place` lies in the causal past of `entry`, by the entry's own clock. */
export const knows = (entry: HistoryPlace, place: Place): boolean =>
  place.feed === entry.feed ? entry.seq > place.seq : (entry.clock[place.feed] ?? 0) > place.seq

/**
 * How much history an entry has seen: the sum of its clock, its own feed counted up to itself. What happened after it, knowing
 * of it, weighs more; and it is the same on every replica, whatever its order of feeds.
 */
export const weigh = (entry: HistoryPlace): number => {
  let weight = entry.seq + 1
  for (let feed = 0; feed < entry.clock.length; feed++) {
    if (feed !== entry.feed) weight += entry.clock[feed] ?? 0
  }
  return weight
}

/** What {@link compare} needs of an entry. */
export interface Ranked {
  readonly weight: number
  readonly author: string
  readonly seq: number
}

/**
 * A total order that every replica agrees on and that follows causality: by weight, then by writer key, then (one writer, which
 * only a malformed clock can bring about) by position. Negative when `a` comes first.
 */
export const compare = (a: Ranked, b: Ranked): number =>
  a.weight - b.weight || (a.author < b.author ? -1 : a.author > b.author ? 1 : a.seq - b.seq)
