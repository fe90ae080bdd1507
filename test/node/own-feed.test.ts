import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
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
  webSocket,
} from '../../src/index.js'
import { arrived, reached, until } from './until.js'

const DOMAIN = 'alice.example'

const ends: Array<() => Promise<void> | void> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hypha-own-feed-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
const alwaysOn = async (): Promise<AlwaysOnNode> => {
  const host = await createAlwaysOnNode({ port: 0, claim: 1 })
  ends.push(() => host.close())
  return host
}
const open = (name: string, folder: string | undefined, transports: readonly Transport[]) => {
  const node = createNode({
    name,
    ...(folder === undefined ? {} : { storage: fileStorage(folder) }),
    transports: [...transports],
  })
  const errors: string[] = []
  node.on('error', ({ code }) => errors.push(code))
  ends.push(() => node.close())
  return { node, errors }
}
type Device = ReturnType<typeof open>
/** A node on a folder. Without a host it has no road to anybody. */
const device = (name: string, folder?: string, host?: AlwaysOnNode): Device =>
  open(name, folder, host ? [webSocket(host.url)] : [])
const held = (node: HyphaNode) => until(node, () => node.getSnapshot().heldBy > 0)
const mended = (node: HyphaNode) => until(node, () => node.getSnapshot().mending === undefined)
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

/** A laptop that writes n/1, is backed up, writes n/2 which the host has, and is set back to the backup. */
const setBack = async () => {
  const host = await alwaysOn()
  const folder = newFolder()
  const before = device('Laptop', folder, host).node
  const { passphrase } = await before.signUp({ domain: DOMAIN })
  await before.put('n/1', 'before the backup')
  await held(before)
  await before.close()
  const backup = copyOf(folder)
  const after = device('Laptop', folder, host).node
  await reached(after, 'origin')
  await after.put('n/2', 'after the backup')
  await held(after)
  await after.close()
  return { host, passphrase, backup }
}

describe('a node whose storage was set back to a backup', () => {
  it('gets back what it lost from an always-on node, and what it writes then reaches others', async () => {
    const { host, passphrase, backup } = await setBack()
    const { node: laptop, errors } = device('Laptop', backup, host)
    await reached(laptop, 'origin')
    expect(await arrived(laptop, 'n/2')).toBe('after the backup')
    await mended(laptop)
    expect(errors).toEqual(['FEED_BEHIND'])
    expect(laptop.getSnapshot().problem).toBeUndefined()
    await laptop.put('n/3', 'written after the restore')
    await held(laptop)

    const phone = device('Phone', undefined, host).node
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    expect(await arrived(phone, 'n/3')).toBe('written after the restore')
    expect(await contents(phone)).toEqual(await contents(laptop))
  })

  it('writes again what it wrote before it met anybody, after what it had lost', async () => {
    const { host, passphrase, backup } = await setBack()
    const alone = device('Laptop', backup).node
    await reached(alone, 'origin')
    await alone.put('n/2', 'newer')
    await alone.batch([
      { type: 'put', key: 'n/3', value: 3 },
      { type: 'put', key: 'n/4', value: 'x'.repeat(20_000), public: true },
      { type: 'del', key: 'n/1' },
    ])
    await alone.close()

    const laptop = device('Laptop', backup, host).node
    await reached(laptop, 'origin')
    await until(laptop, () => laptop.getSnapshot().mending)
    await mended(laptop)
    await held(laptop)
    const all = { 'n/2': 'newer', 'n/3': 3, 'n/4': 'x'.repeat(20_000) }
    expect(await contents(laptop)).toEqual(all)
    const phone = device('Phone', undefined, host).node
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await arrived(phone, 'n/4')
    await until(phone, () => phone.getSnapshot().sync.complete)
    expect(await contents(phone)).toEqual(all)

    // And all of it is there the next time, without anybody.
    await laptop.close()
    const again = device('Laptop', backup).node
    await reached(again, 'origin')
    expect(await contents(again)).toEqual(all)
    expect(again.getSnapshot().mending).toBeUndefined()
  })
})

/** The folder of the one hypha in a node's folder. */
const hyphaIn = (folder: string): string => {
  const hyphas = join(folder, 'files', 'hypha')
  return join(hyphas, readdirSync(hyphas)[0] ?? '')
}

const FEED_FILES = ['bitfield', 'tree', 'data', 'signatures'] as const

