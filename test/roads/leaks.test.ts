import { expect, it } from 'vitest'
import { createCycleWorld } from './cycles.js'

/** As many as the benchmark has: HYPHA_CYCLES=10000. */
const CYCLES = Number(process.env.HYPHA_CYCLES ?? 300)

it(
  `leaves no actor, listener, socket or feed behind after ${CYCLES} connections that were cut`,
  async () => {
    const world = await createCycleWorld()
    try {
      // What is made once is there after a few of them.
      await world.run(30)
      const before = await world.census()
      expect(before.feeds).toBeGreaterThan(3)
      expect(before['peers of feeds']).toBe(0)
      await world.run(CYCLES)
      expect(await world.left(before)).toEqual({})
    } finally {
      await world.close()
    }
  },
  60_000 + CYCLES * 500,
)
