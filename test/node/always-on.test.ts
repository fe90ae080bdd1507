import { afterEach, expect, it } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, type HyphaNode, type NodeOptions, tcp, webSocket } from '../../src/index.js'
import { arrived, next, reached, until } from './until.js'

const DOMAIN = 'alice.example'
const open: { close(): Promise<void> }[] = []
const node = (options: NodeOptions): HyphaNode => {
  const created = createNode(options)
  open.push(created)
  return created
}
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

const roads = {
  webSocket: (alwaysOn: AlwaysOnNode) => webSocket(alwaysOn.url),
  tcp: (alwaysOn: AlwaysOnNode) => tcp({ connect: [`127.0.0.1:${alwaysOn.tcpPort}`] }),
}

it.each([
  'webSocket',
  'tcp',
] as const)('Alice’s laptop claims a place over %s; her phone meets it there by the other road', async (road) => {
  const alwaysOn = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
  open.push(alwaysOn)
  const laptop = node({ name: 'Alice’s laptop', transports: [roads[road](alwaysOn)] })
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  await until(laptop, () => laptop.getSnapshot().peers.length === 1)
  expect(alwaysOn.status()).toMatchObject({ hyphas: 1, places: { taken: 1, total: 1 } })
  await laptop.put('from', 'the laptop')

  const other = road === 'tcp' ? 'webSocket' : 'tcp'
  const phone = node({ name: 'Alice’s phone', transports: [roads[other](alwaysOn)] })
  const asked = next(laptop, 'authorisation-requested')
  await phone.signIn({ domain: DOMAIN, passphrase })
  await laptop.authorise((await asked).id)
  await reached(phone, 'writer')
  expect(await arrived(phone, 'from')).toBe('the laptop')
})
