import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildBrowser } from '../../scripts/build/browser.js'
import type * as runtimeModule from '../../src/index.js'
import type * as testingModule from '../../src/testing/index.js'
import { type Chromium, launchChromium } from './chromium.js'
import { type StaticServer, serveFolder } from './static-server.js'

/** The published bundles, as a page without a bundler of its own has them. */
const PAGE = `<!doctype html><link rel="icon" href="data:,">
<script type="module">
  import * as runtime from '/index.js'
  import * as testing from '/testing.js'
  globalThis.bundles = { runtime, testing }
</script>`

let folder = ''
let server: StaticServer
let chromium: Chromium
let page: Page

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-testing-bundle-'))
  await buildBrowser(folder)
  await writeFile(join(folder, 'index.html'), PAGE)
  server = await serveFolder(folder)
  chromium = await launchChromium()
  page = await chromium.newPage(server.url)
  await page.waitForFunction(() => 'bundles' in globalThis)
}, 300_000)

afterAll(async () => {
  await chromium?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

describe('hypha-runtime/testing in a page', () => {
  it('holds transports and storages to their contracts', async () => {
    const broken = await page.evaluate(async () => {
      const { runtime, testing } = (
        globalThis as typeof globalThis & {
          bundles: { runtime: typeof runtimeModule; testing: typeof testingModule }
        }
      ).bundles
      const createPair = () => {
        const network = runtime.createMemoryNetwork()
        const create = () => runtime.memoryTransport(network)
        return { listener: create(), createDialler: create }
      }
      const createPlace = () => {
        const storage = runtime.memoryStorage()
        return { storage: () => storage }
      }
      const failures: string[] = []
      for (const { name, run } of [
        ...testing.transportContract(createPair),
        ...testing.storageContract(createPlace, { persists: false }),
      ])
        await run().catch((error: unknown) => failures.push(`${name}: ${String(error)}`))
      return failures
    })
    expect(broken).toEqual([])
  })

  it('has a clock, and says of wires where they are', async () => {
    const said = await page.evaluate(async () => {
      const { testing } = (globalThis as typeof globalThis & { bundles: { testing: typeof testingModule } })
        .bundles
      const clock = testing.createSimulatedClock({ now: 0 })
      const rang: number[] = []
      clock.setTimeout(() => rang.push(clock.now()), 5_000)
      await clock.advanceAsync(10_000)
      const code = await testing
        .createWire({ to: 'http://127.0.0.1:1' })
        .catch((error: { code: string }) => error.code)
      return [rang, code]
    })
    expect(said).toEqual([[5_000], 'TRANSPORT_UNAVAILABLE'])
  })
})
