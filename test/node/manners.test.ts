import { afterEach, describe, expect, it } from 'vitest'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import {
  createMemoryNetwork,
  createNode,
  HyphaError,
  type HyphaNode,
  memoryTransport,
  type NodeOptions,
  tcp,
  webSocket,
} from '../../src/index.js'
import { next, until } from './until.js'

const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()))
})
const open = (options: NodeOptions = {}): HyphaNode => {
  const node = createNode(options)
  ends.push(() => node.close())
  return node
}
const code = async (run: () => unknown) => {
  try {
    await run()
    return 'no error'
  } catch (error) {
    return error instanceof HyphaError ? error.code : `not ours: ${error}`
  }
}
const DOMAIN = 'alice.example'

/** What JavaScript apps do, and TypeScript would not let pass. */
const careless = (value: unknown) => value as never

describe('an app’s mistakes are typed errors', () => {
  it('in what it creates', async () => {
    for (const options of [
      null,
      5,
      { transports: webSocket('http://127.0.0.1:1') },
      { transports: [{}] },
      { storage: 5 },
    ]) {
      expect(await code(() => createNode(careless(options)))).toBe('OPTION_INVALID')
    }
    expect(await code(() => tcp(careless({ connect: '127.0.0.1:1' })))).toBe('OPTION_INVALID')
    expect(await code(() => createAlwaysOnNode(careless(undefined)))).toBe('OPTION_INVALID')
    expect(await code(() => tcp())).toBe('OPTION_INVALID')
  })

  it('in what it calls', async () => {
    const node = open()
    await node.signUp({ domain: DOMAIN })
    await node.put('x/2', 'somebody’s')
    for (const key of [undefined, null, 42, Number.NaN, {}]) {
      expect(await code(() => node.get(careless(key)))).toBe('KEY_INVALID')
      expect(await code(() => node.getAll(careless(key)))).toBe('KEY_INVALID')
    }
    expect(await code(() => node.entries(careless(42)).next())).toBe('KEY_INVALID')
    expect(await node.get('.hypha/x')).toBeUndefined()
    for (const writes of [
      undefined,
      {},
      [null],
      [{ type: 'delete', key: 'x/2' }],
      [{ key: 'x/2', value: 1 }],
    ]) {
      expect(await code(() => node.batch(careless(writes)))).toBe('OPTION_INVALID')
    }
    expect(await node.get('x/2')).toBe('somebody’s')
    expect(await code(() => node.put('a', 1, careless(null)))).toBe('no error')
    expect(await code(() => node.on('message', careless(5)))).toBe('OPTION_INVALID')
    expect(await code(() => node.watch('', careless(5)))).toBe('OPTION_INVALID')
    expect(await code(() => node.open({ hyphalink: 'ab'.repeat(32) }))).toBe('ALREADY_OPEN')
    const reader = open()
    expect(await code(() => reader.open({ hyphalink: 'ab'.repeat(32) }))).toBe('HYPHALINK_INVALID')
    expect(reader.state).toBe('signedOut')
  })

  it('as when two nodes share one transport', async () => {
    const network = createMemoryNetwork()
    const road = memoryTransport(network)
    const first = open({ transports: [road] })
    await first.signUp({ domain: DOMAIN })
    expect(await code(() => createNode({ transports: [road] }))).toBe('OPTION_INVALID')
    expect(first.state).toBe('origin')
  })
})

