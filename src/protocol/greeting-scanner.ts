import { concat } from './bytes.js'
import { GREETING_MAGIC, type Greeting, readGreeting } from './greeting.js'
import { MAX_BYTES_BEFORE_CLAIM } from './limits.js'

export interface GreetingScanner {
  /** What has come so far holds a greeting, may still, or can't any more. */
  push(chunk: Uint8Array): Greeting | 'more' | 'bad'
}

/**
 * Finds a greeting behind bytes of replication that were under way when it was asked for: those are encrypted, so the
 * greeting's first eight bytes don't occur in them (but once in 2^64). Costs the same however the bytes are cut.
 */
export const createGreetingScanner = (maxBytes = MAX_BYTES_BEFORE_CLAIM): GreetingScanner => {
  let skipped = 0
  let isFound = false
  let kept: Uint8Array = new Uint8Array(0)

  const find = (bytes: Uint8Array): number =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(GREETING_MAGIC)

  return {
    push: (chunk) => {
      kept = concat(kept, chunk)
      if (!isFound) {
        const at = find(kept)
        isFound = at >= 0
        const drop = isFound ? at : Math.max(0, kept.length - (GREETING_MAGIC.length - 1))
        kept = kept.slice(drop)
        skipped += drop
        if (skipped > maxBytes) return 'bad'
        if (!isFound) return 'more'
      }
      const greeting = readGreeting(kept)
      if (greeting === 'more' || greeting === 'bad') return greeting
      return greeting === 'not-a-greeting' ? 'bad' : greeting.message
    },
  }
}
