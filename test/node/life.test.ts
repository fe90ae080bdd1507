import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from 'xstate'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import {
  createNode,
  HyphaError,
  type HyphaNode,
  memoryStorage,
  type NodeOptions,
  tcp,
  webSocket,
} from '../../src/index.js'
import { arrived, next, reached, until } from './until.js'

const DOMAIN = 'alice.example'
const rejections: unknown[] = []
const trap = (reason: unknown) => rejections.push(reason)
beforeAll(() => void process.on('unhandledRejection', trap))
afterAll(() => void process.off('unhandledRejection', trap))

const nodes: HyphaNode[] = []
const open = (options: NodeOptions = {}) => {
  const node = createNode(options)
  nodes.push(node)
  return node
}
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  await new Promise((resolve) => setImmediate(resolve))
  expect(rejections.splice(0)).toEqual([])
})

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => (error instanceof HyphaError ? error.code : `not ours: ${error}`),
  )

/** What a storage's files are doing: none may be opened or left open after the node is closed. */
const watchedStorage = () => {
  const storage = memoryStorage()
  let isClosed = false
  const late: string[] = []
  return {
    late,
    storage: {
      ...storage,
      file: (name: string) => {
        if (isClosed) late.push(name)
        return storage.file(name)
      },
      close: async () => {
        isClosed = true
        await storage.close()
      },
    },
  }
}

describe('close', () => {
  for (const moment of [
    'at once',
    'in derivingKeys',
    'in openingDatabase',
    'in startingTransports',
  ] as const) {
    it(`${moment} ends an opening with CLOSED and opens nothing afterwards`, async () => {
      const { storage, late } = watchedStorage()
      const node = open({ storage, transports: [tcp({ listen: '127.0.0.1:0' })] })
      const opened = code(node.signUp({ domain: DOMAIN }))
      const wanted = moment.replace('in ', '')
      if (moment !== 'at once') {
        await waitFor(
          node.actor,
          ({ value }) => JSON.stringify(value) === JSON.stringify({ opening: wanted }),
        )
      }
      await node.close()
      expect(await opened).toBe('CLOSED')
      expect(node.state).toBe('closed')
      expect(late).toEqual([])
      expect(node.hyphalink).toBeUndefined()
    })
  }

  it('during an authorisation, with prompts open and an asker waiting, ends each with a HyphaError', async () => {
    const road = tcp({ listen: '127.0.0.1:0' })
    const laptop = open({ transports: [road] })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const phone = open({ transports: [tcp({ connect: [road.listening as string] })] })
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    const { id } = await asked
    const answer = phone.requestAuthorisation()
    const yes = code(laptop.authorise(id))
    await Promise.resolve()
    await Promise.resolve()
    const closing = laptop.close()
    expect(['CLOSED', 'no error', 'NOT_OPEN', 'REQUEST_UNKNOWN']).toContain(await yes)
    await closing
    expect(laptop.requests()).toEqual([])
    const ended = phone.close()
    expect(['cancelled', 'authorised']).toContain((await answer).outcome)
    await ended
  })

  it('from inside of a listener, twice, and in the middle of puts', async () => {
    const node = open()
    await node.signUp({ domain: DOMAIN })
    let closed: Promise<void> | undefined
    node.watch('a', () => {
      closed ??= node.close()
    })
    const puts = await Promise.all(['a', 'b', 'c'].map((key) => code(node.put(key, 1))))
    for (const outcome of puts) expect(['no error', 'CLOSED', 'STORAGE_FAILED']).toContain(outcome)
    await closed
    await node.close()
    expect(await code(node.put('d', 1))).toBe('CLOSED')
  })
})

