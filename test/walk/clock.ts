import type { Clock } from '../../src/index.js'

interface Timer {
  readonly run: () => void
  readonly due: number
  readonly delay: number
  /** Who set it, once there were too many. */
  readonly from: string | undefined
  real: NodeJS.Timeout | undefined
}

/** Time that passes by itself, and can be made to pass at once. */
export interface WalkClock {
  /** As one node has it, so many milliseconds off. */
  withSkew(skew: number): Clock
  /** Milliseconds since 1970, without any skew. */
  now(): number
  /** So many milliseconds pass: every timer runs at its time, and what it set off has a moment before the next. */
  advance(milliseconds: number): Promise<void>
}

/** What a timer set off, as a message on a real socket, gets this many turns before the next timer. */
const TURNS = 3
/** Many times what a few nodes set in a quarter of an hour: somebody sets timers that are due at once, again and again. */
const MAX_TIMERS = 200_000
/** Of so many of the last ones it is written down who set them. */
const WITNESSED = 100

export const createWalkClock = (): WalkClock => {
  let offset = 0
  const timers = new Set<Timer>()
  /** In the pass that is under way. */
  let fired = 0
  const now = () => Date.now() + offset

  const arm = (timer: Timer) => {
    clearTimeout(timer.real)
    timer.real = setTimeout(() => fire(timer), Math.max(0, timer.due - now()))
  }
  const fire = (timer: Timer) => {
    if (!timers.delete(timer)) return
    clearTimeout(timer.real)
    timer.run()
  }
  const firstUntil = (end: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) if (timer.due <= end && timer.due < (first?.due ?? Infinity)) first = timer
    return first
  }
  let advancing: Promise<void> = Promise.resolve()
  const advance = async (milliseconds: number) => {
    const end = now() + milliseconds
    fired = 0
    for (;;) {
      const timer = firstUntil(end)
      if (!timer) break
      if (++fired > MAX_TIMERS)
        throw new Error(
          `Time stands still: ${MAX_TIMERS} timers, the last for ${timer.delay} ms\n${timer.from}`,
        )
      offset += Math.max(0, timer.due - now())
      fire(timer)
      for (let i = 0; i < TURNS; i++) await new Promise(setImmediate)
    }
    fired = 0
    offset += Math.max(0, end - now())
    for (const timer of timers) arm(timer)
  }

  return {
    now,
    withSkew: (skew) => ({
      now: () => now() + skew,
      setTimeout: (run, delay) => {
        const from = fired > MAX_TIMERS - WITNESSED ? new Error().stack : undefined
        const timer: Timer = { run, due: now() + delay, delay, from, real: undefined }
        timers.add(timer)
        arm(timer)
        return timer
      },
      clearTimeout: (timer) => {
        const known = timer as Timer
        if (timers.delete(known)) clearTimeout(known.real)
      },
    }),
    advance: (milliseconds) => {
      advancing = advancing.then(() => advance(milliseconds))
      return advancing
    },
  }
}
