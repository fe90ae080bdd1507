import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createMemoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory-transport.js'
import type { Connection } from '../../../src/adapters/transport/transport.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'

/** Starts a node's transport and keeps what it hears; `met` resolves at the given number of connections. */
const createNode = (network = createMemoryNetwork()) => {
  const transport = memoryTransport(network)
  const connections: Connection[] = []
  const waiting = new Map<number, () => void>()
  return {
    transport,
    connections,
    met: (count: number) =>
      new Promise<void>((resolve) => {
        if (connections.length >= count) resolve()
        else waiting.set(count, resolve)
      }),
    start: (key: Uint8Array) =>
      transport.start(
        key,
        createTransportHost({
          connection: (connection) => {
            connections.push(connection)
            waiting.get(connections.length)?.()
          },
          error: (error) => expect.fail(error.message),
        }),
      ),
  }
}

test("two people's hyphas on one network don't meet", async () => {
  const network = createMemoryNetwork()
  const [alice, bob] = [randomBytes(32), randomBytes(32)]
  const [laptop, phone, stranger] = [createNode(network), createNode(network), createNode(network)]
  await laptop.start(alice)
  await stranger.start(bob)
  await phone.start(alice)
  await Promise.all([laptop.met(1), phone.met(1)])
  expect(stranger.connections).toHaveLength(0)
  for (const { transport } of [laptop, phone, stranger]) await transport.stop()
  expect(network.hyphas.size).toBe(0)
})

test('the nodes of one hypha are all connected, each with each, once', async () => {
  const network = createMemoryNetwork()
  const key = randomBytes(32)
  const nodes = Array.from({ length: 5 }, () => createNode(network))
  await Promise.all(nodes.map(({ start }) => start(key)))
  await Promise.all(nodes.map(({ met }) => met(4)))
  for (const { connections } of nodes) expect(connections).toHaveLength(4)
  const addresses = nodes.map(({ connections }) => new Set(connections.map(({ address }) => address)).size)
  expect(addresses).toEqual([4, 4, 4, 4, 4])
  for (const { transport } of nodes) await transport.stop()
})

test('one transport carries one hypha', async () => {
  const { start, transport } = createNode()
  await start(randomBytes(32))
  await expect(start(randomBytes(32))).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await transport.stop()
})
