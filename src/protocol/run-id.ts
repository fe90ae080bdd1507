/**
 * What tells one run of a node from an earlier one, and from another node that writes with the same key: when it began (seconds, 4
 * bytes, big-endian), then 4 random bytes. A node that lets its key go has the greatest beginning instead.
 */
export const RUN_BYTES = 8
const RANDOM_BYTES = 4
const LETS_GO = 0xffffffff

const runOf = (seconds: number, random: Uint8Array): Uint8Array => {
  const run = new Uint8Array(RUN_BYTES)
  new DataView(run.buffer).setUint32(0, seconds)
  run.set(random.subarray(0, RANDOM_BYTES), RUN_BYTES - RANDOM_BYTES)
  return run
}

/** @param now milliseconds since 1970 @param random 4 bytes or more */
export const newRun = (now: number, random: Uint8Array): Uint8Array =>
  runOf(Math.min(Math.max(Math.floor(now / 1000) || 0, 0), LETS_GO - 1), random)

export const runThatLetsGo = (random: Uint8Array): Uint8Array => runOf(LETS_GO, random)

export const isLettingGo = (run: string): boolean => run.startsWith('f'.repeat(8))

/**
 * - `keeps`: the other one lets the key go.
 * - `yields`: this one is to let it go, and to say so before anything else.
 * - `goes`: this one lets it go, and the other one, which knows that, keeps it. Only now nothing stands in the way any more.
 * - `returns`: both have let it go, so this one is to take it back.
 * - `waits`: both have, and the other one takes it back.
 */
export type MeetingOfTwins = 'keeps' | 'yields' | 'goes' | 'returns' | 'waits'

/**
 * What is to become of this node's key when it meets another node that has it too: of the two that was opened later lets it go. Each of them
 * comes to the same answer by itself, from both runs. Of any number of them one keeps it, whenever they meet, end and begin again, as each
 * stores that it lets go before it says so, and goes only once one that doesn't has heard it.
 * @param own its run, as the other one knows it; hex @param other hex
 */
export const meetTwin = (own: string, other: string): MeetingOfTwins => {
  if (!isLettingGo(own)) return own < other ? 'keeps' : 'yields'
  if (!isLettingGo(other)) return 'goes'
  return own < other ? 'returns' : 'waits'
}
