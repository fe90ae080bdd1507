import fc from 'fast-check'

/** Runs of a property over hostile bytes: short by default, as long as FUZZ_RUNS says. */
export const fuzz = { numRuns: Number(process.env.FUZZ_RUNS ?? 100) }

/** Bytes of no shape at all. */
export const noise = fc.uint8Array({ maxLength: 300 })

/** What was right until somebody flipped bits, cut it short, doubled a part or put noise in the middle. */
export const damaged = (right: Uint8Array): fc.Arbitrary<Uint8Array> => {
  const at = fc.nat(Math.max(0, right.length - 1))
  return fc.oneof(
    fc.array(fc.tuple(at, fc.nat(7)), { minLength: 1, maxLength: 4 }).map((flips) => {
      const bytes = new Uint8Array(right)
      for (const [index, bit] of flips) bytes[index]! ^= 1 << bit
      return bytes
    }),
    at.map((end) => right.slice(0, end)),
    fc.tuple(at, at).map(([from, to]) => Uint8Array.from([...right.slice(0, to), ...right.slice(from)])),
    fc.tuple(at, noise).map(([index, extra]) => {
      return Uint8Array.from([...right.slice(0, index), ...extra, ...right.slice(index)])
    }),
  )
}