describe('opening', () => {
  it('that failed after the origin was sealed goes on when it is tried again', async () => {
    const road = tcp({ listen: '127.0.0.1:0' })
    const other = open({ transports: [road] })
    await other.signUp({ domain: DOMAIN })
    const mine = tcp({ listen: road.listening as string })
    const node = open({ transports: [mine] })
    expect(await code(node.signUp({ domain: DOMAIN }))).toBe('LISTEN_FAILED')
    await other.close()
    const { passphrase, hyphalink } = await node.signUp({ domain: DOMAIN })
    expect(passphrase.split(' ')).toHaveLength(9)
    await node.put('a', 1)
    const phone = open({ transports: [tcp({ connect: [mine.listening as string] })] })
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    expect(phone.hyphalink).toBe(hyphalink)
    expect(await arrived(phone, 'a')).toBe(1)
    expect(phone.nodes()).toHaveLength(1)
  })

  it('keeps calls waiting', async () => {
    const node = open()
    expect(await code(node.put('a', 1))).toBe('NOT_OPEN')
    const opened = node.signUp({ domain: DOMAIN })
    await until(node, () => node.state === 'opening')
    await node.put('a', 1)
    expect(await node.get('a')).toBe(1)
    expect(await node.requestAuthorisation()).toEqual({ outcome: 'authorised' })
    await opened
  })
})

describe('a device that asks', () => {
  it('again under a new question, after it lost the first, is one prompt with the new words', async () => {
    const road = tcp({ listen: '127.0.0.1:0' })
    const laptop = open({ transports: [road] })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const storage = memoryStorage()
    const phone = () =>
      open({
        // The device remembers nothing of having asked.
        storage: { ...storage, isEmpty: true },
        transports: [tcp({ connect: [road.listening as string] })],
      })
    const before = phone()
    await before.signIn({ domain: DOMAIN, passphrase })
    const first = await until(laptop, () => laptop.requests()[0])
    await before.close()
    const after = phone()
    await after.signIn({ domain: DOMAIN, passphrase })
    expect(after.writerKey).toBe(first.writerKey)
    const second = await until(laptop, () => laptop.requests().find(({ id }) => id !== first.id))
    expect(laptop.requests()).toHaveLength(1)
    expect(after.request()?.words).toEqual(second.words)
    await laptop.authorise(second.id)
    await reached(after, 'writer')
  })

  it('while another waits too is asked about there, once that one may write', async () => {
    const road = tcp({ listen: '127.0.0.1:0' })
    const laptop = open({ name: 'laptop', transports: [road] })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const between = tcp({ listen: '127.0.0.1:0', connect: [road.listening as string] })
    const phone = open({ name: 'phone', transports: [between] })
    await phone.signIn({ domain: DOMAIN, passphrase })
    const tablet = open({ name: 'tablet', transports: [tcp({ connect: [between.listening as string] })] })
    await tablet.signIn({ domain: DOMAIN, passphrase })
    await until(phone, () => phone.getSnapshot().peers.length === 2)
    const { id } = await until(laptop, () => laptop.requests().find(({ nodeName }) => nodeName === 'phone'))
    const asked = next(phone, 'authorisation-requested')
    await laptop.authorise(id)
    expect((await asked).nodeName).toBe('tablet')
    await phone.authorise((await asked).id)
    await reached(tablet, 'writer')
  })
})

it('deletes what a put just before it wrote, in one batch and without waiting', async () => {
  const node = open()
  await node.signUp({ domain: DOMAIN })
  await node.batch([
    { type: 'put', key: 'a', value: 1 },
    { type: 'del', key: 'a' },
    { type: 'put', key: 'b', value: 1, public: true },
    { type: 'put', key: 'b', value: 2 },
  ])
  expect(await node.get('a')).toBeUndefined()
  expect(await node.getAll('b')).toEqual([2])
  await Promise.all([node.put('c', 1), node.put('c', 2, { public: true }), node.del('c')])
  expect(await node.getAll('c')).toEqual([])
  await Promise.all([node.del('d'), node.put('d', 1)])
  expect(await node.get('d')).toBe(1)
})

it('claims a place on an always-on node', async () => {
  const server = await createAlwaysOnNode({ port: 0 })
  try {
    const node = open({ transports: [webSocket(server.url)] })
    await node.signUp({ domain: DOMAIN })
    await until(node, () => node.getSnapshot().peers.length === 1)
  } finally {
    await Promise.all(nodes.splice(0).map((node) => node.close()))
    await server.close()
  }
})
