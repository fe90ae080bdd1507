import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { buildInspector } from '../../scripts/build/inspector.js'
import { createInspectorServer, type InspectorServer } from '../../src/always-on/inspector-server.js'
import { recordStory } from '../inspector/record-story.js'
import { type Chromium, launchChromium } from './chromium.js'

const BUILD_MS = 180_000

/** The inspector, built, and served as `hypha inspect` does. */
export interface InspectorWorld {
  readonly folder: string
  readonly chromium: Chromium
  readonly server: InspectorServer
  /** A recorded session of real nodes, as a file. */
  readonly story: string
  /** Writes a file that a page can be given. */
  write(name: string, text: string): Promise<string>
  /** A page without a token: nothing but what it opens. */
  newPage(options?: BrowserContextOptions): Promise<Page>
}

const missing = (): never => {
  throw new Error('There is no inspector outside of a test.')
}

/** Built once for a test file; a page that complained fails it: an uncaught error, a violation of the policy. */
export const useInspector = (): InspectorWorld => {
  let folder: string | undefined
  let chromium: Chromium | undefined
  let server: InspectorServer | undefined
  let story = ''
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder ?? missing(), name)
    await writeFile(path, text)
    return path
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hypha-inspector-'))
    await buildInspector(join(folder, 'page'))
    server = await createInspectorServer({ port: 0, page: join(folder, 'page') })
    story = await write('story.json', JSON.stringify(await recordStory()))
    chromium = await launchChromium()
  }, BUILD_MS)
  afterAll(async () => {
    await chromium?.close()
    await server?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  })
  return {
    get folder() {
      return folder ?? missing()
    },
    get chromium() {
      return chromium ?? missing()
    },
    get server() {
      return server ?? missing()
    },
    get story() {
      return story
    },
    write,
    newPage: (options) =>
      (chromium ?? missing()).newPage((server ?? missing()).url.replace(/#.*/, ''), {
        viewport: { width: 1440, height: 900 },
        ...options,
      }),
  }
}

export const openFile = async (page: Page, path: string): Promise<void> => {
  await page.getByLabel('A recorded session').setInputFiles(path)
}

export const openStory = async (page: Page, path: string): Promise<void> => {
  await openFile(page, path)
  await page.getByRole('slider', { name: 'Moment' }).waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).click()
}

export const tab = (page: Page, name: string): Locator => page.getByRole('tab', { name, exact: true })

export const tree = (page: Page, node: string): Locator =>
  page.getByRole('tree', { name: `Actors of ${node}` })

export const slider = (page: Page): Locator => page.getByRole('slider', { name: 'Moment' })

/** How many events have happened at the moment shown. */
export const momentOf = async (page: Page): Promise<number> => {
  // What was asked for is drawn at the next frame.
  await page.evaluate(
    () =>
      new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined)))),
  )
  return Number(await slider(page).getAttribute('aria-valuenow'))
}

/** The states that are lit in the picture. */
export const litStates = (page: Page): Promise<string[]> =>
  page
    .locator('.canvas-view .lit')
    .evaluateAll((groups) => groups.map((group) => group.getAttribute('data-state') ?? ''))
