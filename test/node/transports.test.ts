import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NetworkListener } from '../../src/adapters/network.js'
import { createTransport } from '../../src/adapters/transport/create-transport.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import {
  createMemoryNetwork,
  HyphaError,
  type HyphaNode,
  memoryTransport,
  type Transport,
  tcp,
  webRTC,
  webSocket,
} from '../../src/index.js'
import { freePort } from '../adapters/transport/pairs.js'
import { code, useDevices } from './devices.js'
import { arrived, next, until } from './until.js'

/** The network watchers of all nodes: the real one beside one that says what a test says. */
const listeners = vi.hoisted(() => new Set<NetworkListener>())
vi.mock('../../src/adapters/network.js', async (original) => {
  const real = await original<typeof import('../../src/adapters/network.js')>()
  return {
    ...real,
    watchNetwork: (listener: NetworkListener) => {
      listeners.add(listener)
      const watcher = real.watchNetwork(listener)
      const stop = () => {
        listeners.delete(listener)
        watcher.stop()
      }
      return { ...watcher, stop }
    },
  }
})
const say = (news: keyof NetworkListener) => {
  for (const listener of listeners) listener[news]()
}

const DOMAIN = 'alice.example'
const { open } = useDevices()
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const roadOf = (node: HyphaNode, id: string) => node.transports().find((transport) => transport.id === id)
const isIn = (node: HyphaNode, id: string, state: string) =>
  until(node, () => roadOf(node, id)?.state === state)

/** A laptop that listens on a port of its own and begins the hypha. */
const alicesLaptop = async (port = 0) => {
  const listener = tcp({ listen: `127.0.0.1:${port}` })
  const laptop = open({ name: 'laptop', transports: [listener] })
  const { hyphalink } = await laptop.signUp({ domain: DOMAIN })
  return { laptop, hyphalink, address: listener.listening ?? '' }
}

/** A road to somewhere else than this machine, so that being offline matters: what it dials is up to the test. */
const roadAbroad = () => {
  const dials: (() => void)[] = []
  let isThere = false
  let lose = () => {}
  const transport: Transport = createTransport('abroad', async (_discoveryKey, host) => {
    const dialling = host.dial({
      address: 'far.example',
      dial: async () => {
        for (const dialled of dials.splice(0)) dialled()
        if (!isThere) throw Object.assign(new Error('no'), { code: 'ENETUNREACH' })
        const closed = new Promise<void>((resolve) => (lose = resolve))
        return { closed, close: () => lose() }
      },
    })
    return () => dialling.stop()
  })
  return {
    transport,
    come: () => (isThere = true),
    lose: () => lose(),
    nextDial: () => new Promise<void>((resolve) => dials.push(resolve)),
  }
}

