import { afterEach, describe, expect, it } from 'vitest'
import { type AlwaysOnNode, type AlwaysOnNodeOptions, createAlwaysOnNode } from '../../src/always-on/index.js'
import {
  createNode,
  type HyphaError,
  type HyphaNode,
  memoryStorage,
  type NodeOptions,
  type Transport,
  tcp,
  webSocket,
} from '../../src/index.js'
import { arrived, next, reached, until } from './until.js'

const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()))
})
const DOMAIN = 'alice.example'

const alwaysOn = async (options: Partial<AlwaysOnNodeOptions> = {}): Promise<AlwaysOnNode> => {
  const node = await createAlwaysOnNode({ port: 0, tcpPort: 0, ...options })
  ends.push(() => node.close())
  return node
}
const device = (name: string, transport: Transport, options: NodeOptions = {}): HyphaNode => {
  const node = createNode({ name, transports: [transport], ...options })
  ends.push(() => node.close())
  return node
}
const byTcp = (node: AlwaysOnNode) => tcp({ connect: [`127.0.0.1:${node.tcpPort}`] })

describe('through an always-on node', () => {
  it('TCP and WebSocket nodes are one hypha; any writer lets others in after the origin has gone', async () => {
    const host = await alwaysOn()
    const laptop = device('Alice’s laptop', webSocket(host.url))
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    await laptop.put('from', 'the laptop')

    const phone = device('Alice’s phone', byTcp(host))
    laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
    await phone.signIn({ domain: DOMAIN, passphrase })
    await reached(phone, 'writer')
    expect(await arrived(phone, 'from')).toBe('the laptop')
    await phone.put('phone', 'here')
    expect(await arrived(laptop, 'phone')).toBe('here')
    await laptop.close()

    const tablet = device('Alice’s tablet', webSocket(host.url))
    const asked = next(phone, 'authorisation-requested')
    await tablet.signIn({ domain: DOMAIN, passphrase })
    expect((await asked).nodeName).toBe('Alice’s tablet')
    await phone.authorise((await asked).id)
    await reached(tablet, 'writer')
    await tablet.put('tablet', 'here')
    expect(await arrived(phone, 'tablet')).toBe('here')
    expect(await arrived(tablet, 'from')).toBe('the laptop')
  })

  it('who leaves and is back before anybody was told is asked again', async () => {
    const host = await alwaysOn()
    const storage = memoryStorage()
    const before = device('Alice’s laptop', webSocket(host.url), { storage })
    const { passphrase, hyphalink } = await before.signUp({ domain: DOMAIN })
    const phone = device('Alice’s phone', webSocket(host.url))
    const shown = next(before, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    await shown

    // Somebody else has just been told of: news of who left waits, and then there are as many as before.
    const visitor = device('A visitor', webSocket(host.url))
    await visitor.open({ hyphalink })
    await until(visitor, () => visitor.getSnapshot().peers.length === 1)
    await before.close()
    const after = device('Alice’s laptop', webSocket(host.url), { storage })
    expect((await next(after, 'authorisation-requested')).nodeName).toBe('Alice’s phone')
  })

  it('a question asked before anybody was there is heard by who comes later', async () => {
    const host = await alwaysOn()
    const laptop = device('Alice’s laptop', webSocket(host.url))
    const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
    const other = await alwaysOn({ hyphas: [hyphalink] })
    const phone = device('Alice’s phone', webSocket(other.url))
    await phone.signIn({ domain: DOMAIN, passphrase })
    await until(phone, () => phone.getSnapshot().peers.length === 1)

    // A third node brings the two always-on nodes' data together; only the writer that comes last can answer.
    const desk = device('Alice’s desk', webSocket(host.url), {
      transports: [webSocket(host.url), webSocket(other.url)],
    })
    laptop.on(
      'authorisation-requested',
      ({ id, nodeName }) => nodeName.includes('desk') && void laptop.authorise(id),
    )
    const asked = new Promise<string>((resolve) =>
      desk.on('authorisation-requested', ({ id, nodeName }) => nodeName.includes('phone') && resolve(id)),
    )
    await desk.signIn({ domain: DOMAIN, passphrase })
    await reached(desk, 'writer')
    await desk.authorise(await asked)
    await reached(phone, 'writer')
    await phone.put('a', 1)
    expect(await arrived(laptop, 'a')).toBe(1)
  })

  it('tells a person, once, that every place is taken', async () => {
    const host = await alwaysOn({ claim: 1 })
    const first = device('first', webSocket(host.url))
    await first.signUp({ domain: DOMAIN })
    await until(first, () => first.getSnapshot().peers.length === 1)
    const second = device('second', webSocket(host.url))
    const errors: HyphaError[] = []
    const told = new Promise<void>((resolve) =>
      second.on('error', (error) => {
        errors.push(error)
        resolve()
      }),
    )
    await second.signUp({ domain: 'bob.example' })
    await told
    expect(errors[0]).toMatchObject({ code: 'CLAIM_REFUSED' })
    expect(second.state).toBe('origin')
  })
})
