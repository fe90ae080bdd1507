/** 1,000 puts of private entries in a page of Chromium, one after the other: in memory, and in files that the browser keeps. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { findChromium } from '../scripts/test/chromium.js'
import { launchWithProfile, measureCpu, temporaryProfile } from '../test/browser/chromium.js'
import { serveFolder } from '../test/browser/static-server.js'
import { median } from './median.js'

const ROUNDS = 7
const PLACES = [
  { name: 'put 1,000 in a page, RAM', kept: false, target: 400 },
  { name: 'put 1,000 in a page, OPFS', kept: true, target: 1_200 },
]

const build = (folder: string): void => {
  const args = ['bench/page/build.ts', folder]
  const { status } = spawnSync('node_modules/.bin/tsx', args, { stdio: ['ignore', 2, 'inherit'] })
  if (status !== 0) throw new Error('The runtime could not be built for browsers, see above.')
}

/** Milliseconds on the wall, and of the page's main thread. */
const round = async (page: Page, name: string | undefined) => {
  await page.evaluate(async (storage) => {
    const { browserStorage, createNode } = globalThis.runtime
    globalThis.node = createNode(storage === undefined ? {} : { storage: browserStorage(storage) })
    await globalThis.node.signUp({ domain: 'bench.example' })
  }, name)
  const cpuTime = await measureCpu(page)
  const before = await cpuTime()
  const wall = await page.evaluate(async () => {
    const start = performance.now()
    for (let i = 0; i < 1_000; i++)
      await globalThis.node.put(`notes/${i % 97}/${i}`, { text: 'v'.repeat(100), i })
    return performance.now() - start
  })
  const cpu = (await cpuTime()) - before
  await page.evaluate(() => globalThis.node.close())
  return { wall, cpu }
}

export const isAsked = (only: string): boolean => PLACES.some(({ name }) => name.includes(only))

/** @throws Error when there is no Chromium */
export const benchPage = async (only: string, progress: (line: string) => void) => {
  if (!findChromium())
    throw new Error(
      'There is no Chromium for the puts in a page. Install it (`npm test` does), name it in CHROMIUM, or measure without: --only disk, --only memory.',
    )
  const folder = await mkdtemp(join(tmpdir(), 'hypha-bench-page-'))
  const profile = await temporaryProfile()
  try {
    build(folder)
    const server = await serveFolder(folder)
    const chromium = await launchWithProfile(profile.path)
    const results = []
    for (const { name, kept, target } of PLACES.filter((place) => place.name.includes(only))) {
      const page = await chromium.newPage(server.url)
      await page.waitForFunction(() => 'runtime' in globalThis)
      const rounds = []
      for (let i = 0; i < ROUNDS; i++) {
        const found = await round(page, kept ? `bench ${i}` : undefined)
        progress(`${name}, ${i + 1} of ${ROUNDS}: ${Math.round(found.wall)} ms`)
        rounds.push(found)
      }
      await page.close()
      const [cold] = rounds
      results.push({
        name,
        unit: 'ms',
        runtime: Math.round(median(rounds.map(({ wall }) => wall))),
        target,
        'first round': Math.round(cold?.wall ?? 0),
        'CPU time of the page': Math.round(median(rounds.map(({ cpu }) => cpu))),
        rounds: ROUNDS,
      })
    }
    await chromium.close()
    await server.close()
    return results
  } finally {
    await profile.remove()
    await rm(folder, { recursive: true, force: true })
  }
}
