import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createNode, fileStorage, type HyphaNode, hyperswarm, type NodeOptions } from '../../src/index.js'
import { openTestnet, type Testnet } from '../adapters/transport/testnet.js'
import { arrived, next, reached, until } from './until.js'

let net: Testnet
beforeAll(async () => {
  net = await openTestnet()
})
afterAll(() => net.destroy())

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const device = (options: NodeOptions): HyphaNode => {
  const node = createNode({ transports: [hyperswarm(net)], ...options })
  ends.push(() => node.close())
  return node
}

it('two native nodes meet in a swarm without an address; one leaves and comes back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-swarm-'))
  ends.push(() => rm(folder, { recursive: true }))
  const laptop = device({ name: 'Alice’s laptop' })
  const { passphrase } = await laptop.signUp({ domain: 'alice.example' })
  await laptop.put('from', 'the laptop')

  const asked = next(laptop, 'authorisation-requested')
  const phone = device({ name: 'Alice’s phone', storage: fileStorage(folder) })
  await phone.signIn({ domain: 'alice.example', passphrase })
  await laptop.authorise((await asked).id)
  await reached(phone, 'writer')
  expect(await arrived(phone, 'from')).toBe('the laptop')
  await phone.put('phone', 'here')
  expect(await arrived(laptop, 'phone')).toBe('here')
  expect(laptop.getSnapshot().peers).toMatchObject([
    { transport: 'hyperswarm', address: expect.stringMatching(/^hyperswarm:[0-9a-f]{8}$/) },
  ])

  await phone.close()
  await until(laptop, () => laptop.getSnapshot().peers.length === 0)
  await laptop.put('while', 'away')
  const back = device({ name: 'Alice’s phone', storage: fileStorage(folder) })
  await reached(back, 'writer')
  expect(await arrived(back, 'while')).toBe('away')
  await back.put('again', 'here')
  expect(await arrived(laptop, 'again')).toBe('here')
})
