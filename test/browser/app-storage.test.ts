import { expect, test } from 'vitest'
import {
  authorise,
  button,
  entry,
  heading,
  nameDevice,
  prompt,
  signIn,
  signUp,
  wordsToCompare,
  write,
} from './app.js'
import { startProxy } from './app-proxy.js'
import { useServedApp } from './app-world.js'
import { launchWithProfile, temporaryProfile } from './chromium.js'

const world = useServedApp()

test('a reload finds the origin, the waiting device with its question, and the writer as they were', async () => {
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  await write(laptop, 'notes/first', 'before the reload')
  await laptop.reload()
  await entry(laptop, 'notes/first').getByText('before the reload').waitFor()
  await heading(laptop, 'Laptop').waitFor()
  await write(laptop, 'notes/second', 'after the reload')

  const phone = await world.chromium.newPage(world.server.url)
  await signIn(phone, 'Phone', passphrase)
  const words = await wordsToCompare(phone)
  await prompt(laptop).waitFor()
  await phone.reload()
  await heading(phone, 'Say yes on another of your devices').waitFor()
  expect(await wordsToCompare(phone)).toEqual(words)
  expect(await wordsToCompare(prompt(laptop))).toEqual(words)
  await authorise(laptop, phone)
  await phone.reload()
  await write(phone, 'notes/third', 'by the phone')
  await entry(laptop, 'notes/third').waitFor()
})

test('a browser that is killed is there again: still a writer, with all its entries', async () => {
  const profile = await temporaryProfile()
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  await write(laptop, 'notes/first', 'from the laptop')
  try {
    const first = await launchWithProfile(profile.path)
    const phone = await first.newPage(world.server.url)
    await signIn(phone, 'Phone', passphrase)
    await prompt(laptop).waitFor()
    await authorise(laptop, phone)
    await write(phone, 'notes/second', 'written before the power went')
    await first.kill()

    const second = await launchWithProfile(profile.path)
    const again = await second.newPage(world.server.url)
    await entry(again, 'notes/first').getByText('from the laptop').waitFor()
    await entry(again, 'notes/second').getByText('written before the power went').waitFor()
    await write(again, 'notes/third', 'written after')
    await entry(laptop, 'notes/third').getByText('Phone', { exact: true }).waitFor()
    await second.close()
  } finally {
    await profile.remove()
  }
})

test('a second tab says that another has it, and takes over once that one is closed', async () => {
  const tab = await world.chromium.newPage(world.server.url)
  await signUp(tab, 'Laptop')
  const other = await tab.context().newPage()
  await other.goto(world.server.url)
  await heading(other, 'Hypha is open in another tab').waitFor()
  await button(other, 'Try again').click()
  await heading(other, 'Getting ready…').waitFor()
  await heading(other, 'Hypha is open in another tab').waitFor()
  await tab.close()
  // Twice, as impatient people do; it may have gone on by itself in between.
  const goesOn = heading(other, 'Write something').waitFor()
  await Promise.race([
    goesOn,
    button(other, 'Try again')
      .dblclick()
      .catch(() => goesOn),
  ])
  await goesOn

  const third = await other.context().newPage()
  await third.goto(world.server.url)
  await heading(third, 'Hypha is open in another tab').waitFor()
  // For a moment nobody has it: one of the two goes on, and the other one once that is closed.
  await other.reload()
  const has = (page: typeof other) =>
    heading(page, 'Write something')
      .waitFor()
      .then(() => page)
  const first = await Promise.race([has(other), has(third)])
  const second = first === other ? third : other
  await heading(second, 'Hypha is open in another tab').waitFor()
  await first.close()
  await heading(second, 'Write something').waitFor()
})

test('who never showed that the passphrase was saved is reminded, and may start over', async () => {
  const page = await world.chromium.newPage(world.server.url)
  const notice = page.getByRole('region', { name: 'Did you save your passphrase?' })
  page.on('dialog', (dialog) => void dialog.accept())
  await nameDevice(page, 'Laptop')
  await button(page, 'Sign up').click()
  await heading(page, 'Your passphrase').waitFor()
  await page.reload()
  await notice.waitFor()
  await write(page, 'notes/first', 'soon gone')
  await page.reload()
  await notice.waitFor()
  await button(notice, 'Start over').click()
  await button(notice, 'Keep it').click()
  await button(notice, 'Start over').click()
  await button(notice, 'Remove it and start over').click()

  // Nothing is left, neither now nor after a reload, and its name stays.
  await button(page, 'Sign up').waitFor()
  await page.reload()
  await button(page, 'Sign up').click()
  await heading(page, 'Your passphrase').waitFor()
  const stored = () =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory()
      const names: string[] = []
      for await (const name of (await root.getDirectoryHandle('hypha-runtime')).keys()) names.push(name)
      return [...names, ...(await indexedDB.databases()).map(({ name }) => name)]
    })
  await expect.poll(async () => (await stored()).length).toBe(2)
  expect(await page.evaluate(() => Object.entries(localStorage).sort())).toEqual([
    ['hypha.storage', expect.stringMatching(/^hypha-[0-9a-f]{8}$/)],
    ['hypha.unconfirmed', 'yes'],
  ])
  await page.reload()
  await notice.waitFor()
  await page.getByText('Nothing is written yet.').waitFor()
  await button(notice, 'I have it').click()
  await notice.waitFor({ state: 'detached' })
  await page.reload()
  await heading(page, 'Write something').waitFor()
  expect(await notice.count()).toBe(0)
})

test('where nothing can be stored the app goes on, and says that it forgets', async () => {
  const context = await world.chromium.browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }))
  await page.goto(world.server.url)
  await page.getByText('Nothing can be stored in this browser').waitFor()
  await signUp(page, 'Borrowed')
  await page.getByText('This page keeps nothing on this device').waitFor()
  await write(page, 'notes/first', 'for now')
  await page.reload()
  await button(page, 'Sign up').waitFor()
})

test('through a proxy the server wants its code: asked for in the page, and then it has a place', async () => {
  const proxy = await startProxy(world.server.url)
  try {
    const page = await world.chromium.newPage(proxy.url)
    await signUp(page, 'Laptop')
    await heading(page, 'This server wants a code').waitFor()
    await page.getByLabel('Code of this server').fill('AAAA-BBBB-CCCC')
    await button(page, 'Use this code').click()
    await heading(page, 'The code is wrong').waitFor()
    await page.getByText('The server did not accept this code.', { exact: true }).first().waitFor()
    await page.getByLabel('Code of this server').fill(world.server.claimCode!.toLowerCase())
    await button(page, 'Use this code').click()
    await page.getByText('Connected', { exact: true }).waitFor()
    await page.locator('.notice').waitFor({ state: 'detached' })
    await expect.poll(() => world.server.status().places.taken).toBe(1)
    await page.context().close()
  } finally {
    proxy.close()
  }
})
