/** Real nodes of a walk, on roads and disks that break. */
import { createServer, type Server } from 'node:net'
import type { Connection, Transport } from '../../src/adapters/transport/transport.js'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, type HyphaNode, memoryStorage, tcp, webSocket } from '../../src/index.js'
import { createWire, type Wire } from '../../src/testing/index.js'
import { between, createRandom } from '../../src/testing/random.js'
import { createWalkClock } from './clock.js'
import { createDirectoryDisk } from './directory-disk.js'
import { createDisk, type Disk } from './disk.js'
import { createModel } from './model.js'

/** A place for a node: its disk and its roads outlast it. */
export interface Slot {
  readonly index: number
  readonly name: string
  readonly disk: Disk
  /** The first leads to the always-on node, others to nodes that came before. */
  readonly wires: readonly Wire[]
  /** Whether it meets the always-on node over a WebSocket. */
  readonly isWeb: boolean
  readonly port: number
  readonly skew: number
  /** Undefined while the device is off. */
  node: HyphaNode | undefined
  /** How many nodes there have been here. */
  life: number
  /** Ends everything of the node at once, and tells nobody. */
  crash: () => void
  /** Resolves when nothing of the node before is left: its port is free. */
  ended: Promise<void>
}

/** Of all disks: they are slower, and know fewer ways to fail. */
const REAL_DISKS = 0.2

/** Ports below those that the system gives to whoever dials: nobody takes one while its node is down. */
const FIRST_PORT = 20_000
const PORTS = 12_000
/** Of a process that walks, so that no other one takes a port whose node is down. */
const PORTS_OF_A_PROCESS = 400

/** Listens until the process ends, if nobody else does. */
const take = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ host: '127.0.0.1', port }, () => resolve(server.unref()))
  })

/** The first of the process's own ports: whoever listens on that one has all of them. */
const takePorts = async (): Promise<number> => {
  for (let first = FIRST_PORT; first < FIRST_PORT + PORTS; first += PORTS_OF_A_PROCESS)
    if (await take(first)) return first
  throw new Error('Too many processes walk at once: there are no ports for one more.')
}
let ports: Promise<number> | undefined
let lastPort = 0

