import { afterEach, describe, expect, it } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, type HyphaNode, type Transport, tcp, webSocket } from '../../src/index.js'
import { reached, until } from './until.js'

const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()))
})
const DOMAIN = 'alice.example'

const device = (name: string, ...transports: Transport[]): HyphaNode => {
  const node = createNode({ name, transports })
  ends.push(() => node.close())
  return node
}
const presenceOf = (seer: HyphaNode, seen: HyphaNode, writerKey = seen.writerKey) =>
  seer.getSnapshot().nodes.find((node) => node.writerKey === writerKey)?.presence
const sees = (seer: HyphaNode, seen: HyphaNode) =>
  until(seer, () => presenceOf(seer, seen)?.here === true && presenceOf(seer, seen))

/** Laptop, phone and tablet: all of them writers, all by the same always-on node. */
const family = async (host: AlwaysOnNode) => {
  const laptop = device('Laptop', webSocket(host.url))
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
  const phone = device('Phone', webSocket(host.url))
  const tablet = device('Tablet', tcp({ connect: [`127.0.0.1:${host.tcpPort}`] }))
  for (const node of [phone, tablet]) {
    await node.signIn({ domain: DOMAIN, passphrase })
    await reached(node, 'writer')
  }
  return { laptop, phone, tablet }
}

describe('presence', () => {
  it('by a link of its own: there with the link, gone with it', async () => {
    const road = tcp({ listen: '127.0.0.1:0' })
    const laptop = device('Laptop', road)
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    expect(laptop.nodes()[0]?.presence).toEqual({ here: true })
    laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
    const phone = device('Phone', tcp({ connect: [road.listening ?? ''] }))
    await phone.signIn({ domain: DOMAIN, passphrase })
    await reached(phone, 'writer')
    expect(await sees(laptop, phone)).toEqual({ here: true, road: 'tcp', relayed: false })
    expect(await sees(phone, laptop)).toEqual({ here: true, road: 'tcp', relayed: false })

    const { writerKey } = phone
    const before = Date.now()
    await phone.close()
    const gone = await until(laptop, () => {
      const presence = presenceOf(laptop, phone, writerKey)
      return presence?.here === false && presence
    })
    expect(gone.lastSeen).toBeGreaterThanOrEqual(before)
    expect(gone.lastSeen).toBeLessThanOrEqual(Date.now())
  })

  it('through an always-on node: each sees the others, and who says goodbye is gone at once', async () => {
    const host = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
    ends.push(() => host.close())
    const { laptop, phone, tablet } = await family(host)
    const nodes = [laptop, phone, tablet]
    for (const seer of nodes) {
      for (const seen of nodes) {
        const road = seer === tablet ? 'tcp' : 'webSocket'
        const expected = seer === seen ? { here: true } : { here: true, road, relayed: true }
        expect(await sees(seer, seen)).toEqual(expected)
      }
    }
    const { writerKey } = phone
    await phone.close()
    // The tablet is still there: without the goodbye it would take most of a minute.
    await until(laptop, () => presenceOf(laptop, phone, writerKey)?.here === false)
    expect(presenceOf(laptop, tablet)?.here).toBe(true)
    expect(presenceOf(laptop, phone, writerKey)?.lastSeen).toBeTypeOf('number')
  })

  it('through an always-on node that breaks down: nobody is there, and everybody once it is back', async () => {
    const host = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
    ends.push(() => host.close())
    const { laptop, phone, tablet } = await family(host)
    await sees(laptop, phone)
    await laptop.setTransport('webSocket', false)
    expect(presenceOf(laptop, phone)?.here).toBe(false)
    expect(presenceOf(laptop, tablet)?.here).toBe(false)
    await laptop.setTransport('webSocket', true)
    await sees(laptop, phone)
    await sees(laptop, tablet)
  })

  it('is no reason to blame anybody', async () => {
    const host = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
    ends.push(() => host.close())
    const { laptop, phone, tablet } = await family(host)
    const errors: string[] = []
    for (const node of [laptop, phone, tablet]) node.on('error', ({ code }) => errors.push(code))
    // Reads along without the channel's key: it is told of nobody, and hears what it can't open.
    const reader = device('Reader', webSocket(host.url))
    await reader.open({ hyphalink: laptop.hyphalink ?? '' })
    await until(reader, () => reader.nodes().length === 3)
    expect(reader.nodes().map(({ presence }) => presence)).toEqual(Array(3).fill({ here: false }))
    await sees(laptop, tablet)
    expect(errors).toEqual([])
  })
})
