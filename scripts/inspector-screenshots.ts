/** Records a session of real nodes, opens it in the inspector, and saves the pictures that the docs show. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { createInspectorServer } from '../src/always-on/inspector-server.js'
import { launchChromium } from '../test/browser/chromium.js'
import { recordStory } from '../test/inspector/record-story.js'
import { buildInspector } from './build/inspector.js'

const pictures = fileURLToPath(new URL('../docs/inspector', import.meta.url))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const LIGHT: BrowserContextOptions = {
  colorScheme: 'light',
  viewport: { width: 1440, height: 900 },
  deviceScaleFactor: 1.5,
}
const DARK: BrowserContextOptions = { ...LIGHT, colorScheme: 'dark' }

const folder = await mkdtemp(join(tmpdir(), 'hypha-inspector-pictures-'))
await buildInspector(join(folder, 'page'))
const session = join(folder, 'session.json')
// Alice takes her time: a person's pause is part of the story.
await writeFile(session, JSON.stringify(await recordStory({ thinking: 2_500 })))
const server = await createInspectorServer({ port: 0, page: join(folder, 'page') })
const chromium = await launchChromium()
await mkdir(pictures, { recursive: true })

const open = async (options: BrowserContextOptions): Promise<Page> => {
  const page = await chromium.newPage(server.url.replace(/#.*/, ''), options)
  await page.getByLabel('A recorded session').setInputFiles(session)
  await page.getByRole('slider', { name: 'Moment' }).waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).click()
  return page
}

const shoot = async (page: Page, name: string): Promise<void> => {
  // Neither the pointer nor the focus is part of what is shown.
  await page.mouse.click(700, 3)
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' })
  say(`docs/inspector/${name}.png`)
}

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })
const log = (page: Page) => page.getByRole('button', { name: 'Log', exact: true })

/** The moment of the log's first line that has these words. */
const goTo = async (page: Page, words: string): Promise<void> => {
  const search = page.getByRole('searchbox', { name: 'Search the log' })
  await search.fill(words)
  await page.getByRole('listbox', { name: 'Log' }).getByRole('option').first().click()
  await search.fill('')
}

const actor = (page: Page, node: string, name: RegExp) =>
  page.getByRole('tree', { name: `Actors of ${node}` }).getByRole('treeitem', { name })

const shootSequence = async (page: Page, name: string): Promise<void> => {
  await tab(page, 'Sequence').click()
  await page.getByRole('button', { name: 'Newest' }).click()
  await page.getByRole('button', { name: 'Alice’s phone · authorised' }).click()
  await shoot(page, name)
}

try {
  const page = await open(LIGHT)
  await goTo(page, 'phone request shown')
  await log(page).click()
  await shoot(page, 'actors')

  await tab(page, 'Statechart').click()
  await log(page).click()
  await goTo(page, 'phone awaitingAuthorisation')
  await shoot(page, 'statechart')
  await goTo(page, 'phone request shown')
  await actor(page, 'Alice’s phone', /^request/).click()
  await log(page).click()
  await shoot(page, 'parallel')
  await shootSequence(page, 'sequence')
  await page.context().close()

  const dark = await open(DARK)
  await log(dark).click()
  await shootSequence(dark, 'sequence-dark')
  await dark.context().close()
} finally {
  await chromium.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
}
