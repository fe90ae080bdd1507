import type { Clock } from '../api.js'
import { HyphaError } from '../protocol/errors.js'

export interface SimulatedClockOptions {
  /** What time it is at first: milliseconds since 1970. 1,700,000,000,000 unless given, so that runs are alike. */
  readonly now?: number
}

/** A clock for tests: it stands still until it is told. Its functions need no `this`. */
export interface SimulatedClock extends Clock {
  /** When the next timer is due, milliseconds since 1970; undefined when none waits. */
  readonly next: number | undefined
  /** How many timers wait. */
  readonly pending: number
  /**
   * Lets time pass. Each timer that becomes due runs at its own moment, the earliest first, those of one moment in the order in
   * which they were set; timers that they set count too. What a timer throws is thrown here, and the clock stands at its moment.
   * @throws HyphaError OPTION_INVALID for what is no time to pass, or when timers of one moment never end
   */
  advance(milliseconds: number): void
  /** As `advance`, and lets promises settle before the first timer and after each, so that what waits for them goes on in time. */
  advanceAsync(milliseconds: number): Promise<void>
  /** Lets promises settle without time passing: those that wait for nothing but each other, not for files or sockets. */
  settle(): Promise<void>
  /** Sets what time it is, as a person does to a device's clock: timers stay as far away as they were. */
  set(now: number): void
}

interface Timer {
  readonly id: number
  due: number
  run(): void
}

/** More timers than this at one moment set each other for ever. */
const MAX_TIMERS_AT_ONCE = 100_000

/** The platform's own, even where a test replaces the global later. */
const { setTimeout: later } = globalThis

/**
 * A clock to give `createNode({ clock })` or XState's `createActor(machine, { clock })`: time passes when the test says so, and
 * ten minutes take no time.
 *
 * ```ts
 * const clock = createSimulatedClock()
 * const node = createNode({ clock })
 * await clock.advanceAsync(10 * 60_000)
 * ```
 */
export const createSimulatedClock = ({ now: start = 1_700_000_000_000 }: SimulatedClockOptions = {}) => {
  const timers = new Map<number, Timer>()
  let time = start
  let lastId = 0

  const nextUntil = (end: number): Timer | undefined => {
    let next: Timer | undefined
    // In the order in which they were set, so that the first of one moment is found.
    for (const timer of timers.values())
      if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer
    return next
  }

  /** Runs the timers up to `end` one by one; between two of them whoever asks has the turn. */
  function* runUntil(milliseconds: number): Generator<void> {
    if (!(milliseconds >= 0 && Number.isFinite(milliseconds)))
      throw new HyphaError(
        'OPTION_INVALID',
        'A simulated clock can only go forward: give milliseconds from 0.',
      )
    // Setting the clock on the way leaves how long it takes as it is.
    let left = milliseconds
    let atOnce = 0
    yield
    for (let timer = nextUntil(time + left); timer; timer = nextUntil(time + left)) {
      const wait = Math.max(0, timer.due - time)
      atOnce = wait > 0 ? 0 : atOnce + 1
      if (atOnce > MAX_TIMERS_AT_ONCE)
        throw new HyphaError(
          'OPTION_INVALID',
          'Timers go on setting timers for the same moment: give them a delay.',
        )
      left -= wait
      time += wait
      timers.delete(timer.id)
      timer.run()
      yield
    }
    time += left
  }

  const settle = (): Promise<void> => new Promise((resolve) => void later(resolve, 0))

  const clock: SimulatedClock = {
    now: () => time,
    setTimeout: (run, delay) => {
      const id = ++lastId
      timers.set(id, { id, due: time + (delay > 0 ? delay : 0), run })
      return id
    },
    clearTimeout: (timer) => {
      if (typeof timer === 'number') timers.delete(timer)
    },
    get next() {
      return timers.size === 0 ? undefined : Math.min(...[...timers.values()].map(({ due }) => due))
    },
    get pending() {
      return timers.size
    },
    advance: (milliseconds) => {
      for (const _ of runUntil(milliseconds));
    },
    advanceAsync: async (milliseconds) => {
      for (const _ of runUntil(milliseconds)) await settle()
    },
    settle,
    set: (now) => {
      for (const timer of timers.values()) timer.due += now - time
      time = now
    },
  }
  return clock
}
