import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestnet, type Testnet } from '../adapters/transport/testnet.js'
import { good, hypha, newFolder, signUp, start } from './hypha.js'

let net: Testnet
beforeAll(async () => {
  net = await openTestnet()
})
afterAll(() => net.destroy())

test('a node in a swarm is found by an always-on node that keeps its hypha, and by another node', async () => {
  const [bootstrap = ''] = net.bootstrap
  const server = start(['always-on', '--port', '0', '--swarm', '--bootstrap', bootstrap])
  const [, url = ''] = await server.says(/is at (\S+)/)
  await server.says(/by Hyperswarm/)
  const { data, passphrase } = await signUp(['--connect', url])
  await good(['put', 'a', '1'], { data })

  const other = await newFolder()
  const road = `swarm:${bootstrap}`
  const asking = start(['sign-in', 'alice.example', '--passphrase-stdin', '--no-wait', '--connect', road], {
    data: other,
    input: `${passphrase}\n`,
  })
  expect(await asking.code, asking.err).toBe(0)
  expect(JSON.parse((await good(['status', '--json'], { data: other })).out)).toMatchObject({
    connect: [road],
  })
  const running = start(['run'], { data: other })
  await running.says(/Connected to hyperswarm:[0-9a-f]{8} by hyperswarm/)
  expect(await running.end()).toBe(0)
  expect(await server.end()).toBe(0)
})

test('--bootstrap without --swarm is a mistake', async () => {
  expect((await hypha(['always-on', '--bootstrap', '127.0.0.1:1'])).code).toBe(2)
})