const freePort = async (): Promise<number> => {
  ports ??= takePorts()
  const first = await ports
  for (;;) {
    lastPort = (lastPort % (PORTS_OF_A_PROCESS - 1)) + 1
    const port = first + lastPort
    const server = await take(port)
    if (!server) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** A road that can be made to end as a process does: at once, and without a word. */
const mortal = (transport: Transport): Transport & { kill(): void } => {
  const connections = new Set<Connection>()
  let isDead = false
  return {
    name: transport.name,
    start: (discoveryKey, host) =>
      transport.start(discoveryKey, {
        ...host,
        connection: (connection) => {
          if (isDead) return void connection.stream.destroy()
          connections.add(connection)
          connection.stream.once('close', () => connections.delete(connection))
          host.connection(connection)
        },
        dial: (target) =>
          host.dial({
            ...target,
            dial: (signal) =>
              isDead ? Promise.reject(new Error('The machine is down')) : target.dial(signal),
          }),
      }),
    stop: () => transport.stop(),
    kill: () => {
      isDead = true
      for (const { stream } of connections) stream.destroy()
    },
  }
}

export const createWalkWorld = async (seed: number, count: number) => {
  const began = performance.now()
  const random = createRandom(seed ^ 0x5eed)
  const randomDisk = createRandom(seed ^ 0xd15c)
  const clock = createWalkClock()
  const model = createModel(clock.now)
  const slots: Slot[] = []
  /** What nodes reported, the last ones. */
  const reports: string[] = []
  /** Nodes that are closing, those that crashed too: none of them may hang. */
  const ending = new Set<Promise<void>>()
  const changes = new Set<() => void>()

  const hubStorage = memoryStorage()
  const hubPort = await freePort()
  const hubTcpPort = await freePort()
  const openHub = () =>
    createAlwaysOnNode({ port: hubPort, tcpPort: hubTcpPort, storage: hubStorage, claim: 8 })
  let hub: AlwaysOnNode | undefined = await openHub()
  let hubTurn: Promise<void> = Promise.resolve()
  const withHub = (work: () => Promise<void>): Promise<void> => {
    hubTurn = hubTurn.then(work)
    return hubTurn
  }

  for (let index = 0; index < count; index++) {
    const isWeb = random() < 0.5
    const wires = [await createWire({ to: `127.0.0.1:${isWeb ? hubPort : hubTcpPort}`, seed: seed + index })]
    for (const other of slots)
      if (random() < 0.5) wires.push(await createWire({ to: `127.0.0.1:${other.port}`, seed: seed - index }))
    for (const wire of wires) wire.delay([0, random() < 0.7 ? 0 : 10])
    const inMemory = createDisk({ isSlow: random() < 0.6, isTorn: random() < 0.3 })
    slots.push({
      index,
      name: `node ${index}`,
      disk: randomDisk() < REAL_DISKS ? createDirectoryDisk() : inMemory,
      wires,
      isWeb,
      port: await freePort(),
      skew: random() < 0.5 ? 0 : between(random, -50_000, 50_000),
      node: undefined,
      life: 0,
      crash: () => {},
      ended: Promise.resolve(),
    })
  }

  /** Once nothing of the node before is left; none if it is on already. */
  const start = async (slot: Slot): Promise<HyphaNode | undefined> => {
    await slot.ended
    return slot.node ? undefined : boot(slot)
  }

  const boot = (slot: Slot): HyphaNode => {
    const observer = { name: slot.name, life: ++slot.life }
    const [first, ...direct] = slot.wires as [Wire, ...Wire[]]
    const roads = [
      mortal(tcp({ connect: direct.map(({ address }) => address), listen: `127.0.0.1:${slot.port}` })),
      mortal(slot.isWeb ? webSocket(first.url) : tcp({ connect: [first.address] })),
    ]
    const node = createNode({
      name: slot.name,
      storage: slot.disk.boot(),
      transports: roads,
      clock: clock.withSkew(slot.skew),
    })
    slot.node = node
    let hasCrashed = false
    const look = () => {
      if (slot.node !== node) return
      model.look(node, observer)
      for (const change of changes) change()
    }
    node.subscribe(look)
    node.on('error', (error) => {
      // What a machine reads after it went down is nothing. One that closes has all that it wrote.
      if (hasCrashed) return
      reports.push(`${slot.name}: ${error.code} ${error.message}`)
      if (reports.length > 40) reports.shift()
      if (error.code === 'ORIGIN_FORKED' || error.code === 'ORIGIN_UNSEALED' || error.code === 'FEED_CORRUPT')
        model.violate(`${slot.name} reports ${error.code}`)
    })
    node.on('authorisation-requested', (request) => {
      if (slot.node === node) model.asked(request, observer)
    })
    node.on('message', ({ message }) => {
      if (slot.node === node) model.heard(message, observer)
    })
    slot.crash = () => {
      if (slot.node !== node) return
      hasCrashed = true
      slot.node = undefined
      slot.disk.crash()
      for (const road of roads) road.kill()
      slot.ended = end(node)
    }
    return node
  }

  const end = (node: HyphaNode): Promise<void> => {
    const ended: Promise<void> = node
      .close()
      .catch((error: unknown) => model.violate(`A node could not be closed: ${error}`))
      .finally(() => ending.delete(ended))
    ending.add(ended)
    return ended
  }

  return {
    clock,
    model,
    slots,
    /** Since it was made, in real time, as it is printed. */
    age: () => `${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s`,
    reports,
    ending,
    start,
    observerOf: ({ name, life }: Slot) => ({ name, life }),
    /** Says goodbye and gives everything back. */
    close: async (slot: Slot): Promise<void> => {
      const { node } = slot
      slot.node = undefined
      if (node) slot.ended = end(node)
      await slot.ended
    },
    restartHub: () =>
      withHub(async () => {
        await hub?.close()
        hub = undefined
        hub = await openHub()
      }),
    onChange: (listener: () => void) => {
      changes.add(listener)
      return () => changes.delete(listener)
    },
    destroy: async (): Promise<void> => {
      for (const slot of slots) {
        const { node } = slot
        slot.node = undefined
        if (node) end(node)
      }
      await Promise.all(ending)
      await Promise.all(slots.flatMap(({ wires }) => wires.map((wire) => wire.close())))
      await withHub(async () => hub?.close())
      for (const { disk } of slots) disk.remove()
    },
  }
}

export type WalkWorld = Awaited<ReturnType<typeof createWalkWorld>>
