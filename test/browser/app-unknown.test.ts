import { expect, test } from 'vitest'
import { createNode, webSocket } from '../../src/index.js'
import { button, heading, nameDevice, signUp } from './app.js'
import { useServedApp } from './app-world.js'

const world = useServedApp()

test('signing in with the passphrase of another hypha: the page says that nothing of it is there, and offers another passphrase', async () => {
  const elsewhere = createNode()
  const { passphrase: mistaken } = await elsewhere.signUp({ domain: 'localhost' })
  await elsewhere.close()
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  await laptop.getByText('Connected', { exact: true }).waitFor()

  const phone = await world.chromium.newPage(world.server.url)
  await button(phone, 'Sign in').click()
  await phone.getByLabel('Passphrase').fill(mistaken)
  await nameDevice(phone, 'Phone')
  await button(phone, 'Sign in').click()
  await heading(phone, 'Nothing of this hypha is on this server').waitFor()
  // It must not look like waiting.
  expect(await heading(phone, 'Say yes on another of your devices').count()).toBe(0)
  await expect.poll(() => world.server.status().places.taken).toBe(1)

  const stored = () =>
    phone.evaluate(async () => {
      const root = await navigator.storage.getDirectory()
      const folder = await root.getDirectoryHandle('hypha-runtime')
      const names: string[] = []
      for await (const name of folder.keys()) names.push(name)
      return names
    })
  const before = await stored()
  await button(phone, 'Use another passphrase').click()
  await heading(phone, 'Sign in').waitFor()
  await expect.poll(async () => (await stored()).filter((name) => before.includes(name))).toEqual([])
  await phone.getByLabel('Passphrase').fill(passphrase)
  await button(phone, 'Sign in').click()
  await heading(phone, 'Say yes on another of your devices').waitFor()
})

test('where the first device comes later, the page goes on by itself', async () => {
  const laptop = createNode({ name: 'Laptop', transports: [webSocket(world.server.url)] })
  try {
    await laptop.setTransport('webSocket', false)
    const { passphrase } = await laptop.signUp({ domain: 'localhost' })
    const phone = await world.chromium.newPage(world.server.url)
    await button(phone, 'Sign in').click()
    await phone.getByLabel('Passphrase').fill(passphrase)
    await button(phone, 'Sign in').click()
    await heading(phone, 'Nothing of this hypha is on this server').waitFor()
    await laptop.setTransport('webSocket', true)
    await heading(phone, 'Say yes on another of your devices').waitFor()
  } finally {
    await laptop.close()
  }
})
