/** The web app as a person uses it: by what is on the screen. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { buildWeb } from '../../scripts/build/web.js'
import { type AlwaysOnNode, type AlwaysOnNodeOptions, createAlwaysOnNode } from '../../src/always-on/index.js'

export interface ServedApp {
  readonly folder: string
  /** An always-on node that serves the app. Whoever starts it closes it. */
  serve(options?: Partial<AlwaysOnNodeOptions>): Promise<AlwaysOnNode>
  remove(): Promise<void>
}

/** Builds the web app into a folder of its own. */
export const buildApp = async (): Promise<ServedApp> => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-web-app-'))
  await buildWeb(folder)
  return {
    folder,
    serve: (options = {}) => createAlwaysOnNode({ port: 0, claim: 16, webApp: folder, ...options }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The words of a list on the screen. */
export const wordsOf = async (list: Locator): Promise<string[]> => {
  await list.waitFor()
  return list.locator('li').allInnerTexts()
}

export const heading = (page: Page, name: string | RegExp): Locator => page.getByRole('heading', { name })

export const button = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' })

export const nameDevice = async (page: Page, name: string): Promise<void> =>
  page.getByLabel('Name of this device').fill(name)

/** Which words the check asks for, from 1. */
export const askedFor = async (page: Page): Promise<number[]> => {
  const labels = page.locator('label').filter({ hasText: /^Word \d$/ })
  await labels.first().waitFor()
  return (await labels.allInnerTexts()).map((label) => Number(label.replace(/\D/g, '')))
}

export const answerCheck = async (page: Page, passphrase: readonly string[]): Promise<void> => {
  for (const position of await askedFor(page))
    await page.getByLabel(`Word ${position}`, { exact: true }).fill(passphrase[position - 1]!)
  await button(page, 'Continue').click()
}

/** From the first screen to the home screen; the passphrase. */
export const signUp = async (page: Page, name: string): Promise<string> => {
  await nameDevice(page, name)
  await button(page, 'Sign up').click()
  await heading(page, 'Your passphrase').waitFor()
  const words = await wordsOf(page.getByRole('list', { name: 'Passphrase' }))
  await button(page, 'I have saved it').click()
  await answerCheck(page, words)
  await heading(page, 'Write something').waitFor()
  return words.join(' ')
}

/** From the first screen to the home screen, where the device waits. */
export const signIn = async (page: Page, name: string, passphrase: string): Promise<void> => {
  await button(page, 'Sign in').click()
  await page.getByLabel('Passphrase').fill(passphrase)
  await nameDevice(page, name)
  await button(page, 'Sign in').click()
  await heading(page, 'Say yes on another of your devices').waitFor()
}

export const prompt = (page: Page): Locator => page.getByRole('dialog')

/** The words that a screen shows for comparing. */
export const wordsToCompare = (place: Page | Locator): Promise<string[]> =>
  wordsOf(place.getByRole('list', { name: 'Words to compare' }))

/** Says yes to the device that asks, and waits until it may write. */
export const authorise = async (writer: Page, asker: Page): Promise<void> => {
  await button(prompt(writer), /^Authorise/).click()
  await heading(asker, 'Write something').waitFor()
  await prompt(writer).waitFor({ state: 'hidden' })
}

export const entry = (page: Page, key: string): Locator =>
  page
    .getByRole('list', { name: 'Entries' })
    .getByRole('listitem')
    .filter({ has: heading(page, key) })

export const write = async (page: Page, key: string, text: string): Promise<void> => {
  const form = page.getByRole('form', { name: 'Write something' })
  await form.getByLabel('Name', { exact: true }).fill(key)
  await form.locator('textarea').fill(text)
  await button(form, 'Save').click()
  await entry(page, key).waitFor()
}