describe('a node’s transports', () => {
  it('are named, shown with what they do, and told of in the snapshot', async () => {
    const { laptop, hyphalink, address } = await alicesLaptop()
    expect(laptop.transports()).toEqual([
      { id: 'tcp', name: 'tcp', on: true, state: 'listening', addresses: [], links: 0, problem: undefined },
    ])
    const nobody = `127.0.0.1:${await freePort()}`
    const phone = open({
      transports: [
        tcp({ connect: [address] }),
        tcp({ connect: [nobody] }),
        memoryTransport(createMemoryNetwork()),
      ],
    })
    expect(phone.transports().map(({ id, state, on }) => [id, state, on])).toEqual([
      ['tcp', 'stopped', true],
      ['tcp-2', 'stopped', true],
      ['memory', 'stopped', true],
    ])
    await phone.open({ hyphalink })
    await isIn(phone, 'tcp', 'connected')
    await isIn(laptop, 'tcp', 'connected')
    await until(phone, () => roadOf(phone, 'tcp-2')?.problem?.code === 'ADDRESS_UNREACHABLE')
    expect(roadOf(phone, 'tcp')).toMatchObject({ links: 1, addresses: [{ address, state: 'connected' }] })
    expect(roadOf(phone, 'memory')).toMatchObject({ state: 'listening' })
    expect(phone.getSnapshot().transports).toEqual(phone.transports())
    expect(Object.isFrozen(phone.transports()[0])).toBe(true)
  })

  it('are turned off and on again, one by one', async () => {
    const { laptop, hyphalink, address } = await alicesLaptop()
    const server = await createAlwaysOnNode({ port: 0, hyphas: [hyphalink] })
    ends.push(() => server.close())
    const phone = open({ transports: [tcp({ connect: [address] }), webSocket(server.url)] })
    await phone.open({ hyphalink })
    await until(phone, () => phone.getSnapshot().peers.length === 2)
    await until(laptop, () => laptop.getSnapshot().peers.length === 1)

    const gone = next(laptop, 'peer-disconnected')
    await phone.setTransport('tcp', false)
    expect(roadOf(phone, 'tcp')).toMatchObject({ on: false, state: 'stopped', links: 0, addresses: [] })
    await gone
    await until(phone, () => phone.getSnapshot().peers.length === 1)
    expect(phone.getSnapshot().peers[0]?.transport).toBe('webSocket')
    expect(roadOf(phone, 'webSocket')).toMatchObject({ state: 'connected', links: 1 })

    await phone.setTransport('tcp', true)
    await until(phone, () => phone.getSnapshot().peers.length === 2)
    await laptop.put('page', 'public', { public: true })
    expect(await arrived(phone, 'page')).toBe('public')
  })

  it('remember what is wished before anything is open', async () => {
    const { hyphalink, address } = await alicesLaptop()
    const phone = open({ transports: [tcp({ connect: [address] })] })
    await phone.setTransport('tcp', false)
    await phone.open({ hyphalink })
    expect(roadOf(phone, 'tcp')).toMatchObject({ on: false, state: 'stopped' })
    await phone.setTransport('tcp', true)
    await isIn(phone, 'tcp', 'connected')
  })

  it('may be turned off and on quickly, and end as was said last', async () => {
    const { hyphalink, address } = await alicesLaptop()
    const phone = open({ transports: [tcp({ connect: [address] })] })
    await phone.open({ hyphalink })
    await Promise.all([false, true, false, true, false].map((on) => phone.setTransport('tcp', on)))
    expect(roadOf(phone, 'tcp')?.state).toBe('stopped')
    await Promise.all([true, false, true].map((on) => phone.setTransport('tcp', on)))
    await isIn(phone, 'tcp', 'connected')
  })

  it('have names; others are refused, and so is a node that is closed', async () => {
    const { laptop } = await alicesLaptop()
    const refusal: unknown = await laptop.setTransport('pigeon', true).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(HyphaError)
    expect(refusal).toMatchObject({ code: 'TRANSPORT_UNKNOWN', message: expect.stringContaining('tcp') })
    const closing = laptop.close()
    expect(await code(laptop.setTransport('tcp', false))).toBe('CLOSED')
    await closing
    expect(await code(laptop.setTransport('tcp', true))).toBe('CLOSED')
  })

  it('that this device lacks fail alone, and a person is told once', async () => {
    const { laptop, hyphalink, address } = await alicesLaptop()
    const missing = createTransport('missing', async () => {
      throw new HyphaError('TRANSPORT_UNAVAILABLE', 'It is not installed. Install it.')
    })
    const phone = open({ transports: [missing, tcp({ connect: [address] })] })
    const errors: string[] = []
    phone.on('error', (error) => errors.push(error.code))
    await phone.open({ hyphalink })
    await until(laptop, () => laptop.getSnapshot().peers.length === 1)
    expect(roadOf(phone, 'missing')).toMatchObject({
      on: true,
      state: 'failed',
      problem: { code: 'TRANSPORT_UNAVAILABLE', message: 'It is not installed. Install it.' },
    })
    expect(errors).toEqual(['TRANSPORT_UNAVAILABLE'])
    expect(await code(phone.setTransport('missing', true))).toBe('TRANSPORT_UNAVAILABLE')
    await phone.setTransport('missing', false)
    expect(roadOf(phone, 'missing')).toMatchObject({ on: false, state: 'stopped', problem: undefined })
    expect(errors).toEqual(['TRANSPORT_UNAVAILABLE'])
  })

  it('by which others are only met wait for them: an introduction is no link', async () => {
    const server = await createAlwaysOnNode({ port: 0 })
    ends.push(() => server.close())
    const laptop = open({ name: 'laptop', transports: [webRTC({ signalling: server.url })] })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    await until(laptop, () => roadOf(laptop, 'webRTC')?.addresses.some(({ state }) => state === 'connected'))
    expect(roadOf(laptop, 'webRTC')).toMatchObject({ state: 'listening', links: 0 })
    const phone = open({ transports: [webRTC({ signalling: server.url })] })
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await isIn(laptop, 'webRTC', 'connected')
  })

  it('that need the person’s own keys fail alone for a reader by hyphalink', async () => {
    const { laptop, hyphalink, address } = await alicesLaptop()
    const phone = open({
      transports: [webRTC({ signalling: 'http://127.0.0.1:1' }), tcp({ connect: [address] })],
    })
    const errors: string[] = []
    phone.on('error', (error) => errors.push(error.code))
    await phone.open({ hyphalink })
    expect(phone.state).toBe('readOnly')
    await isIn(phone, 'tcp', 'connected')
    await laptop.put('page', 'public', { public: true })
    expect(await arrived(phone, 'page')).toBe('public')
    expect(roadOf(phone, 'webRTC')).toMatchObject({
      on: true,
      state: 'failed',
      links: 0,
      addresses: [],
      problem: { code: 'NO_CHANNEL' },
    })
    expect(errors).toEqual(['NO_CHANNEL'])
  })

  it('that can’t be listened on when they are turned on say so, and the node goes on', async () => {
    const port = await freePort()
    const first = await alicesLaptop(port)
    const second = open({ transports: [tcp({ listen: `127.0.0.1:${port}` })] })
    await second.setTransport('tcp', false)
    await second.open({ hyphalink: first.hyphalink })
    expect(await code(second.setTransport('tcp', true))).toBe('LISTEN_FAILED')
    expect(second.state).toBe('readOnly')
    expect(roadOf(second, 'tcp')).toMatchObject({
      on: true,
      state: 'failed',
      problem: { code: 'LISTEN_FAILED' },
    })
    await first.laptop.setTransport('tcp', false)
    await second.setTransport('tcp', true)
    expect(roadOf(second, 'tcp')?.state).toBe('listening')
  })
})

