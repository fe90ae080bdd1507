import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { type InstalledPackage, installPackage, shellEnv } from '../packed.js'
import { faultsOf } from './axe.js'
import { type Chromium, launchChromium } from './chromium.js'
import { viteBuild } from './vite-project.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** The example in a project of its own, with the package as npm would publish it. */
const makeProject = async (app: string): Promise<void> => {
  for (const name of ['index.html', 'public', 'src', 'tsconfig.json', 'vite.config.ts'])
    await cp(join(root, 'examples/react', name), join(app, name), { recursive: true })
  await mkdir(join(app, 'node_modules/@types'), { recursive: true })
  for (const name of ['react', 'react-dom', 'vite', '@types/react', '@types/react-dom', '@types/node'])
    await symlink(join(root, 'node_modules', name), join(app, 'node_modules', name)).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
const wordsOf = (page: Page) =>
  page.getByRole('list', { name: 'Words to compare' }).locator('li').allInnerTexts()
const line = (page: Page, text: string) => page.getByRole('checkbox', { name: text })
const device = (page: Page, text: string | RegExp) =>
  page.getByRole('region', { name: 'Devices' }).getByRole('listitem').filter({ hasText: text })

describe('the example with React, by plain Vite and the packed package', () => {
  let installed: InstalledPackage
  let webApp = ''
  let server: AlwaysOnNode
  let chromium: Chromium

  beforeAll(async () => {
    installed = await installPackage()
    await makeProject(installed.app)
    webApp = await viteBuild(installed.app)
    server = await createAlwaysOnNode({ port: 0, claim: 16, webApp })
    chromium = await launchChromium()
  }, 300_000)

  afterAll(async () => {
    await chromium?.close()
    await server?.close()
    await installed?.remove()
  })

  it('has types that fit the package’s', async () => {
    const tsc = join(root, 'node_modules/.bin/tsc')
    const { stdout } = await run(tsc, ['-p', 'tsconfig.json'], { cwd: installed.app, env: shellEnv })
    expect(stdout).toBe('')
  })

  it('has one runtime, and one store, in all that the page loads', async () => {
    const folder = join(webApp, 'assets')
    const files = (await readdir(folder)).filter((name) => name.endsWith('.js'))
    const text = (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('\n')
    // Words that only one place of each says.
    for (const once of ['hypha-runtime/presence/1', '<HyphaProvider node={createNode(...)}>'])
      expect(text.split(once).length - 1, once).toBe(1)
  })

  it('two pages: one begins, the other joins, is let in by the same words, and both write one list', async () => {
    const laptop = await chromium.newPage(server.url)
    await heading(laptop, 'Our list').waitFor()
    expect(await faultsOf(laptop)).toEqual([])
    await button(laptop, 'Begin a new list').click()
    await heading(laptop, 'Your passphrase').waitFor()
    expect(await faultsOf(laptop)).toEqual([])
    const passphrase = await laptop.getByTestId('passphrase').innerText()
    expect(passphrase.split(' ')).toHaveLength(9)
    await button(laptop, 'I have saved it').click()
    await laptop.getByLabel('Something to add').fill('Bread')
    await button(laptop, 'Add').click()
    await line(laptop, 'Bread').waitFor()
    await device(laptop, 'this device').waitFor()

    const phone = await chromium.newPage(server.url)
    await phone.getByLabel('Passphrase').fill(passphrase)
    await button(phone, 'Join').click()
    await heading(phone, 'Say yes on another of your devices').waitFor()
    // It reads before it may write.
    await line(phone, 'Bread').waitFor()
    expect(await line(phone, 'Bread').isDisabled()).toBe(true)

    await heading(laptop, /^May “.+” write\?$/).waitFor()
    const words = await wordsOf(laptop)
    expect(words).toHaveLength(5)
    expect(await wordsOf(phone)).toEqual(words)
    expect(await faultsOf(laptop)).toEqual([])
    expect(await faultsOf(phone)).toEqual([])
    await button(laptop, 'Yes, the words are the same').click()
    await phone.getByLabel('Something to add').fill('Oats')
    await button(phone, 'Add').click()
    await line(laptop, 'Oats').waitFor()
    await line(laptop, 'Oats').click()
    await phone.locator('.list input:checked').waitFor()
    await button(phone, 'Remove Bread').click()
    await line(laptop, 'Bread').waitFor({ state: 'detached' })

    // Each sees the other, and how far it has come with what the other wrote.
    await device(laptop, 'here, ').waitFor()
    await device(phone, 'here, ').waitFor()
    // Both are called by what they run on.
    await device(laptop, /another device has this name/)
      .nth(1)
      .waitFor()
    expect(await faultsOf(laptop)).toEqual([])
    await heading(phone, 'All of it is here').waitFor()
    await phone.locator('.writers dd').filter({ hasText: '100 %' }).nth(1).waitFor()

    // Opened anew it is who it was, and its list is there.
    await phone.reload()
    await line(phone, 'Oats').waitFor()
    await phone.getByLabel('Something to add').waitFor()
    await phone.context().close()
    await device(laptop, 'last here at').waitFor()
  })

  it('says what is wrong with a passphrase', async () => {
    const page = await chromium.newPage(server.url)
    await page.getByLabel('Passphrase').fill('correct horse battery staple')
    await button(page, 'Join').click()
    await page.getByRole('alert').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.context().close()
  })
})