describe('a node that finds by itself that its own feed is shorter than it was', () => {
  /** A laptop whose feed the host has, and whose disk has lost some of the feed's files, or the ends of them. */
  const damaged = async (names: readonly string[], leave: (bytes: number) => number) => {
    const host = await alwaysOn()
    const folder = newFolder()
    const before = device('Laptop', folder, host).node
    const { passphrase } = await before.signUp({ domain: DOMAIN })
    for (const n of [1, 2, 3]) await before.put(`n/${n}`, n)
    await held(before)
    await before.close()
    for (const name of names) {
      const path = join(hyphaIn(folder), 'local', name)
      truncateSync(path, leave(statSync(path).size))
    }
    return { host, passphrase, folder }
  }

  it('keeps what is put meanwhile, reads it at once, and writes it after what it gets back', async () => {
    const { host, passphrase, folder } = await damaged(FEED_FILES, () => 0)
    const { node: alone, errors } = device('Laptop', folder)
    await reached(alone, 'origin')
    expect(errors).toEqual(['FEED_BEHIND'])
    const { mending, heldBy, sync, problem } = alone.getSnapshot()
    expect(mending).toEqual({ reason: 'behind', have: 0, need: 5 })
    expect([heldBy, sync.complete, problem?.code]).toEqual([0, false, 'FEED_BEHIND'])
    const heard: unknown[] = []
    alone.watch('', ({ key, value }) => heard.push([key, value]))
    await alone.put('n/3', 'newer')
    await alone.batch([
      { type: 'put', key: 'n/4', value: 4 },
      { type: 'put', key: 'large', value: 'x'.repeat(100_000), public: true },
      { type: 'put', key: 'gone', value: 1 },
    ])
    await alone.del('gone')
    const kept = { 'n/3': 'newer', 'n/4': 4, large: 'x'.repeat(100_000) }
    expect(await contents(alone)).toEqual(kept)
    expect(heard.slice(0, 2)).toEqual([
      ['n/3', 'newer'],
      ['n/4', 4],
    ])

    // As after a kill: nothing was closed.
    const killed = device('Laptop', copyOf(folder)).node
    await reached(killed, 'origin')
    expect(await contents(killed)).toEqual(kept)
    await alone.close()

    const laptop = device('Laptop', folder, host).node
    await reached(laptop, 'origin')
    const told: string[] = []
    laptop.watch('', ({ key }) => told.push(key))
    await mended(laptop)
    await held(laptop)
    const all = { ...kept, 'n/1': 1, 'n/2': 2 }
    expect(await contents(laptop)).toEqual(all)
    expect(told).toEqual(['n/1', 'n/2'])
    expect(laptop.getSnapshot().problem).toBeUndefined()
    const phone = device('Phone', undefined, host).node
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await arrived(phone, 'n/4')
    await until(phone, () => phone.getSnapshot().sync.complete)
    expect(await contents(phone)).toEqual(all)
  })

  const losses: readonly [string, readonly string[], (bytes: number) => number][] = [
    ...FEED_FILES.map((name): [string, string[], () => number] => [`all of its ${name}`, [name], () => 0]),
    ...FEED_FILES.map((name): [string, string[], (bytes: number) => number] => [
      `the end of its ${name}`,
      [name],
      (bytes) => bytes - 30,
    ]),
    ['the ends of all its files', FEED_FILES, (bytes) => bytes - 30],
  ]
  for (const [what, names, leave] of losses) {
    it(`has lost ${what}, and is whole again with others`, async () => {
      const { host, passphrase, folder } = await damaged(names, leave)
      const laptop = device('Laptop', folder, host).node
      await reached(laptop, 'origin')
      await laptop.put('n/3', 'newer')
      await mended(laptop)
      await laptop.put('n/4', 4)
      await held(laptop)
      const phone = device('Phone', undefined, host).node
      await phone.signIn({ domain: DOMAIN, passphrase, request: false })
      await arrived(phone, 'n/4')
      await until(phone, () => phone.getSnapshot().sync.complete)
      const all = { 'n/1': 1, 'n/2': 2, 'n/3': 'newer', 'n/4': 4 }
      for (const node of [phone, laptop]) {
        await arrived(node, 'n/1')
        expect(await contents(node)).toEqual(all)
      }
    })
  }

  for (const name of ['bitfield', 'signatures'] as const) {
    it(`has lost its ${name}, and needs nobody for it`, async () => {
      const { folder } = await damaged([name], () => 0)
      const laptop = device('Laptop', folder).node
      await reached(laptop, 'origin')
      expect(laptop.getSnapshot().mending).toBeUndefined()
      expect(await contents(laptop)).toEqual({ 'n/1': 1, 'n/2': 2, 'n/3': 3 })
    })
  }
})

