import { expect, test } from 'vitest'
import { authorise, button, entry, heading, prompt, signIn, signUp, wordsToCompare, write } from './app.js'
import { useServedApp } from './app-world.js'

const world = useServedApp()

test('Alice signs up, signs in on her phone, and a third device joins after the first has gone', async () => {
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  expect(passphrase.split(' ')).toHaveLength(9)
  await laptop.getByText('Connected', { exact: true }).waitFor()
  await write(laptop, 'notes/first', 'from the laptop')

  const phone = await world.chromium.newPage(world.server.url)
  await signIn(phone, 'Phone', passphrase)
  // It reads before it may write.
  await entry(phone, 'notes/first').waitFor()
  expect(await phone.getByRole('form').count()).toBe(0)
  await heading(laptop, 'Authorise Phone?').waitFor()
  const words = await wordsToCompare(prompt(laptop))
  expect(words).toHaveLength(5)
  expect(await wordsToCompare(phone)).toEqual(words)
  await expect.poll(() => laptop.title()).toBe('(1) Laptop – Hypha')
  await authorise(laptop, phone)
  await expect.poll(() => laptop.title()).toBe('Laptop – Hypha')

  await write(phone, 'notes/second', 'from the phone')
  await entry(laptop, 'notes/second').getByText('from the phone').waitFor()
  await entry(laptop, 'notes/second').getByText('Phone', { exact: true }).waitFor()
  await write(laptop, 'notes/third', 'from the laptop again')
  await entry(phone, 'notes/third').waitFor()
  expect(await phone.getByText('Authorised by Laptop').innerText()).toContain('Laptop')
  await laptop.close({ runBeforeUnload: false })

  const tablet = await world.chromium.newPage(world.server.url)
  await signIn(tablet, 'Tablet', passphrase)
  await heading(phone, 'Authorise Tablet?').waitFor()
  expect(await wordsToCompare(tablet)).toEqual(await wordsToCompare(prompt(phone)))
  await authorise(phone, tablet)
  await write(tablet, 'notes/fourth', 'from the tablet')
  await entry(phone, 'notes/fourth').getByText('from the tablet').waitFor()
  await entry(tablet, 'notes/first').getByText('from the laptop').waitFor()
})

test('Later hides a question without answering it; Decline answers, and the device may ask again', async () => {
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  const phone = await world.chromium.newPage(world.server.url)
  await signIn(phone, 'Phone', passphrase)
  await prompt(laptop).waitFor()
  // On the question, not on an answer: who was typing has answered nothing.
  expect(await laptop.evaluate(() => document.activeElement?.id)).toBe('prompt-title')
  await button(prompt(laptop), 'Later').click()
  await prompt(laptop).waitFor({ state: 'hidden' })
  const waiting = laptop.getByRole('region', { name: /Waiting requests/ })
  expect(await waiting.locator('.badge').innerText()).toBe('1')
  expect(await wordsToCompare(waiting)).toEqual(await wordsToCompare(phone))

  // A second one asks meanwhile, and Escape is Later as well.
  const tablet = await world.chromium.newPage(world.server.url)
  await signIn(tablet, 'Tablet', passphrase)
  await heading(laptop, 'Authorise Tablet?').waitFor()
  await laptop.keyboard.press('Escape')
  await prompt(laptop).waitFor({ state: 'hidden' })
  await expect.poll(() => waiting.locator('.badge').innerText()).toBe('2')
  await expect.poll(() => laptop.title()).toContain('(2)')

  await button(waiting, 'Decline Phone').click()
  await heading(phone, 'One of your devices declined').waitFor()
  await button(waiting, 'Authorise Tablet').click()
  await heading(tablet, 'Write something').waitFor()
  await waiting.waitFor({ state: 'hidden' })

  await button(phone, 'Ask again').click()
  await heading(laptop, 'Authorise Phone?').waitFor()
  await button(phone, 'Stop asking').click()
  await heading(phone, 'This device only reads').waitFor()
  await prompt(laptop).waitFor({ state: 'hidden' })
})

test('entries are written, edited, deleted, found; JSON and public ones too', async () => {
  const laptop = await world.chromium.newPage(world.server.url)
  await signUp(laptop, 'Laptop')
  await laptop.getByText('Nothing is written yet.').waitFor()
  await write(laptop, 'notes/milk', 'buy milk')
  await entry(laptop, 'notes/milk').getByText('Private').waitFor()

  const form = laptop.locator('form.entry-form')
  await form.getByLabel('Name', { exact: true }).fill('lists/shop')
  await form.getByRole('radio', { name: 'JSON' }).check()
  await form.locator('textarea').fill('{ not json')
  await button(form, 'Save').click()
  await form.getByText('This isn’t JSON.').waitFor()
  await form.locator('textarea').fill('{"bread": 2}')
  await form.getByLabel(/^Public/).check()
  await button(form, 'Save').click()
  await entry(laptop, 'lists/shop').getByText('Public').waitFor()

  await form.getByLabel('Name', { exact: true }).fill('.hypha/nodes')
  await form.locator('textarea').fill('1')
  expect(await form.getByLabel(/^Public/).isChecked()).toBe(false)
  await button(form, 'Save').click()
  await expect.poll(() => form.locator('#entry-key-error').innerText()).not.toBe('')
  expect(await form.getByLabel('Name', { exact: true }).getAttribute('aria-invalid')).toBe('true')

  await button(entry(laptop, 'notes/milk'), 'Edit notes/milk').click()
  await heading(laptop, 'Edit notes/milk').waitFor()
  await form.locator('textarea').fill('buy oat milk')
  await button(form, 'Save').click()
  await entry(laptop, 'notes/milk').getByText('buy oat milk').waitFor()

  await laptop.getByLabel('Filter entries').fill('BREAD')
  await entry(laptop, 'notes/milk').waitFor({ state: 'detached' })
  await entry(laptop, 'lists/shop').waitFor()
  await laptop.getByLabel('Filter entries').fill('')
  await button(laptop, 'Delete notes/milk').click()
  await button(laptop, 'Delete it everywhere').click()
  await entry(laptop, 'notes/milk').waitFor({ state: 'detached' })

  await laptop.getByText('Technical details').click()
  const details = laptop.locator('details.technical')
  await details
    .getByText(/^[0-9a-f]{64}$/)
    .first()
    .waitFor()
  await details.getByText('state: origin').waitFor()
  await details
    .getByText(/^\S+ \S+ change: 1 entry$/)
    .first()
    .waitFor()
  await details.getByText('peer-connected: webSocket').waitFor()
})
