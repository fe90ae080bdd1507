import { expect, it } from 'vitest'
import { createHealWorld } from './heal-run.js'

/** More of them: HYPHA_HEALS=200. One again: HYPHA_HEAL_SEED=17. */
const RUNS = Number(process.env.HYPHA_HEALS ?? 10)
const ONE = process.env.HYPHA_HEAL_SEED

const seeds = ONE === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(ONE)]

it(
  `converges after ${seeds.length} runs of roads that break at any byte, and loses no put`,
  async () => {
    const world = await createHealWorld()
    try {
      const failures: string[] = []
      for (const seed of seeds) {
        await world.run(seed).catch((error: unknown) => {
          failures.push(`${error instanceof Error ? error.message : error} Again: HYPHA_HEAL_SEED=${seed}`)
        })
      }
      expect(failures).toEqual([])
      await world.check()
    } finally {
      await world.close()
    }
  },
  60_000 + RUNS * 40_000,
)
