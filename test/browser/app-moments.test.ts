import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { createNode, type HyphaNode, webSocket } from '../../src/index.js'
import { button, heading, prompt, signUp } from './app.js'
import { useServedApp } from './app-world.js'
import { faultsOf } from './axe.js'

const world = useServedApp()
const nodes: HyphaNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
})

/** A device of the person's that asks. */
const ask = async (name: string, passphrase: string): Promise<HyphaNode> => {
  const node = createNode({ name, transports: [webSocket(world.server.url)] })
  nodes.push(node)
  await node.signIn({ domain: 'localhost', passphrase })
  return node
}

interface Click {
  readonly button: string
  readonly isOff: boolean
}
declare global {
  var clicks: Click[]
}
/** Notes each click on a button, and whether the button was off then: what a machine is slow at moves no test. */
const watchClicks = (page: Page) =>
  page.evaluate(() => {
    globalThis.clicks = []
    const note = ({ target }: Event) => {
      const found = target instanceof Element && target.closest('dialog button')
      if (found)
        globalThis.clicks.push({
          button: found.textContent ?? '',
          isOff: found.getAttribute('aria-disabled') === 'true',
        })
    }
    addEventListener('click', note, true)
  })
const clicksOf = (page: Page): Promise<Click[]> => page.evaluate(() => globalThis.clicks)

/** Repeats what an impatient person does, until buttons that were off have been hit a few times. */
const insist = async (page: Page, press: () => Promise<void>) => {
  await expect
    .poll(
      async () => {
        await press()
        return (await clicksOf(page)).filter(({ isOff }) => isOff).length
      },
      { timeout: 120_000, interval: 50 },
    )
    .toBeGreaterThan(2)
}
const authorised = async (page: Page) =>
  (await clicksOf(page)).filter(({ button, isOff }) => button === 'Authorise' && !isOff).length
const middleOf = async (page: Page, name: string) => {
  const box = await button(prompt(page), name).boundingBox()
  return { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 }
}
const mayWrite = (asking: readonly HyphaNode[]) => asking.filter(({ state }) => state === 'writer').length

/** Who may write was let in by a press on a button that was on: one that was off did nothing. */
const mustBeMeant = async (page: Page, asking: readonly HyphaNode[]) =>
  expect(mayWrite(asking)).toBeLessThanOrEqual(await authorised(page))

/** A busy machine takes its time: each press is judged by what was on the screen then, not by when it came. */
const BUSY_MS = 240_000

describe('three devices ask', { timeout: BUSY_MS }, () => {
  const begin = async (options = {}) => {
    const page = await world.chromium.newPage(world.server.url, options)
    const passphrase = await signUp(page, 'Laptop')
    const asking = [await ask('Phone', passphrase)]
    await heading(page, 'Authorise Phone?').waitFor()
    asking.push(await ask('Tablet', passphrase))
    await prompt(page).getByText('The first of 2 devices that ask').waitFor()
    asking.push(await ask('Desk', passphrase))
    await prompt(page).getByText('The first of 3 devices that ask').waitFor()
    await prompt(page).getByText('It can be answered now.').waitFor()
    await watchClicks(page)
    return { page, asking }
  }

  test('the next question is not under the mouse that answered the first, and takes nothing for a moment', async () => {
    const { page, asking } = await begin()
    await button(prompt(page), 'Authorise').click({ trial: true })
    const mouse = await middleOf(page, 'Authorise')
    await page.mouse.click(mouse.x, mouse.y)
    await heading(page, 'Authorise Tablet?').waitFor()
    const under = await page.evaluate(
      ({ x, y }) => document.elementFromPoint(x, y)?.closest('dialog button')?.textContent,
      mouse,
    )
    expect(under).toBeUndefined()
    await insist(page, async () => {
      const { x, y } = await middleOf(page, 'Authorise')
      await page.mouse.click(x, y, { clickCount: 2 })
    })
    await mustBeMeant(page, asking)
    // It takes an answer once nobody presses.
    const before = mayWrite(asking)
    await button(prompt(page), 'Authorise').click()
    await expect.poll(() => mayWrite(asking), { timeout: 60_000 }).toBeGreaterThan(before)
  })

  test('nor a finger that taps twice', async () => {
    const { page, asking } = await begin({
      viewport: { width: 360, height: 640 },
      hasTouch: true,
      isMobile: true,
    })
    await button(prompt(page), 'Authorise').tap()
    await heading(page, 'Authorise Tablet?').waitFor()
    await insist(page, async () => {
      const { x, y } = await middleOf(page, 'Authorise')
      await page.touchscreen.tap(x, y)
    })
    await mustBeMeant(page, asking)
  })

  test('nor a key that is held, or typed on', async () => {
    const { page, asking } = await begin()
    await button(prompt(page), 'Authorise').focus()
    await button(prompt(page), 'Authorise').and(page.locator(':not([aria-disabled])')).waitFor()
    await page.keyboard.press('Enter')
    await heading(page, 'Authorise Tablet?').waitFor()
    await insist(page, async () => {
      await button(prompt(page), 'Authorise').focus()
      // Down again without up: it is held.
      await page.keyboard.down('Enter')
      await page.keyboard.down('Enter')
    })
    await page.keyboard.up('Enter')
    await button(prompt(page), 'Decline').focus()
    await page.keyboard.press('Space')
    await mustBeMeant(page, asking)
  })

  test('those left for later stay as they are while others go', async () => {
    const { page, asking } = await begin()
    for (const name of ['Phone', 'Tablet', 'Desk']) {
      await heading(page, `Authorise ${name}?`).waitFor()
      await button(prompt(page), 'Later').click()
    }
    await prompt(page).waitFor({ state: 'hidden' })
    const waiting = page.getByRole('region', { name: 'Waiting requests' })
    await button(waiting, 'Decline Phone').click()
    await button(waiting, 'Decline Phone').waitFor({ state: 'detached' })
    // What came up in its place is off, until it has been there for a moment.
    await button(waiting, 'Authorise Tablet').and(page.locator('[aria-disabled="true"]')).waitFor()
    await button(waiting, 'Authorise Tablet').click()
    await expect.poll(() => asking[1]?.state, { timeout: 60_000 }).toBe('writer')
    expect(asking.map(({ state }) => state)).toEqual(['readOnly', 'writer', 'awaitingAuthorisation'])
  })
})

