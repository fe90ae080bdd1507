export interface TokenBucket {
  /** Takes n tokens if they are there. @param now milliseconds, of any clock that mostly goes forward */
  take(now: number, n?: number): boolean
  /** How many tokens are there. @param now as {@link take} */
  left(now: number): number
}

/**
 * Lets `burst` through at once, and `rate` a second on average.
 * @param options.rate tokens a second @param options.burst tokens that a full bucket holds
 */
export const createTokenBucket = ({ rate, burst }: { rate: number; burst: number }): TokenBucket => {
  let tokens = burst
  let last: number | undefined
  const fill = (now: number) => {
    // A clock that was set back costs the time until then, not more.
    if (last !== undefined && now > last) tokens = Math.min(burst, tokens + ((now - last) / 1_000) * rate)
    last = now
  }
  return {
    take: (now, n = 1) => {
      fill(now)
      if (tokens < n) return false
      tokens -= n
      return true
    },
    left: (now) => {
      fill(now)
      return tokens
    },
  }
}
