import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimePlugin } from '../../scripts/build/runtime-plugin.js'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { transportContract } from '../../src/testing/contracts/transport.js'
import { createMemoryPair } from '../adapters/transport/pairs.js'
import { type Chromium, launchChromium } from './chromium.js'
import { type StaticServer, serveFolder } from './static-server.js'
import { createWebSocketRoad } from './web-socket-road.js'

const MEGABYTES = 24
const ROUNDS = 5
/** Of a bare data channel's speed, at least. */
const LEAST_RATIO = 0.7

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

/** By name only: they run in the page. */
const cases = transportContract(createMemoryPair)

let folder = ''
let server: StaticServer
let chromium: Chromium
let alwaysOn: AlwaysOnNode
let page: Page

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-roads-page-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [runtimePlugin()],
    build: {
      target: 'es2022',
      outDir: folder,
      emptyOutDir: true,
      lib: { entry: { page: fileURLToPath(new URL('./pages/roads.ts', import.meta.url)) }, formats: ['es'] },
    },
  })
  const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
  await writeFile(join(folder, 'index.html'), html)
  server = await serveFolder(folder)
  alwaysOn = await createAlwaysOnNode({ port: 0 })
  chromium = await launchChromium()
  page = await chromium.newPage(server.url)
}, 300_000)

afterAll(async () => {
  await chromium?.close()
  await alwaysOn?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the webSocket transport in a page', () => {
  for (const { name } of cases)
    it(name, async () => {
      const { close, ...road } = await createWebSocketRoad()
      try {
        const wrong = await page.evaluate(([name, road]) => globalThis.roadsPage.webSocket(name, road), [
          name,
          road,
        ] as const)
        expect(wrong).toBeUndefined()
      } finally {
        await close()
      }
      // Chromium prints each dial that is refused.
      const { complaints } = chromium
      complaints.splice(
        0,
        complaints.length,
        ...complaints.filter((line) => !/WebSocket connection to/.test(line)),
      )
    })
})

describe('the webRTC transport in a page', () => {
  for (const { name } of cases)
    it(name, async () => {
      const wrong = await page.evaluate(([name, url]) => globalThis.roadsPage.webRTC(name, url), [
        name,
        alwaysOn.url,
      ] as const)
      expect(wrong).toBeUndefined()
    })

  it('moves bytes nearly as fast as a bare data channel', async () => {
    const bytes = MEGABYTES * 1024 * 1024
    const raw: number[] = []
    const ours: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      raw.push(await page.evaluate((bytes) => globalThis.roadsPage.raw(bytes), bytes))
      ours.push(
        await page.evaluate(([bytes, url]) => globalThis.roadsPage.ours(bytes, url), [
          bytes,
          alwaysOn.url,
        ] as const),
      )
    }
    const ratio = median(ours) / median(raw)
    say(`${median(ours).toFixed(1)} MB/s of ${median(raw).toFixed(1)}: ${ratio.toFixed(2)}`)
    expect(ratio).toBeGreaterThan(LEAST_RATIO)
  })

  it('is told what a browser without WebRTC lacks', async () => {
    const code = await page.evaluate((url) => globalThis.roadsPage.without(url), alwaysOn.url)
    expect(code).toBe('TRANSPORT_UNAVAILABLE')
  })
})