test('of many that ask, the one beside the person is found by its words, and the others are declined at once', {
  timeout: BUSY_MS,
}, async () => {
  const page = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(page, 'Laptop')
  const asking: HyphaNode[] = []
  for (const name of ['One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven'])
    asking.push(await ask(name, passphrase))
  await heading(page, 'Authorise One?').waitFor()
  await button(prompt(page), /^See all/).click()
  await prompt(page).waitFor({ state: 'hidden' })
  const waiting = page.getByRole('region', { name: 'Waiting requests' })
  await expect.poll(() => waiting.locator('.badge').innerText()).toBe('7')
  expect(await faultsOf(page)).toEqual([])
  const typed = waiting.getByLabel('Words on the screen of your other device')
  await typed.fill('one two three four five')
  await page.keyboard.press('Enter')
  await waiting.getByText('No question with these words is here').waitFor()
  // One that is in the list: the focus is on it.
  await typed.fill(asking[1]?.request()?.words.join(' ') ?? '')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Two')
  // One that waits is asked about.
  await typed.fill(asking[6]?.request()?.words.join(' ') ?? '')
  await page.keyboard.press('Enter')
  await heading(page, 'Authorise Seven?').waitFor()
  await button(prompt(page), 'Authorise').click()
  await expect.poll(() => asking[6]?.state, { timeout: 60_000 }).toBe('writer')
  await prompt(page).waitFor({ state: 'hidden' })
  const all = button(waiting, /^Decline all/)
  await all.focus()
  await button(waiting, 'Decline all 6').and(page.locator(':not([aria-disabled])')).waitFor()
  await page.keyboard.press('Enter')
  await expect
    .poll(() => asking.slice(0, 5).every(({ state }) => state === 'readOnly'), { timeout: 60_000 })
    .toBe(true)
})

test('a question that comes while somebody types takes none of it', { timeout: BUSY_MS }, async () => {
  const page = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(page, 'Laptop')
  await watchClicks(page)
  const form = page.getByRole('form', { name: 'Write something' })
  await form.locator('textarea').focus()
  const asking = ask('Phone', passphrase)
  const keys = ['a', 'Enter', 'Tab', 'Space', 'Tab', 'Enter', 'Tab', 'Space']
  await insist(page, async () => {
    for (const key of keys) await page.keyboard.press(key)
  })
  await heading(page, 'Authorise Phone?').waitFor()
  const phone = await asking
  expect(phone.state).toBe('awaitingAuthorisation')
  expect((await clicksOf(page)).every(({ isOff }) => isOff)).toBe(true)
})

test('a device that another one let in is shown until the person knows of it; a name like another’s is marked', {
  timeout: BUSY_MS,
}, async () => {
  const page = await world.chromium.newPage(world.server.url, { viewport: { width: 360, height: 740 } })
  const passphrase = await signUp(page, 'Laptop')
  const phone = await ask('Phone', passphrase)
  await button(prompt(page), 'Authorise').click()
  await expect.poll(() => phone.state, { timeout: 60_000 }).toBe('writer')

  // Cyrillic letters, which look the same.
  const other = await ask('L\u0430\u0440top', passphrase)
  await prompt(page).getByText('Its name is that of your device').waitFor()
  await prompt(page).locator('h2 .name-mark').waitFor()
  await expect.poll(() => phone.requests().length, { timeout: 60_000 }).toBe(1)
  await phone.authorise(phone.requests()[0]?.id ?? '')
  await expect.poll(() => other.state, { timeout: 60_000 }).toBe('writer')

  const notice = page.getByRole('alert').filter({ has: heading(page, 'A new device may write') })
  await notice.getByText('Phone let').waitFor()
  expect(await faultsOf(page)).toEqual([])
  await button(notice, /^I know about/).click()
  await notice.waitFor({ state: 'detached' })
})

test('the example with React guards its questions as the web app does', async () => {
  const guard = (path: string) =>
    readFile(new URL(`../../${path}/question-guard.ts`, import.meta.url), 'utf8')
  expect(await guard('examples/react/src')).toBe(await guard('web/src/lib'))
})
