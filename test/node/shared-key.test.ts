import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import {
  createMemoryNetwork,
  createNode,
  fileStorage,
  type HyphaNode,
  memoryTransport,
  type Transport,
  tcp,
  webSocket,
} from '../../src/index.js'
import { freePort } from '../adapters/transport/pairs.js'
import { arrived, next, reached, until } from './until.js'

const DOMAIN = 'alice.example'

const ends: Array<() => Promise<void> | void> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hypha-shared-key-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
const alwaysOn = async (): Promise<AlwaysOnNode> => {
  const host = await createAlwaysOnNode({ port: 0, claim: 1 })
  ends.push(() => host.close())
  return host
}
const open = (name: string, folder: string | undefined, transports: readonly Transport[] = []) => {
  const node = createNode({
    name,
    ...(folder === undefined ? {} : { storage: fileStorage(folder) }),
    transports: [...transports],
  })
  /** What it said of its key, in order. */
  const said: string[] = []
  const codes: string[] = []
  node.on('error', ({ code, reason }) => {
    codes.push(code)
    if (code === 'WRITER_SHARED') said.push(String(reason))
  })
  ends.push(() => node.close())
  return { node, said, codes }
}
type Device = ReturnType<typeof open>

const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000) + 5))
const copyOf = (from: string): string => {
  const to = join(newFolder(), 'copy')
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('/lock') })
  return to
}
const contents = async (node: HyphaNode) => {
  const found: Record<string, unknown> = {}
  for await (const { key, value } of node.entries()) found[key] = value
  return found
}
const has = async (node: HyphaNode, all: Record<string, unknown>) => {
  for (const key of Object.keys(all)) await arrived(node, key)
  expect(await contents(node)).toEqual(all)
}
const isSaid = ({ node, said }: Device, what: string) => until(node, () => said.includes(what))

/** A laptop that has signed up and written n/0, closed again, and what a copy of its folder is. */
const copied = async (roads: readonly Transport[] = []) => {
  const folder = newFolder()
  const { node } = open('Laptop', folder, roads)
  const { passphrase } = await node.signUp({ domain: DOMAIN })
  const writerKey = node.writerKey ?? ''
  await node.put('n/0', 0)
  if (roads.length > 0) await until(node, () => node.getSnapshot().heldBy > 0)
  await node.close()
  return { folder, copy: copyOf(folder), passphrase, writerKey }
}

/** Which of two keeps the key, and which one is let in again. */
const decided = async (one: Device, other: Device) => {
  const keeper = await Promise.race([
    isSaid(one, 'keeps').then(() => one),
    isSaid(other, 'keeps').then(() => other),
  ])
  const loser = keeper === one ? other : one
  await isSaid(loser, 'changed')
  await reached(loser.node, 'awaitingAuthorisation')
  return { keeper, loser }
}

const isAsked = ({ node }: Device) => until(node, () => node.requests()[0])
/** Says yes on the one that keeps the key. */
const letIn = async (keeper: Device, loser: Device) => {
  const { id, writerKey } = await isAsked(keeper)
  expect(writerKey).toBe(loser.node.writerKey)
  const authorised = next(loser.node, 'authorised')
  await keeper.node.authorise(id)
  await authorised
}

