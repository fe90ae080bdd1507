import type { Desk } from './desk.js'
import type { Item } from './track.js'

/** However long nothing happened, it takes no more room than so many events. */
const MAX_PAUSE = 60
const PAUSE_MS = 30

/** How much of the strip an item takes: a little for itself, and for the time before it. */
const roomOf = (item: Item, before: Item | undefined): number =>
  1 + (before ? Math.min(MAX_PAUSE, Math.max(0, item.at - before.at) / PAUSE_MS) : 0)

/**
 * Where everything stands on the strip below: neither by time alone, where all happens in a few bursts, nor by number, where
 * a person's pause would not show.
 */
export interface Strip {
  /** Where item `index` of the order stands, from 0 to 1. */
  at(index: number): number
  /** How many items have happened at a place. */
  countAt(place: number): number
}

export const createStrip = (desk: Desk): Strip => {
  const ends: number[] = []
  let era = -1
  const catchUp = () => {
    if (era !== desk.era) {
      ends.length = Math.min(ends.length, desk.firmSince(era))
      era = desk.era
    }
    for (let index = ends.length; index < desk.order.length; index++) {
      ends.push((ends[index - 1] ?? 0) + roomOf(desk.order[index]!, desk.order[index - 1]))
    }
  }
  return {
    at: (index) => {
      catchUp()
      const whole = ends.at(-1) ?? 1
      return index < 0 ? 0 : (ends[Math.min(index, ends.length - 1)] ?? 0) / whole
    },
    countAt: (place) => {
      catchUp()
      const wanted = place * (ends.at(-1) ?? 0)
      let low = 0
      let high = ends.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (ends[middle]! <= wanted + 1e-6) low = middle + 1
        else high = middle
      }
      return low
    },
  }
}
