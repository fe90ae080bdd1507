/** The first retry comes within this; each further one may wait twice as long as the one before ... */
export const FIRST_WAIT_MS = 100
/** ... up to this while the outage is young, so that whoever is back is found at once ... */
export const MAX_EARLY_WAIT_MS = 1_500
/** ... and up to this once it has lasted a minute. */
export const MAX_WAIT_MS = 15_000

export interface Attempt {
  /** Which retry it is, counted from 1. */
  readonly attempt: number
  /** Whether the outage has lasted for more than its first minute. */
  readonly isLong: boolean
  /** From 0 to below 1. */
  readonly chance: number
}

/**
 * How long to wait before a retry, in milliseconds: exponential with full jitter ("Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015), so that those who lost the same server don't come back in step.
 */
export const backoff = ({ attempt, isLong, chance }: Attempt): number => {
  const ceiling = FIRST_WAIT_MS * 2 ** Math.min(Math.max(attempt, 1) - 1, 30)
  return Math.floor(chance * Math.min(ceiling, isLong ? MAX_WAIT_MS : MAX_EARLY_WAIT_MS))
}
