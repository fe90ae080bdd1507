import { afterEach, describe, expect, it } from 'vitest'
import {
  createMemoryNetwork,
  createNode,
  type HyphaNode,
  memoryTransport,
  type NodeOptions,
  tcp,
} from '../../src/index.js'
import { openWire, type Wire, watched } from './roads.js'
import { arrived, next, reached, until } from './until.js'

const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const open = (options: NodeOptions): HyphaNode => {
  const node = createNode(options)
  ends.push(() => node.close())
  return node
}
const wireTo = async (target: string | undefined): Promise<Wire> => {
  const wire = await openWire(target as string)
  ends.push(wire.close)
  return wire
}
const DOMAIN = 'ada.example'
const peersOf = (node: HyphaNode) => node.getSnapshot().peers
const allOf = (node: HyphaNode) => peersOf(node).flatMap(({ spares }) => spares).length + peersOf(node).length
/** Looked at again and again: links are no part of what a node tells. */
const eventually = async (check: () => boolean) => {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Writes one way, and waits for it at the other end. */
const crosses = async (from: HyphaNode, to: HyphaNode, key: string) => {
  await from.put(key, key)
  expect(await arrived(to, key)).toBe(key)
}

/** A laptop that signed up and a phone that writes too; `roads` wires beside the network of memory, if there is one. */
const pair = async (roads: number, withMemory: boolean, relayed: readonly number[] = []) => {
  const network = createMemoryNetwork()
  const listening = Array.from({ length: roads }, () => tcp({ listen: '127.0.0.1:0' }))
  const here = watched(memoryTransport(network))
  const there = watched(memoryTransport(network))
  const laptop = open({
    name: 'laptop',
    transports: [...listening.map((road, i) => watched(road, { relayed: relayed.includes(i) }))].concat(
      withMemory ? here : [],
    ),
  })
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  let asked = 0
  laptop.on('authorisation-requested', ({ id }) => {
    asked++
    void laptop.authorise(id)
  })
  const wires = await Promise.all(listening.map(({ listening: address }) => wireTo(address)))
  const dialling = wires.map(({ address }, i) =>
    watched(tcp({ connect: [address] }), { relayed: relayed.includes(i) }),
  )
  const phone = open({ name: 'phone', transports: [...dialling, ...(withMemory ? [there] : [])] })
  await phone.signIn({ domain: DOMAIN, passphrase })
  await reached(phone, 'writer')
  // However many links the question came by.
  expect(asked).toBe(1)
  return { laptop, phone, wires, there }
}

/** Writes in both directions from what happens in `breaking` on, and prints how long that took: `bench -- roads` measures it. */
const goesOn = async (laptop: HyphaNode, phone: HyphaNode, breaking: () => void, name: string) => {
  const links = [next(laptop, 'peer-connected'), next(phone, 'peer-connected')]
  const since = performance.now()
  breaking()
  const across = Promise.all([
    crosses(laptop, phone, `${name}/laptop`),
    crosses(phone, laptop, `${name}/phone`),
  ])
  await Promise.all(links)
  const switched = performance.now() - since
  await across
  const wrote = performance.now() - since
  process.stdout.write(
    `${name}: switched in ${switched.toFixed(1)} ms, wrote both ways in ${wrote.toFixed(1)} ms\n`,
  )
}

describe('two nodes with several links', () => {
  it('replicate over one of them, and keep the others', async () => {
    const { laptop, phone, wires } = await pair(2, true)
    await until(laptop, () => allOf(laptop) === 3)
    await until(phone, () => allOf(phone) === 3)
    const [mine, its] = [peersOf(laptop), peersOf(phone)]
    expect(mine).toHaveLength(1)
    expect(its).toHaveLength(1)
    expect(mine[0]).toMatchObject({
      writerKey: phone.writerKey,
      relayed: false,
      transport: its[0]?.transport,
    })
    expect([its[0]?.transport, ...(its[0]?.spares ?? [])].sort()).toEqual(['memory', 'tcp', 'tcp'])
    const before = [wires[0]?.bytes ?? 0, wires[1]?.bytes ?? 0, peersOf(phone)[0]?.bytesReceived ?? 0]
    const text = 'x'.repeat(200_000)
    for (let i = 0; i < 10; i++) await laptop.put(`much/${i}`, text)
    await arrived(phone, 'much/9')
    const used = its[0]?.transport === 'memory' ? [] : [its[0]?.address]
    const overWires = wires.map(({ bytes, address }, i) => ({
      address,
      bytes: bytes - (before[i] as number),
    }))
    for (const { address, bytes } of overWires) {
      if (used.includes(address)) expect(bytes).toBeGreaterThan(2_000_000)
      // Heartbeats only.
      else expect(bytes).toBeLessThan(20_000)
    }
    await until(phone, () => (peersOf(phone)[0]?.roundTripMs ?? 0) > 0)
    await until(phone, () => (peersOf(phone)[0]?.bytesReceived ?? 0) > 2_000_000)
  })

  it('write on over another one when the one in use breaks, and lose nothing', async () => {
    const { laptop, phone, wires, there } = await pair(2, true)
    for (let round = 0; round < 3; round++) {
      await until(laptop, () => allOf(laptop) === 3)
      await until(phone, () => allOf(phone) === 3)
      const peers = peersOf(phone)
      const breaking = () => {
        if (peers[0]?.transport === 'memory') there.connections[0]?.stream.destroy()
        else wires.find(({ address }) => address === peers[0]?.address)?.cut()
      }
      await goesOn(laptop, phone, breaking, `broken/${round}`)
    }
  })

  it('write on over another one when the one in use stands still', async () => {
    const { laptop, phone, wires } = await pair(2, false)
    for (let round = 0; round < 2; round++) {
      await until(laptop, () => allOf(laptop) === 2)
      await until(phone, () => allOf(phone) === 2)
      const [peer] = peersOf(phone)
      const wire = wires.find(({ address }) => address === peer?.address)
      await goesOn(laptop, phone, () => wire?.pause(), `still/${round}`)
      expect(peersOf(phone)[0]?.address).not.toBe(peer?.address)
      wire?.resume()
    }
  })

  it('go over to the direct one as soon as there is one, and keep the relayed one', async () => {
    const network = createMemoryNetwork()
    const listening = tcp({ listen: '127.0.0.1:0' })
    const laptop = open({ transports: [watched(memoryTransport(network), { relayed: true }), listening] })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const wire = await wireTo(listening.listening)
    wire.pause()
    const phone = open({
      transports: [
        watched(memoryTransport(network), { relayed: true }),
        watched(tcp({ connect: [wire.address] })),
      ],
    })
    const ups: number[] = []
    phone.subscribe(() => ups.push(peersOf(phone).length))
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await until(phone, () => peersOf(phone).length === 1)
    expect(peersOf(phone)[0]).toMatchObject({ transport: 'memory', relayed: true })
    const from = ups.length
    wire.resume()
    await until(phone, () => peersOf(phone)[0]?.transport === 'tcp')
    // The relayed one was closed, and dialled again.
    await until(phone, () => peersOf(phone)[0]?.spares.includes('memory') === true)
    expect(peersOf(phone)).toMatchObject([{ transport: 'tcp', relayed: false }])
    // Neither two at a time nor none.
    expect(new Set(ups.slice(from))).toEqual(new Set([1]))
    await crosses(laptop, phone, 'direct')
  })

  it('hear each message once', async () => {
    const { laptop, phone } = await pair(2, true)
    await until(laptop, () => allOf(laptop) === 3)
    const heard: unknown[] = []
    laptop.on('message', ({ message }) => heard.push(message))
    for (let i = 0; i < 20; i++) phone.broadcast(i)
    phone.broadcast('last')
    await eventually(() => heard.includes('last'))
    expect(heard).toEqual([...Array(20).keys(), 'last'])
  })

  it('keep no more than a few', async () => {
    const { laptop, phone } = await pair(8, false)
    await until(laptop, () => allOf(laptop) === 5)
    await crosses(laptop, phone, 'many')
    // One in use and eight spares: who doesn't lead bears with what the leader is about to close.
    expect(allOf(laptop)).toBeLessThanOrEqual(9)
    await until(laptop, () => allOf(laptop) === 5)
  })
})

describe('a node that dials itself', () => {
  it('is no peer of its own, and does not try without end', async () => {
    const listening = tcp({ listen: '127.0.0.1:0' })
    const wire = watched(listening)
    const first = open({ transports: [wire] })
    await first.signUp({ domain: DOMAIN })
    const address = listening.listening as string
    await first.close()
    const errors: string[] = []
    const road = watched(tcp({ listen: address, connect: [address] }))
    const self = open({ transports: [road] })
    self.on('error', ({ code }) => errors.push(code))
    await self.signUp({ domain: DOMAIN })
    const ended = new Promise((resolve) => setTimeout(resolve, 3_000))
    await eventually(() => road.count >= 2)
    await ended
    expect(peersOf(self)).toEqual([])
    expect(errors).toEqual([])
    // Both ends count.
    expect(road.count).toBeLessThan(40)
  })
})
