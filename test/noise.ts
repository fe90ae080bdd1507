import { createRandom } from '../src/testing/random.js'

/** Of this run's noise; `NOISE_SEED=7 npm run unit` makes that of another one again. */
export const noiseSeed = Number(process.env.NOISE_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Random from the seed that it prints, so that what a run found can be found again. */
export const createNoise = (about: string) => {
  process.stdout.write(`${about}: NOISE_SEED=${noiseSeed}\n`)
  const dice = createRandom(noiseSeed)
  const upTo = (end: number): number => Math.floor(dice() * end)
  return {
    /** A whole number from 0, below `end`. */
    upTo,
    bytes: (length: number): Uint8Array => Uint8Array.from({ length }, () => upTo(256)),
    /** The same bytes with a few bits flipped, and now and then cut short. */
    damaged: (right: Uint8Array): Uint8Array => {
      const bytes = right.slice(0, upTo(4) === 0 ? upTo(right.length) : right.length)
      for (let i = 0; i < 3 && bytes.length > 0; i++) {
        const at = upTo(bytes.length)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << upTo(8))
      }
      return bytes
    },
  }
}
