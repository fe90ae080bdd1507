import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { expect, it, vi } from 'vitest'
import type { Listener } from '../../src/adapters/transport/announce.js'
import type { Swarm } from '../../src/adapters/transport/swarm.js'
import type { Connection } from '../../src/adapters/transport/transport.js'
import type { Peers } from '../../src/always-on/peers.js'
import { MAX_ALWAYS_ON_SWARM_CONNECTIONS } from '../../src/protocol/limits.js'
import { newPerson, start } from './world.js'

/** Who is told of what comes in each swarm: thousands of real connections would take all of a machine's. */
const listeners: Listener[] = []
vi.mock('../../src/adapters/transport/swarm.js', () => ({
  openSwarm: async (): Promise<Swarm> => ({
    join: (_discoveryKey, listener) => {
      listeners.push(listener)
      return { leave: async () => {} }
    },
    close: async () => {},
  }),
}))

/** Those who came are held as if all had shaken hands, which thousands take long for. */
const peers = vi.hoisted(() => new Set<Connection>())
vi.mock('../../src/always-on/peers.js', () => ({
  createPeers: (): Peers => ({
    get connected() {
      return peers.size
    },
    add: (connection) => {
      peers.add(connection)
      connection.stream.once('close', () => peers.delete(connection))
    },
    observe: () => () => {},
    close: () => {
      for (const { stream } of peers) stream.destroy()
    },
  }),
}))

const stranger = (): Connection => ({
  stream: new Duplex({ read: () => {}, write: (_chunk, _encoding, callback) => callback() }),
  transport: 'hyperswarm',
  direction: 'incoming',
  address: 'hyperswarm:00000000',
  confidential: true,
  local: false,
})

it('an always-on node holds so many connections in the swarms of all its hyphas together, and no more', async () => {
  const people = [newPerson(), newPerson()]
  const node = await start({
    swarm: true,
    hyphas: people.map(({ link }) => link),
    maxConnectionsPerHypha: 2 * MAX_ALWAYS_ON_SWARM_CONNECTIONS,
  })
  expect(listeners).toHaveLength(2)
  const met = (at: number): Connection => {
    const connection = stranger()
    listeners[at % 2]!.connection(connection)
    return connection
  }
  const held = Array.from({ length: MAX_ALWAYS_ON_SWARM_CONNECTIONS }, (_, at) => met(at))
  expect(node.status().connections).toBe(MAX_ALWAYS_ON_SWARM_CONNECTIONS)
  for (const at of [0, 1]) expect(met(at).stream.destroyed).toBe(true)
  expect(held.every(({ stream }) => !stream.destroyed)).toBe(true)
  // One goes, and there is room for one.
  const { stream } = held[0]!
  await once(stream.destroy(), 'close')
  expect(met(1).stream.destroyed).toBe(false)
  expect(met(0).stream.destroyed).toBe(true)
  expect(node.status().connections).toBe(MAX_ALWAYS_ON_SWARM_CONNECTIONS)
})
