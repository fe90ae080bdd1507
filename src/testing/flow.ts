import type { Flow } from './lane.js'

export interface PacedFlow extends Flow {
  isPaused: boolean
  /** Bytes that have passed. */
  readonly bytes: number
  setDelay(milliseconds: () => number): void
  setRate(bytesPerSecond: number): void
}

export interface FlowOptions {
  /** Bytes until the next cut. */
  room(): number
  taken(count: number): void
  passed(): void
}

/** How often in a second a throttled flow passes something. */
const STEPS_PER_SECOND = 50

export const createFlow = ({ room, taken, passed }: FlowOptions): PacedFlow => {
  let delay = () => 0
  let rate = Number.POSITIVE_INFINITY
  let freeAt = 0
  let bytes = 0
  return {
    isPaused: false,
    get bytes() {
      return bytes
    },
    setDelay: (next) => {
      delay = next
    },
    setRate: (next) => {
      rate = next
      freeAt = 0
    },
    delay: () => delay(),
    wait: (now) => freeAt - now,
    take: (wanted, now) => {
      const step = Math.max(1, Math.floor(rate / STEPS_PER_SECOND))
      const count = Math.min(wanted, step, room())
      if (rate !== Number.POSITIVE_INFINITY) freeAt = Math.max(now, freeAt) + (count / rate) * 1_000
      bytes += count
      taken(count)
      return count
    },
    passed,
  }
}
