import type { Clock } from '../api.js'

/** What arrived longer ago says nothing of now. */
const WINDOW_MS = 3_000
/** The shortest time that an average is taken over: the first block of a burst is no speed yet. */
const LEAST_MS = 500
/** Samples are taken, and the falling rate shown, this often. */
const STEP_MS = 250

/** How fast a count grows. */
export interface Rate {
  /** The count as it is now. */
  counted(total: number): void
  /** A second, whole, over the last few seconds. */
  read(): number
  close(): void
}

/** @param options.changed the rate falls although nothing was counted */
export const createRate = ({ clock, changed }: { clock: Clock; changed: () => void }): Rate => {
  /** The count at the beginning of each step in the window; the oldest is just outside of it. */
  let samples: { readonly at: number; readonly total: number }[] = []
  let last = 0
  let lastAt = 0
  let timer: unknown
  let isClosed = false

  const prune = (now: number) => {
    while (samples[1] !== undefined && now - samples[1].at >= WINDOW_MS) samples.shift()
    const [first] = samples
    // A clock that was set back, or all of it long ago.
    if (first && (first.at > now || now - lastAt >= WINDOW_MS)) samples = []
  }
  const read = (): number => {
    const now = clock.now()
    prune(now)
    const [first] = samples
    if (!first || first.total === last) return 0
    return Math.round(((last - first.total) * 1_000) / Math.max(LEAST_MS, now - first.at))
  }
  const fall = () => {
    timer = undefined
    changed()
    if (read() > 0) timer = clock.setTimeout(fall, STEP_MS)
  }

  return {
    counted: (total) => {
      if (total === last) return
      const now = clock.now()
      prune(now)
      const newest = samples.at(-1)
      if (!newest || now - newest.at >= STEP_MS) samples.push({ at: now, total: last })
      last = total
      lastAt = now
      if (!isClosed) timer ??= clock.setTimeout(fall, STEP_MS)
    },
    read,
    close: () => {
      // What is under way still arrives while the database closes.
      isClosed = true
      clock.clearTimeout(timer)
      timer = undefined
    },
  }
}