describe('a road that breaks', () => {
  it('is found again when the listener is back, once and again', async () => {
    const { laptop, hyphalink, address } = await alicesLaptop(await freePort())
    const phone = open({ transports: [tcp({ connect: [address] })] })
    await phone.open({ hyphalink })
    await isIn(phone, 'tcp', 'connected')
    for (let round = 0; round < 3; round++) {
      const unreachable = next(phone, 'error')
      await laptop.setTransport('tcp', false)
      expect(await unreachable).toMatchObject({ code: 'ADDRESS_UNREACHABLE' })
      await isIn(phone, 'tcp', 'waiting')
      await laptop.setTransport('tcp', true)
      await isIn(phone, 'tcp', 'connected')
    }
  })

  it('leads to an always-on node that was ended and started again', async () => {
    const { laptop, hyphalink } = await alicesLaptop()
    const port = await freePort()
    const start = async () => {
      const server = await createAlwaysOnNode({ port, hyphas: [hyphalink] })
      ends.push(() => server.close())
      return server
    }
    const first = await start()
    const phone = open({ transports: [webSocket(first.url)] })
    await phone.open({ hyphalink })
    await isIn(phone, 'webSocket', 'connected')
    expect(await code(laptop.setTransport('webSocket', true))).toBe('TRANSPORT_UNKNOWN')
    await first.close()
    await isIn(phone, 'webSocket', 'waiting')
    await start()
    await until(phone, () => phone.getSnapshot().peers.length === 1)
    expect(roadOf(phone, 'webSocket')).toMatchObject({ state: 'connected', links: 1 })
  })

  it('rests while the device is offline, and is dialled as soon as it is online', async () => {
    const abroad = roadAbroad()
    const { hyphalink } = await alicesLaptop()
    const phone = open({ transports: [abroad.transport] })
    const errors: string[] = []
    phone.on('error', (error) => errors.push(error.code))
    await phone.open({ hyphalink })
    say('offline')
    await isIn(phone, 'abroad', 'suspended')
    abroad.come()
    const dialled = abroad.nextDial()
    say('online')
    await dialled
    await isIn(phone, 'abroad', 'connected')
    // What is up stays up, and what breaks offline isn't tried.
    say('offline')
    expect(roadOf(phone, 'abroad')?.state).toBe('connected')
    abroad.lose()
    await isIn(phone, 'abroad', 'suspended')
    say('online')
    await isIn(phone, 'abroad', 'connected')
    expect(errors.length).toBeLessThanOrEqual(1)
  })

  it('to this machine itself is dialled offline too', async () => {
    const { laptop, hyphalink, address } = await alicesLaptop(await freePort())
    const phone = open({ transports: [tcp({ connect: [address] })] })
    await phone.open({ hyphalink })
    await isIn(phone, 'tcp', 'connected')
    say('offline')
    await laptop.setTransport('tcp', false)
    await isIn(phone, 'tcp', 'waiting')
    await laptop.setTransport('tcp', true)
    await isIn(phone, 'tcp', 'connected')
  })

  it('is dialled at once when somebody looks at the page again', async () => {
    const abroad = roadAbroad()
    const { hyphalink } = await alicesLaptop()
    const phone = open({ transports: [abroad.transport] })
    await phone.open({ hyphalink })
    say('hidden')
    await until(phone, () => roadOf(phone, 'abroad')?.problem)
    say('offline')
    await isIn(phone, 'abroad', 'suspended')
    abroad.come()
    say('visible')
    expect(roadOf(phone, 'abroad')?.state).toBe('suspended')
    say('online')
    await isIn(phone, 'abroad', 'connected')
  })
})