describe('two nodes that write with one key, because a folder was copied', () => {
  const roads: readonly [string, () => Promise<readonly [Transport, Transport]>][] = [
    [
      'in one process',
      async () => {
        const network = createMemoryNetwork()
        return [memoryTransport(network), memoryTransport(network)]
      },
    ],
    [
      'over TCP',
      async () => {
        const address = `127.0.0.1:${await freePort()}`
        return [tcp({ listen: address }), tcp({ connect: [address] })]
      },
    ],
  ]

  for (const [how, make] of roads) {
    it(`meet directly, ${how}: one keeps it, the other gets a new one and asks to be let in`, async () => {
      const { folder, copy, writerKey } = await copied()
      // Both write before they meet.
      const [laptop, twin] = [open('Laptop', folder), open('Copy', copy)]
      await Promise.all([reached(laptop.node, 'origin'), reached(twin.node, 'origin')])
      for (const [{ node }, name] of [
        [laptop, 'a'],
        [twin, 'b'],
      ] as const) {
        await node.put(name, 1)
        await node.put('both', name)
        await node.put(name, 2)
        await node.batch([
          { type: 'put', key: `${name}/1`, value: 'x'.repeat(20_000), public: true },
          { type: 'put', key: `${name}/2`, value: 2 },
        ])
        await node.del(`${name}/2`)
        await node.close()
      }

      const [here, there] = await make()
      const [one, other] = [open('Laptop', folder, [here]), open('Copy', copy, [there])]
      const { keeper, loser } = await decided(one, other)
      expect(keeper.said).toEqual(['keeps'])
      expect(loser.said).toEqual(['yields', 'changed'])
      expect(keeper.node.state).toBe('origin')
      expect(keeper.node.writerKey).toBe(writerKey)
      expect(loser.node.writerKey).not.toBe(writerKey)
      expect(loser.node.getSnapshot().problem?.code).toBe('WRITER_SHARED')
      // What it wrote is there all the time, beside what the other one wrote, which has nothing of it yet.
      const [mine, theirs] = loser === one ? ['a', 'b'] : ['b', 'a']
      const long = 'x'.repeat(20_000)
      const all = { 'n/0': 0, a: 2, b: 2, both: mine, 'a/1': long, 'b/1': long }
      expect(await contents(loser.node)).toEqual(all)
      expect(await contents(keeper.node)).toEqual({
        'n/0': 0,
        [theirs]: 2,
        both: theirs,
        [`${theirs}/1`]: long,
      })
      await expect(loser.node.put('x', 1)).rejects.toMatchObject({ code: 'NOT_A_WRITER' })

      // It is the same device with the same question after a restart.
      const { writerKey: changed } = loser.node
      await loser.node.close()
      const again = open('Laptop', loser === one ? folder : copy, [loser === one ? here : there])
      await reached(again.node, 'awaitingAuthorisation')
      expect(again.node.writerKey).toBe(changed)
      expect(again.said).toEqual(['changed'])
      expect(await contents(again.node)).toEqual(all)

      await letIn(keeper, again)
      await again.node.put('c', 3)
      await keeper.node.put('d', 4)
      for (const { node } of [keeper, again]) await has(node, { ...all, c: 3, d: 4 })
      for (const { node } of [keeper, again]) expect(node.getSnapshot().problem).toBeUndefined()
      expect(again.node.state).toBe('writer')
    })
  }

  it('meet through an always-on node alone, and nothing that either wrote is lost', async () => {
    const host = await alwaysOn()
    const road = () => webSocket(host.url)
    const { folder, copy, passphrase } = await copied([road()])
    const [one, other] = [open('Laptop', folder, [road()]), open('Copy', copy, [road()])]
    await Promise.all([reached(one.node, 'origin'), reached(other.node, 'origin')])
    await Promise.all([one.node.put('a', 1), other.node.put('b', 2)])
    await Promise.all([one.node.put('c', 3), other.node.put('d', 4)])
    const { keeper, loser } = await decided(one, other)
    expect(keeper.node.state).toBe('origin')
    await letIn(keeper, loser)
    await loser.node.put('e', 5)
    const all = { 'n/0': 0, a: 1, b: 2, c: 3, d: 4, e: 5 }
    for (const { node } of [one, other]) await has(node, all)
    const phone = open('Phone', undefined, [road()]).node
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await has(phone, all)
    await until(phone, () => phone.getSnapshot().sync.complete)
  })

  it('keep whom the one that lets the key go has let in', async () => {
    const { folder, copy, passphrase } = await copied()
    const network = createMemoryNetwork()
    const apart = open('Laptop', folder, [memoryTransport(network)])
    await reached(apart.node, 'origin')
    const phones = newFolder()
    const phone = open('Phone', phones, [memoryTransport(network)])
    await phone.node.signIn({ domain: DOMAIN, passphrase })
    await letIn(apart, phone)
    await phone.node.put('p', 1)
    await arrived(apart.node, 'p')
    await apart.node.close()
    await phone.node.close()

    const roads = createMemoryNetwork()
    const keeper = open('Copy', copy, [memoryTransport(roads)])
    await reached(keeper.node, 'origin')
    // Of two that began in one second chance decides.
    await nextSecond()
    const loser = open('Laptop', folder, [memoryTransport(roads)])
    await isSaid(loser, 'changed')
    await letIn(keeper, loser)
    await until(keeper.node, () => keeper.node.nodes().some(({ name }) => name === 'Phone'))
    await loser.node.put('r', 3)
    await loser.node.put('p2', 'from the loser')
    expect(await arrived(keeper.node, 'p2')).toBe('from the loser')
    // It has the branch that was given up, and brings it back: where the loser was let in stands elsewhere then.
    const back = open('Phone', phones, [memoryTransport(roads)])
    await reached(back.node, 'writer')
    await back.node.put('q', 2)
    const all = { 'n/0': 0, p: 1, q: 2, r: 3, p2: 'from the loser' }
    for (const each of [keeper, loser, back]) {
      await until(each.node, () => each.node.nodes().length === 3)
      await has(each.node, all)
    }
    // Nor does a restart change it, or write more.
    for (const each of [keeper, loser]) await each.node.close()
    const again = open('Laptop', folder)
    await reached(again.node, 'writer')
    expect(await contents(again.node)).toEqual(all)
  })

  it('have their own keys also where the record of it is damaged', async () => {
    const { folder, copy } = await copied()
    const network = createMemoryNetwork()
    const keeper = open('Laptop', folder, [memoryTransport(network)])
    await reached(keeper.node, 'origin')
    await nextSecond()
    const apart = open('Copy', copy)
    await reached(apart.node, 'origin')
    await apart.node.put('b', 2)
    await apart.node.close()
    const before = open('Copy', copy, [memoryTransport(network)])
    await isSaid(before, 'changed')
    await reached(before.node, 'awaitingAuthorisation')
    const { writerKey } = before.node
    await before.node.close()
    const hyphas = join(copy, 'files', 'hypha')
    const record = join(hyphas, readdirSync(hyphas)[0] ?? '', 'own', 'record')
    for (const slot of ['0', '1']) writeFileSync(join(record, slot), Buffer.alloc(100, 0xa5))

    const loser = open('Copy', copy, [memoryTransport(network)])
    await reached(loser.node, 'awaitingAuthorisation')
    expect(loser.codes).toContain('STORAGE_DAMAGED')
    expect(loser.node.writerKey).toBe(writerKey)
    expect(await loser.node.get('b')).toBe(2)
    await letIn(keeper, loser)
    for (const { node } of [keeper, loser]) expect(await arrived(node, 'b')).toBe(2)
  })

  it('may be more than two: one keeps it, and each of the others has one of its own', async () => {
    const { folder, copy, writerKey } = await copied()
    const third = copyOf(folder)
    const network = createMemoryNetwork()
    const devices = [folder, copy, third].map((each, i) =>
      open(`Device ${i}`, each, [memoryTransport(network)]),
    )
    for (const { node } of devices)
      node.on('authorisation-requested', ({ id }) => {
        // One that lets its own key go lets nobody in.
        node.authorise(id).catch(() => {})
      })
    await Promise.all(
      devices.map(async ({ node }, i) => {
        await reached(node, 'origin')
        // What is refused is not acknowledged.
        await node.put(`from/${i}`, i).catch(() => {})
      }),
    )
    // One in the middle keeps it at first, and meets the one that does later.
    const admitted = new Map(devices.map((each) => [each, reached(each.node, 'writer').then(() => each)]))
    for (let left = 2; left > 0; left--) admitted.delete(await Promise.race(admitted.values()))
    const [keeper = devices[0] as Device] = admitted.keys()
    await until(keeper.node, () => new Set(keeper.node.nodes().map((node) => node.writerKey)).size === 3)
    expect(devices.filter(({ node }) => node.state === 'origin')).toHaveLength(1)
    expect(devices.filter(({ node }) => node.writerKey === writerKey)).toHaveLength(1)
    expect(new Set(devices.map(({ node }) => node.writerKey)).size).toBe(3)
  })

  it('are told apart though neither may write yet: one of them has another key, and asks with that', async () => {
    const { folder, passphrase } = await copied()
    const waiting = newFolder()
    const before = open('Phone', waiting)
    await before.node.signIn({ domain: DOMAIN, passphrase })
    await reached(before.node, 'awaitingAuthorisation')
    await before.node.close()
    const copy = copyOf(waiting)
    const network = createMemoryNetwork()
    const [one, other] = [waiting, copy].map((each) => open('Phone', each, [memoryTransport(network)])) as [
      Device,
      Device,
    ]
    await Promise.race([isSaid(one, 'changed'), isSaid(other, 'changed')])
    const laptop = open('Laptop', folder, [memoryTransport(network)])
    await until(laptop.node, () => laptop.node.requests().length === 2)
    for (const { id } of laptop.node.requests()) await laptop.node.authorise(id)
    await Promise.all([reached(one.node, 'writer'), reached(other.node, 'writer')])
    expect(one.node.writerKey).not.toBe(other.node.writerKey)
  })
})
