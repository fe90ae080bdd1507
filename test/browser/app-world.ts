import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { AlwaysOnNode } from '../../src/always-on/index.js'
import { buildApp, type ServedApp } from './app.js'
import { type Chromium, launchChromium } from './chromium.js'

/** What a test file about the web app stands on; each is there once its hook has run. */
export interface AppWorld {
  readonly app: ServedApp
  readonly chromium: Chromium
}

export interface ServedWorld extends AppWorld {
  readonly server: AlwaysOnNode
}

const BUILD_MS = 120_000

const missing = (what: string): never => {
  throw new Error(`There is no ${what} outside of a test.`)
}

/** The app built once, and for every test a browser and a server of its own; a page that complained fails its test. */
export const useServedApp = (): ServedWorld => {
  let app: ServedApp | undefined
  let chromium: Chromium | undefined
  let server: AlwaysOnNode | undefined
  beforeAll(async () => {
    app = await buildApp()
  }, BUILD_MS)
  afterAll(() => app?.remove())
  beforeEach(async () => {
    chromium = await launchChromium()
    server = await app?.serve()
  })
  afterEach(async () => {
    // Looks whether a page complained: an uncaught error, a rejection, a violation of the policy.
    await chromium?.close()
    await server?.close()
  })
  return {
    get app() {
      return app ?? missing('app')
    },
    get chromium() {
      return chromium ?? missing('browser')
    },
    get server() {
      return server ?? missing('server')
    },
  }
}

/** The app built once and one browser for the whole file; its tests start the servers that they need. */
export const useApp = (): AppWorld => {
  let app: ServedApp | undefined
  let chromium: Chromium | undefined
  beforeAll(async () => {
    app = await buildApp()
    chromium = await launchChromium()
  }, BUILD_MS)
  afterAll(async () => {
    await chromium?.close()
    await app?.remove()
  })
  return {
    get app() {
      return app ?? missing('app')
    },
    get chromium() {
      return chromium ?? missing('browser')
    },
  }
}