describe('a node whose record of its own feed is damaged, both copies of it', () => {
  const damage = (folder: string) => {
    for (const slot of ['0', '1']) {
      const path = join(hyphaIn(folder), 'own', 'record', slot)
      writeFileSync(path, Buffer.alloc(statSync(path).size, 0xa5))
    }
  }

  it('finds its feed in the folder that it had moved to, and says so', async () => {
    const { host, passphrase, backup } = await setBack()
    const first = device('Laptop', backup, host).node
    await reached(first, 'origin')
    await until(first, () => first.getSnapshot().mending)
    await mended(first)
    await first.put('n/3', 3)
    await held(first)
    await first.close()
    damage(backup)

    const { node: alone, errors } = device('Laptop', backup)
    await reached(alone, 'origin')
    expect(errors).toEqual(['STORAGE_DAMAGED'])
    const before = { 'n/1': 'before the backup', 'n/2': 'after the backup', 'n/3': 3 }
    expect(await contents(alone)).toEqual(before)
    await alone.put('n/4', 4)
    await alone.close()

    const { node: laptop, errors: then } = device('Laptop', backup, host)
    await reached(laptop, 'origin')
    await held(laptop)
    expect(then).toEqual([])
    const phone = device('Phone', undefined, host).node
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await arrived(phone, 'n/4')
    expect(await contents(phone)).toEqual({ ...before, 'n/4': 4 })
  })

  it('keeps what waits in its journal, and writes it once it may', async () => {
    const host = await alwaysOn()
    const folder = newFolder()
    const before = device('Laptop', folder, host).node
    await before.signUp({ domain: DOMAIN })
    await before.put('n/1', 1)
    await held(before)
    await before.close()
    for (const name of FEED_FILES) truncateSync(join(hyphaIn(folder), 'local', name), 0)
    const alone = device('Laptop', folder).node
    await reached(alone, 'origin')
    expect(alone.getSnapshot().mending?.reason).toBe('behind')
    await alone.put('n/2', 2)
    await alone.close()
    damage(folder)

    // An empty feed is not taken for a new one.
    const { node: still, errors } = device('Laptop', folder)
    await reached(still, 'origin')
    expect(still.getSnapshot().mending?.reason).toBe('damaged')
    expect(errors).toContain('STORAGE_DAMAGED')
    await still.put('n/3', 3)
    await still.close()
    const laptop = device('Laptop', folder, host).node
    await reached(laptop, 'origin')
    await mended(laptop)
    await held(laptop)
    expect(await contents(laptop)).toEqual({ 'n/1': 1, 'n/2': 2, 'n/3': 3 })
  })
})

describe('a feed with two branches, which have both reached others', () => {
  it('costs nobody else anything, and is put together by its writer', async () => {
    const host = await alwaysOn()
    const network = createMemoryNetwork()
    const near = () => memoryTransport(network)
    const far = () => webSocket(host.url)
    const [folder, phones] = [newFolder(), newFolder()]
    const before = open('Laptop', folder, [far()])
    const { passphrase } = await before.node.signUp({ domain: DOMAIN })
    before.node.on('authorisation-requested', ({ id }) => void before.node.authorise(id))
    await before.node.put('n/1', 1)
    const admitted = open('Phone', phones, [far()])
    await admitted.node.signIn({ domain: DOMAIN, passphrase })
    await reached(admitted.node, 'writer')
    await arrived(admitted.node, 'n/1')
    await held(before.node)
    await held(admitted.node)
    await admitted.node.close()
    await before.node.close()
    const backup = copyOf(folder)
    const after = open('Laptop', folder, [far()])
    await reached(after.node, 'origin')
    for (const n of [2, 3, 4]) await after.node.put(`n/${n}`, n)
    await held(after.node)
    await after.node.close()

    // Set back, it meets the phone alone, which does not know better.
    const astray = open('Laptop', backup, [near()])
    const misled = open('Phone', phones, [near()])
    await Promise.all([reached(astray.node, 'origin'), reached(misled.node, 'writer')])
    await astray.node.put('x', 'astray')
    expect(await arrived(misled.node, 'x')).toBe('astray')
    await astray.node.close()
    await misled.node.close()

    const phone = open('Phone', phones, [near(), far()])
    await reached(phone.node, 'writer')
    await until(phone.node, () => phone.errors.includes('FEED_FORKED'))
    await phone.node.put('p', 'from the phone')
    await held(phone.node)
    const tablet = device('Tablet', undefined, host)
    await tablet.node.signIn({ domain: DOMAIN, passphrase, request: false })
    expect(await arrived(tablet.node, 'p')).toBe('from the phone')
    await arrived(tablet.node, 'n/4')
    await until(tablet.node, () => tablet.node.getSnapshot().sync.complete)

    const laptop = open('Laptop', backup, [near(), far()])
    await reached(laptop.node, 'origin')
    const all = { 'n/1': 1, 'n/2': 2, 'n/3': 3, 'n/4': 4, p: 'from the phone', x: 'astray' }
    for (const { node } of [laptop, phone, tablet]) {
      for (const key of Object.keys(all)) await arrived(node, key)
      expect(await contents(node)).toEqual(all)
    }
    await laptop.node.put('n/5', 5)
    for (const { node } of [phone, tablet]) expect(await arrived(node, 'n/5')).toBe(5)
    await held(laptop.node)
    for (const { errors } of [laptop, phone, tablet]) {
      expect(errors).not.toContain('PEER_MISBEHAVED')
      expect(errors.filter((code) => code === 'FEED_BEHIND').length).toBeLessThan(3)
    }
  })
})
