import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, fileStorage, type HyphaNode, webSocket } from '../../src/index.js'
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
/** A node on a folder. Without a host it has no road to anybody. */
const device = (name: string, folder?: string, host?: AlwaysOnNode) => {
  const node = createNode({
    name,
    ...(folder === undefined ? {} : { storage: fileStorage(folder) }),
    transports: host ? [webSocket(host.url)] : [],
  })
  const errors: string[] = []
  node.on('error', ({ code }) => errors.push(code))
  ends.push(() => node.close())
  return { node, errors }
}
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
