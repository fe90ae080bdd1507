import { expect, test } from 'vitest'
import { authorise, signIn, signUp } from './app.js'
import { useServedApp } from './app-world.js'

const world = useServedApp()

test('each device shows which others are here, by which road, and when one was last', async () => {
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  const phone = await world.chromium.newPage(world.server.url)
  await signIn(phone, 'Phone', passphrase)
  await authorise(laptop, phone)
  const tablet = await world.chromium.newPage(world.server.url)
  await signIn(tablet, 'Tablet', passphrase)
  await authorise(laptop, tablet)

  const devices = laptop.getByRole('region', { name: 'Devices that may write' })
  const device = (name: string) => devices.getByRole('listitem').filter({ hasText: name })
  await device('Phone').getByText('Here now, directly by WebRTC').waitFor()
  await device('Tablet').getByText('Here now, directly by WebRTC').waitFor()
  expect(await device('this device').getByText('Here now').count()).toBe(0)

  // Without the direct road it is the server that brings the news.
  await laptop.getByRole('region', { name: 'Connection' }).getByLabel('WebRTC').uncheck()
  await device('Phone').getByText('Here now, through the server').waitFor()
  await device('Tablet').getByText('Here now, through the server').waitFor()

  // A page that is closed says so, as far as its browser lets it; the tablet is still here.
  await phone.close({ runBeforeUnload: false })
  await device('Phone').getByText('Last here').waitFor({ timeout: 60_000 })
  expect(await device('Tablet').getByText('Here now').count()).toBe(1)
})
