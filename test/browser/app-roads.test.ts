import { expect, test } from 'vitest'
import { authorise, entry, signIn, signUp, write } from './app.js'
import { useServedApp } from './app-world.js'

const world = useServedApp()

test('two pages meet directly, by a road that each of them may close and open', async () => {
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  const phone = await world.chromium.newPage(world.server.url)
  await signIn(phone, 'Phone', passphrase)
  await authorise(laptop, phone)

  const connection = laptop.getByRole('region', { name: 'Connection' })
  const server = connection.getByRole('listitem').filter({ hasText: /^This server/ })
  await server.waitFor()
  await connection.getByText('Phone').waitFor()
  await connection.getByText(/WebRTC · \d+ ms · .* in, .* out/).waitFor()

  // The server is out of use here, and what is written goes straight to the phone.
  await connection.getByLabel('WebSocket').uncheck()
  await server.waitFor({ state: 'detached' })
  await write(laptop, 'notes/direct', 'not by the server')
  await entry(phone, 'notes/direct').getByText('not by the server').waitFor()

  await connection.getByLabel('WebRTC').uncheck()
  await connection.getByText('All are off').waitFor()
  await write(laptop, 'notes/alone', 'kept for later')
  expect(await entry(phone, 'notes/alone').count()).toBe(0)
  await connection.getByLabel('WebSocket').check()
  await entry(phone, 'notes/alone').getByText('kept for later').waitFor()
})
