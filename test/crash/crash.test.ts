import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createRandom } from '../../src/testing/random.js'
import { crash } from './crash.js'

/** The long run: `npm run test:crash -- --kills 100`. */
const KILLS = 6

it.each([
  ['nodes and an always-on node', false, KILLS],
  ['a browser among them', true, KILLS],
])(
  `${KILLS} kills at random moments, of %s: nothing acknowledged is lost, and all opens`,
  async (_, withBrowser, kills) => {
    const directory = await mkdtemp(join(tmpdir(), 'hypha-crash-'))
    const seed = Number(process.env.HYPHA_SEED ?? 3)
    const what: string[] = []
    try {
      const { lost, corrupt } = await crash({
        directory,
        kills,
        random: createRandom(seed),
        withBrowser,
        onKill: (kill, killed) => what.push(`${kill} ${killed}`),
      })
      expect({ lost, corrupt, what }).toEqual({ lost: [], corrupt: [], what })
      expect(what).toHaveLength(kills)
    } finally {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    }
  },
  600_000,
)
