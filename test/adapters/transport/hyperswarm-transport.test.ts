import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hyperswarm, hyperswarmPart } from '../../../src/adapters/transport/hyperswarm-transport.js'
import { openSwarm, topicOf } from '../../../src/adapters/transport/swarm.js'
import type { Connection, Transport } from '../../../src/adapters/transport/transport.js'
import { MAX_SWARM_CONNECTIONS } from '../../../src/protocol/limits.js'
import { transportContract } from '../../../src/testing/contracts/transport.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'
import { openTestnet, type Testnet } from './testnet.js'

let net: Testnet
beforeAll(async () => {
  net = await openTestnet()
})
afterAll(() => net.destroy())

describe('who is found and who looks keep the contract', () => {
  const createPair = async () => ({
    listener: hyperswarmPart(net, { looks: false }),
    createDialler: () => hyperswarmPart(net, { isFound: false }),
  })
  for (const { name, run } of transportContract(createPair)) test(name, run)
})

test('everybody meets everybody, over one connection each, though all came at once', async () => {
  const key = randomBytes(32)
  const met = new Map<Transport, Set<Connection>>()
  const transports = Array.from({ length: 4 }, () => hyperswarm(net))
  await new Promise<void>((resolve) => {
    const look = () => {
      if ([...met.values()].every(({ size }) => size === 3)) resolve()
    }
    for (const transport of transports) {
      const mine = new Set<Connection>()
      met.set(transport, mine)
      const connection = (one: Connection) => {
        mine.add(one)
        // Of two that dial each other at once one is dropped.
        one.stream.once('close', () => mine.delete(one)).resume()
        look()
      }
      void transport.start(key, createTransportHost({ connection }))
    }
  })
  for (const connections of met.values())
    for (const { address, confidential, local, transport, discoveryKey } of connections) {
      expect(address).toMatch(/^hyperswarm:[0-9a-f]{8}$/)
      expect({ confidential, local, transport }).toEqual({
        confidential: true,
        local: false,
        transport: 'hyperswarm',
      })
      expect(discoveryKey).toEqual(key)
    }
  await Promise.all(transports.map((transport) => transport.stop()))
})

test('what is announced is neither the discovery key nor the same for two hyphas', () => {
  const [one, other] = [randomBytes(32), randomBytes(32)]
  expect(topicOf(one)).toEqual(topicOf(one))
  expect(topicOf(one)).not.toEqual(topicOf(other))
  expect(topicOf(one)).not.toEqual(one)
})

test('a swarm holds so many connections and no more', async () => {
  const key = randomBytes(32)
  const crowd = await Promise.all(
    Array.from({ length: MAX_SWARM_CONNECTIONS + 3 }, () => openSwarm(net, () => {})),
  )
  const held = new Set<Connection>()
  let most = 0
  const listener = await openSwarm(net, () => {})
  await new Promise<void>((resolve) => {
    const connection = (one: Connection) => {
      held.add(one)
      one.stream.once('close', () => held.delete(one)).resume()
      most = Math.max(most, held.size)
      if (held.size === MAX_SWARM_CONNECTIONS) resolve()
    }
    listener.join(key, { connection, error: () => {} }, { looks: false })
    const ignore = { connection: ({ stream }: Connection) => void stream.resume(), error: () => {} }
    for (const swarm of crowd) swarm.join(key, ignore, { isFound: false })
  })
  // One more is let in by hyperswarm, and closed by us before anybody is told.
  expect(most).toBe(MAX_SWARM_CONNECTIONS)
  await Promise.all([...crowd, listener].map((swarm) => swarm.close()))
})

test('a network that does not answer is reported, in a sentence, and ends when it is stopped', async () => {
  const transport = hyperswarm({ bootstrap: ['127.0.0.1:1'] })
  const error = await new Promise<Error>((resolve) => {
    void transport.start(randomBytes(32), createTransportHost({ connection: () => {}, error: resolve }))
  })
  expect(error).toMatchObject({ code: 'ADDRESS_UNREACHABLE' })
  await transport.stop()
})

test('an address that is none is refused', () => {
  expect(() => hyperswarm({ bootstrap: ['nowhere'] })).toThrow(
    expect.objectContaining({ code: 'ADDRESS_INVALID' }),
  )
})

test('a peer that always ends at once is not dialled again and again without a pause', async () => {
  const key = randomBytes(32)
  const rude = hyperswarmPart(net, { looks: false })
  const dialler = hyperswarmPart(net, { isFound: false })
  const times: number[] = []
  await new Promise<void>((resolve) => {
    const connection = ({ stream }: Connection) => {
      times.push(performance.now())
      stream.destroy()
      if (times.length === 4) resolve()
    }
    void rude.start(key, createTransportHost({ connection }))
    void dialler.start(key, createTransportHost({ connection: ({ stream }) => void stream.resume() }))
  })
  // Two timers may come together: never four.
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000)
  await Promise.all([rude.stop(), dialler.stop()])
})
