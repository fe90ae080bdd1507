import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runtimePlugin } from '../../scripts/build/runtime-plugin.js'
import { type Chromium, launchChromium } from './chromium.js'
import { type StaticServer, serveFolder } from './static-server.js'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

let folder = ''
let server: StaticServer
let chromium: Chromium
let page: Page

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-react-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    mode: 'development',
    plugins: [runtimePlugin()],
    // Strict mode is one only in React's build for development.
    define: { 'process.env.NODE_ENV': '"development"' },
    resolve: {
      alias: [
        { find: /^hypha-runtime\/react$/, replacement: path('../../src/ui-bridge/react/index.ts') },
        { find: /^hypha-runtime$/, replacement: path('../../src/index.ts') },
      ],
    },
    build: {
      rolldownOptions: { checks: { pluginTimings: false } },
      target: 'es2022',
      minify: false,
      outDir: folder,
      emptyOutDir: true,
      lib: { entry: { page: path('./pages/react.ts') }, formats: ['es'] },
    },
  })
  const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
  await writeFile(join(folder, 'index.html'), html)
  server = await serveFolder(folder)
  chromium = await launchChromium()
  page = await chromium.newPage(server.url)
  await page.waitForFunction("document.title === 'ready'")
  await page.evaluate(() => reactPage.until('list-notes/', ''))
})

afterAll(async () => {
  await chromium?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

/** What renders because of some work, once that shows. */
const rendersOf = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
  await page.evaluate(() => reactPage.settled())
  await page.evaluate(() => reactPage.renders())
  await work()
  await page.evaluate(() => reactPage.settled())
  return page.evaluate(() => reactPage.renders())
}

it('renders, for one put, who reads entries with that prefix and who shows progress, once each', async () => {
  const renders = await rendersOf(() =>
    page.evaluate(async () => {
      await reactPage.put('notes/1', 'a')
      await reactPage.until('list-notes/', 'notes/1')
    }),
  )
  say(`  one put renders: ${JSON.stringify(renders)}`)
  const { sync, ...others } = renders
  // Its blocks and its bytes may come to be known in two frames.
  expect(sync).toBeLessThanOrEqual(2)
  expect(others).toEqual({ notes: 1, same: 1 })
})

it('renders once a frame for many puts, and only who reads them', async () => {
  let frames = 0
  const renders = await rendersOf(async () => {
    frames = await page.evaluate(async () => {
      const before = reactPage.frames()
      const keys = Array.from({ length: 300 }, (_, i) => `tasks/${String(i).padStart(3, '0')}`)
      for (const key of keys) await reactPage.put(key, 'x')
      await reactPage.until('list-tasks/', keys.join(' '))
      return reactPage.frames() - before
    })
  })
  say(`  300 puts in ${frames} frames render: ${JSON.stringify(renders)}`)
  expect(renders.notes).toBeUndefined()
  expect(renders.same).toBeUndefined()
  expect(renders.own).toBeUndefined()
  expect(renders.nodes).toBeUndefined()
  expect(renders.tasks).toBeLessThanOrEqual(frames + 1)
})

it('renders a batch of a thousand as the runtime takes it in: in parts of some hundreds', async () => {
  const keys = Array.from({ length: 1_000 }, (_, i) => `notes/${String(i).padStart(4, '0')}`)
  const renders = await rendersOf(() =>
    page.evaluate(async (keys) => {
      await reactPage.batch(keys)
      await reactPage.until('list-notes/', [...keys, 'notes/1'].sort().join(' '))
    }, keys),
  )
  say(`  a batch of 1,000 renders: ${JSON.stringify(renders)}`)
  expect(renders.notes).toBeLessThanOrEqual(3)
  expect(renders.tasks).toBeUndefined()
})

it('shows one moment in all places, also while React renders in pieces', async () => {
  await page.evaluate(() => reactPage.storm(200))
  await page.evaluate(() => reactPage.settled())
  expect(await page.evaluate(() => reactPage.torn())).toEqual([])
})

it('lets go of the node when it is taken down', async () => {
  expect(await page.evaluate(() => reactPage.unmount())).toBe(0)
})
