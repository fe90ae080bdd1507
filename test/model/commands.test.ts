import { afterAll, describe, expect, it } from 'vitest'
import { createNode } from '../../src/index.js'
import { quickKeys } from '../walk/quick-keys.js'
import type { MakeNode } from './calls-real.js'
import { checkCalls, storyOf } from './check-calls.js'

/** More of them: npm run test:walk -- --commands --runs 10000 */
const RUNS = 60

afterAll(quickKeys())

describe('any call at any time', () => {
  it(`answers as it should, in ${RUNS} random orders on two nodes`, async () => {
    expect(storyOf(await checkCalls({ runs: RUNS, seed: 2019 }))).toBe('')
  }, 600_000)

  it('is found out where it does not, with a seed and few calls that show it again', async () => {
    /** As a node that was forgotten to be guarded: whoever closes twice is told off. */
    const faulty: MakeNode = (options) => {
      const node = createNode(options)
      let isClosed = false
      return new Proxy(node, {
        get: (target, name, receiver) => {
          if (name !== 'close') return Reflect.get(target, name, receiver)
          return async () => {
            if (isClosed) throw new Error('It was closed before')
            isClosed = true
            await target.close()
          }
        },
      })
    }
    const found = await checkCalls({ runs: 200, seed: 7, make: faulty })
    const story = storyOf(found)
    expect(story).toContain('It was closed before')
    expect(story).toMatch(/after nothing, then close\((\d)\),close\(\1\)\n/)
    const [, seed, path, replayPath] = /--seed (\S+) --path (\S+) --replay (\S+)/.exec(story) ?? []
    expect(Number(seed)).toBe(7)
    const again = await checkCalls({ runs: 1, seed: Number(seed), path, replayPath, make: faulty })
    expect(storyOf(again)).toContain('then close')
    expect(again.numShrinks).toBe(0)
    expect((await checkCalls({ runs: 1, seed: Number(seed), path, replayPath })).failed).toBe(false)
  }, 600_000)
})
