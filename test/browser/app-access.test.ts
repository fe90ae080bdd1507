import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { answerCheck, authorise, button, heading, nameDevice, prompt, wordsOf, write } from './app.js'
import { useApp } from './app-world.js'
import { faultsOf } from './axe.js'

const world = useApp()

/** A target of at least 44 pixels, or text in a line. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, input, textarea, summary')]
      .map((element) =>
        element.matches('[type=checkbox], [type=radio]') ? (element.closest('label') ?? element) : element,
      )
      .filter(
        (element) => element.checkVisibility() && Math.round(element.getBoundingClientRect().height) < 39,
      )
      .map((element) => `${element.outerHTML.slice(0, 80)} ${element.getBoundingClientRect().height}`),
  )

test.each([
  ['light', 1100],
  ['dark', 1100],
  ['light', 360],
  ['dark', 360],
] as const)('no screen shuts anybody out: %s, %i pixels wide', async (colorScheme, width) => {
  const server = await world.app.serve()
  const options = { colorScheme, reducedMotion: 'reduce' as const, viewport: { width, height: 740 } }
  const seen: string[] = []
  const look = async (page: Page, screen: string) => {
    seen.push(screen)
    expect(await faultsOf(page), screen).toEqual([])
    expect(await smallTargets(page), screen).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(overflow, `${screen} is wider than the window`).toBeLessThanOrEqual(0)
  }
  try {
    const laptop = await world.chromium.newPage(server.url, options)
    await laptop.getByText('More', { exact: true }).click()
    await look(laptop, 'welcome')
    await laptop.getByLabel('Domain').fill('not a domain')
    await button(laptop, 'Sign up').click()
    await laptop.getByText('This is not a domain').waitFor()
    await look(laptop, 'wrong domain')
    await laptop.getByLabel('Domain').fill('localhost')
    await nameDevice(laptop, 'Laptop')
    await button(laptop, 'Sign up').click()
    const words = await wordsOf(laptop.getByRole('list', { name: 'Passphrase' }))
    await look(laptop, 'passphrase')
    await button(laptop, 'I have saved it').click()
    await button(laptop, 'Continue').click()
    await look(laptop, 'check')
    await answerCheck(laptop, words)
    await laptop.getByText('Connected', { exact: true }).waitFor()
    await look(laptop, 'home')
    await laptop.evaluate(() => localStorage.setItem('hypha.unconfirmed', 'yes'))
    await laptop.reload()
    await button(laptop, 'Start over').click()
    await laptop.getByText('You get a new passphrase').waitFor()
    await look(laptop, 'unconfirmed')
    await button(laptop, 'Keep it').click()
    await button(laptop, 'I have it').click()

    const phone = await world.chromium.newPage(server.url, options)
    await button(phone, 'Sign in').click()
    await phone.getByLabel('Passphrase').fill('one two')
    await button(phone, 'Sign in').click()
    await phone.getByText('2 words were given').waitFor()
    await look(phone, 'sign-in')
    await phone.getByLabel('Passphrase').fill(words.join(' '))
    await nameDevice(phone, 'Phone')
    await button(phone, 'Sign in').click()
    await prompt(laptop).waitFor()
    await look(phone, 'waiting')
    await look(laptop, 'prompt')
    await button(prompt(laptop), 'Later').click()
    await heading(laptop, /Waiting requests/).waitFor()
    await look(laptop, 'waiting requests')
    await button(laptop, 'Decline Phone').click()
    await heading(phone, 'One of your devices declined').waitFor()
    await look(phone, 'declined')
    await button(phone, 'Ask again').click()
    await authorise(laptop, phone)
    await write(laptop, 'a/very/long/name/that/does/not/fit/on/one/line/of/a/phone', 'x'.repeat(2_000))
    await laptop.getByLabel(/^Public/).check()
    await write(laptop, 'profile/name', 'Alice')
    const form = laptop.locator('form.entry-form')
    await form.getByLabel('Name', { exact: true }).fill('profile/name')
    await button(form, 'Save').click()
    await laptop.getByText('exists already').waitFor()
    await look(laptop, 'overwrite')
    await button(laptop, 'Edit profile/name').click()
    await button(laptop, 'Delete profile/name').click()
    await laptop.getByText('Technical details').click()
    await laptop.getByRole('heading', { name: 'Signals' }).waitFor()
    await look(laptop, 'entries and technical details')
    await server.close()
    await phone.locator('.notice').waitFor()
    await look(phone, 'offline')
    expect(seen).toHaveLength(14)
    for (const page of [laptop, phone]) await page.context().close()
  } finally {
    await server.close()
    // The ends of the sockets are told of, and nothing else.
    const others = world.chromium.complaints.splice(0).filter((text) => !/WebSocket connection to/.test(text))
    expect(others).toEqual([])
  }
})

test('who prefers less motion gets none', async () => {
  const server = await world.app.serve()
  const page = await world.chromium.newPage(server.url, { reducedMotion: 'reduce' })
  await button(page, 'Sign up').click()
  await page.locator('.busy-bar').waitFor()
  const animation = await page.evaluate(() => {
    const bar = document.querySelector('.busy-bar')
    return bar ? getComputedStyle(bar, '::after').animationName : ''
  })
  expect(animation).toBe('none')
  await page.context().close()
  await server.close()
  world.chromium.complaints.splice(0)
})