describe('an app may', () => {
  const pair = async () => {
    const network = createMemoryNetwork()
    const laptop = open({ name: 'laptop', transports: [memoryTransport(network)] })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const phone = open({ name: 'phone', transports: [memoryTransport(network)] })
    return { laptop, phone, passphrase }
  }

  it('take a request back at once, and show its words at once', async () => {
    const { laptop, phone, passphrase } = await pair()
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    const answer = phone.requestAuthorisation()
    expect(phone.state).toBe('awaitingAuthorisation')
    expect(phone.request()?.words).toHaveLength(5)
    phone.cancelRequest()
    expect(await answer).toEqual({ outcome: 'cancelled' })
    expect(phone.state).toBe('readOnly')
    expect(laptop.requests()).toEqual([])
  })

  it('ask anew in the breath that took a request back', async () => {
    const { laptop, phone, passphrase } = await pair()
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    const first = phone.requestAuthorisation()
    const { id } = phone.request() ?? {}
    phone.cancelRequest()
    const second = phone.requestAuthorisation()
    expect(await first).toEqual({ outcome: 'cancelled' })
    const asked = await until(laptop, () => laptop.requests().find((request) => request.id !== id))
    await laptop.authorise(asked.id)
    expect(await second).toEqual({ outcome: 'authorised' })
  })

  it('ask anew: the second request has an id and a time of its own', async () => {
    const network = createMemoryNetwork()
    const laptop = open({ name: 'laptop', transports: [memoryTransport(network)] })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    let late = 0
    const clock = {
      now: () => Date.now() + late,
      setTimeout: (run: () => void, delay: number) => setTimeout(run, delay),
      clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
    }
    const phone = open({ name: 'phone', transports: [memoryTransport(network)], clock })
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    const first = phone.request()
    const answer = phone.requestAuthorisation()
    await laptop.decline((await asked).id)
    expect(await answer).toEqual({ outcome: 'declined' })
    late = 60_000
    void phone.requestAuthorisation()
    const second = phone.request()
    expect(second?.id).not.toBe(first?.id)
    expect(second?.askedAt).toBeGreaterThanOrEqual((first?.askedAt ?? 0) + late)
    phone.cancelRequest()
  })

  it('answer and close in one breath', async () => {
    for (const how of ['authorise', 'decline'] as const) {
      const { laptop, phone, passphrase } = await pair()
      const asked = next(laptop, 'authorisation-requested')
      await phone.signIn({ domain: DOMAIN, passphrase })
      const { id } = await asked
      const answered = code(() => laptop[how](id))
      await laptop.close()
      expect(['CLOSED', 'no error']).toContain(await answered)
    }
  })

  it('take it back while it signs in', async () => {
    const { phone, passphrase } = await pair()
    const signedIn = phone.signIn({ domain: DOMAIN, passphrase })
    phone.cancelRequest()
    await signedIn
    expect(phone.state).toBe('readOnly')
  })

  it('not change what a snapshot shows', async () => {
    const { laptop, phone, passphrase } = await pair()
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    await asked
    const snapshot = laptop.getSnapshot()
    expect(laptop.getSnapshot()).toBe(snapshot)
    const [request] = snapshot.requests
    const [node] = snapshot.nodes
    for (const part of [
      snapshot.nodes,
      node,
      snapshot.requests,
      request,
      request?.words,
      snapshot.peers,
      snapshot.sync,
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(await code(() => phone.authorise(request?.id ?? ''))).toBe('NOT_A_WRITER')
  })
})

describe('what is wrong with a road', () => {
  it('is told once and shown until there is a peer', async () => {
    const host = await createAlwaysOnNode({ port: 0, claim: 1 })
    ends.push(() => host.close())
    const first = open({ transports: [webSocket(host.url)] })
    await first.signUp({ domain: DOMAIN })
    await until(first, () => first.getSnapshot().peers.length === 1)

    const network = createMemoryNetwork()
    const second = open({ transports: [webSocket(host.url), memoryTransport(network)] })
    const errors: string[] = []
    let ended = 0
    second.on('error', (error) => errors.push(error.code))
    const triedOften = new Promise<void>((resolve) => {
      const seen = new Set<string>()
      second.actor.subscribe(({ context }) => {
        for (const link of Object.keys(context.peers)) seen.add(link)
        ended = seen.size
        if (ended >= 4) resolve()
      })
    })
    const { passphrase } = await second.signUp({ domain: 'bob.example' })
    await triedOften
    expect(errors).toEqual(['CLAIM_REFUSED'])
    expect(second.getSnapshot().problem).toMatchObject({ code: 'CLAIM_REFUSED' })
    expect(second.getSnapshot().problem?.message).toContain('127.0.0.1')

    const phone = open({ transports: [memoryTransport(network)] })
    await phone.signIn({ domain: 'bob.example', passphrase })
    await until(second, () => second.getSnapshot().problem === undefined)
  })
})
