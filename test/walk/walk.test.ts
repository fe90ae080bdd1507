import { afterAll, expect, it } from 'vitest'
import { quickKeys } from './quick-keys.js'
import { runWalk } from './walk.js'

/** More of them, and others: npm run test:walk -- --runs 1000 --seed 1 */
const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1)
/** A walk waits more than it works. */
const TOGETHER = 4

afterAll(quickKeys())

it(`${SEEDS.length} random walks: nothing is lost, nobody is asked twice or let in unasked, and all are alike in the end`, async () => {
  const seeds = [...SEEDS]
  const failures: string[] = []
  const walk = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const { story } = await runWalk({ seed })
      if (story) failures.push(story)
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, walk))
  expect(failures.join('\n\n')).toBe('')
}, 600_000)
