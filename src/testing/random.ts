/** From 0 to below 1, the same row of numbers for the same seed. */
export type Random = () => number

/** Mulberry32 (Tommy Ettinger, 2017, public domain): 32 bits of state, which is plenty for planning accidents. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number, both ends included. */
export const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1))

/** One of a list that isn't empty. */
export const oneOf = <T>(random: Random, list: readonly [T, ...T[]]): T =>
  list[between(random, 0, list.length - 1)] ?? list[0]
