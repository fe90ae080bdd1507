/** A storage that somebody else has is tried again after this; each further time after twice as long as the time before ... */
export const FIRST_LOCK_WAIT_MS = 500
/** ... up to this: whoever closes the other tab looks at this one soon after. */
export const MAX_LOCK_WAIT_MS = 5_000

/** How long to wait before a locked storage is tried again. @param tries how often it was found locked, from 1 */
export const lockWait = (tries: number): number =>
  Math.min(FIRST_LOCK_WAIT_MS * 2 ** Math.min(Math.max(tries, 1) - 1, 30), MAX_LOCK_WAIT_MS)
