import crypto from 'hypercore-crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../../src/adapters/database/hyperdb-database.js'
import { memoryStorage } from '../../../../src/adapters/storage/memory-storage.js'
import type { Storage } from '../../../../src/index.js'
import { fromHex, toHex } from '../../../../src/protocol/bytes.js'
import {
  authorise,
  errorCode,
  type Hypha,
  link,
  newHypha,
  openNode,
  put,
  type TestNode,
  until,
} from '../nodes.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const open = async (
  hypha: Hypha,
  options: { isOrigin?: boolean; storage?: Storage } = {},
): Promise<TestNode> => {
  const node = await openNode(openDatabase, hypha, options)
  ends.push(() => node.db.close())
  return node
}

const read = (storage: Storage, name: string): Promise<Buffer> =>
  new Promise((resolve) => {
    const file = storage.file(name)
    const more = (bytes: Buffer) =>
      file.read(bytes.length, 1, (error, byte) =>
        error || !byte ? resolve(bytes) : more(Buffer.concat([bytes, byte])),
      )
    more(Buffer.alloc(0))
  })
const write = (storage: Storage, name: string, offset: number, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) =>
    storage.file(name).write(offset, bytes, (error) => (error ? reject(error) : resolve())),
  )
const cut = (storage: Storage, name: string, offset: number): Promise<void> =>
  new Promise((resolve) => storage.file(name).del(offset, Number.POSITIVE_INFINITY, () => resolve()))
const flip = async (storage: Storage, name: string, at: number) => {
  const bytes = await read(storage, name)
  await write(storage, name, at, Uint8Array.of((bytes[at] ?? 0) ^ 16))
}

const folderOf = (writer: string) =>
  `peers/${crypto.discoveryKey(Buffer.from(writer, 'hex')).toString('hex')}`

/** Alice wrote, Bob has it all, and closes. */
const home = async () => {
  const hypha = await newHypha()
  const storage = memoryStorage()
  const alice = await open(hypha, { isOrigin: true })
  const bob = await openNode(openDatabase, hypha, { storage })
  const between = await link(alice, bob)
  await authorise(alice, bob)
  for (let i = 0; i < 20; i++) await alice.db.write([put(`a/${i}`, `the value of ${i}`)])
  await bob.db.write([put('b/0', 'of Bob')])
  await until(() => bob.keys().length === alice.keys().length && alice.keys().includes('b/0'))
  await between.cut()
  await bob.db.close()
  const folder = folderOf(alice.db.localWriter)
  return { hypha, alice, storage, folder, all: alice.keys() }
}
const sorted = (keys: readonly string[]) => [...keys].sort()

describe('what a disk did to a feed of somebody else', () => {
  test('one bit of one block: it is told, what follows waits, and that one block is fetched again', async () => {
    const { hypha, alice, storage, folder, all } = await home()
    const data = await read(storage, `${folder}/data`)
    await flip(storage, `${folder}/data`, data.indexOf('the value of 7'))
    const bob = await open(hypha, { storage })
    expect(bob.errors.map(({ code }) => code)).toEqual(['FEED_CORRUPT'])
    expect(bob.keys()).toContain('a/6')
    expect(bob.keys()).not.toContain('a/7')
    const { b } = await link(alice, bob)
    await until(() => bob.keys().length === all.length)
    expect(sorted(bob.keys())).toEqual(sorted(all))
    expect(b.blocksReceived).toBe(1)
    expect(bob.errors).toHaveLength(1)
    expect((await read(storage, `${folder}/data`)).equals(data)).toBe(true)
  })

  test('found while both are connected: the peer is asked again for what it was not asked for any more', async () => {
    const { hypha, alice, storage, folder, all } = await home()
    const bob = await open(hypha, { storage })
    const { b } = await link(alice, bob)
    await alice.db.write([put('a/last')])
    await until(() => bob.keys().includes('a/last'))
    const data = await read(storage, `${folder}/data`)
    await flip(storage, `${folder}/data`, data.indexOf('the value of 7'))
    const index = bob.db.feeds.indexOf(alice.db.localWriter)
    const { seq } = bob.entries.find(({ key }) => key === 'a/7')!
    const before = b.blocksReceived
    expect(await errorCode(bob.db.readValue(index, seq))).toBe('STORAGE_DAMAGED')
    expect(bob.errors.map(({ code }) => code)).toEqual(['FEED_CORRUPT'])
    await until(() => b.blocksReceived > before)
    await until(() => bob.db.progress.every(({ downloaded, proven }) => downloaded === proven))
    expect(Buffer.from((await bob.db.readValue(index, seq))!).toString()).toBe('the value of 7')
    expect(all.length).toBe(bob.keys().length - 1)
  })

  test('a peer that asks for a damaged block is not cut off, and gets the others', async () => {
    const { hypha, storage, folder, all } = await home()
    // What comes before all the rest is read only by who asks for it.
    const bob = await open(hypha, { storage })
    const data = await read(storage, `${folder}/data`)
    await flip(storage, `${folder}/data`, data.indexOf('the value of 7'))
    const carol = await open(hypha)
    const { ended } = await link(bob, carol)
    await until(() => bob.errors.length > 0 && carol.keys().includes('a/6'))
    expect(await Promise.race([ended.then(() => 'ended'), Promise.resolve('goes on')])).toBe('goes on')
    expect(all).toContain('a/7')
    expect(carol.keys()).not.toContain('a/7')
    expect(carol.errors).toEqual([])
  })

  test.each([
    ['the bitfield gone', 'bitfield', (s: Storage, name: string) => cut(s, name, 0)],
    ['a bit of the bitfield', 'bitfield', (s: Storage, name: string) => flip(s, name, 33)],
    ['a bit of its part about the tree', 'bitfield', (s: Storage, name: string) => flip(s, name, 32 + 1024)],
    ['a bit of its index', 'bitfield', (s: Storage, name: string) => flip(s, name, 32 + 3072)],
    ['a bit of its head', 'bitfield', (s: Storage, name: string) => flip(s, name, 6)],
    ['a leaf of the tree', 'tree', (s: Storage, name: string) => flip(s, name, 32 + 40 * 10 + 3)],
    ['the size in a leaf', 'tree', (s: Storage, name: string) => flip(s, name, 32 + 40 * 10 + 39)],
    ['a node of the tree', 'tree', (s: Storage, name: string) => flip(s, name, 32 + 40 * 11 + 3)],
    ['a top of the tree', 'tree', (s: Storage, name: string) => flip(s, name, 32 + 40 * 15 + 3)],
    ['the key', 'key', (s: Storage, name: string) => flip(s, name, 3)],
    ['the key gone', 'key', (s: Storage, name: string) => cut(s, name, 0)],
  ])('%s: all is there without anybody’s help, and can be handed on', async (_, file, damage) => {
    const { hypha, storage, folder, all } = await home()
    await damage(storage, `${folder}/${file}`)
    const bob = await open(hypha, { storage })
    expect(sorted(bob.keys())).toEqual(sorted(all))
    expect(bob.errors.filter(({ code }) => code !== 'STORAGE_DAMAGED')).toEqual([])
    const carol = await open(hypha)
    await link(bob, carol)
    await until(() => carol.keys().length === all.length)
    await bob.db.close()
    const again = await open(hypha, { storage })
    expect(again.errors).toEqual([])
    expect(again.keys()).toHaveLength(all.length)
  })

  test.each([
    ['the end of the tree', 'tree', 32 + 40 * 12],
    ['all of the tree', 'tree', 0],
    ['the end of the data', 'data', 100],
    ['all of the data', 'data', 0],
    ['all signatures', 'signatures', 0],
  ])('%s: it is told, others are not concerned, and all is fetched again', async (_, file, from) => {
    const { hypha, alice, storage, folder, all } = await home()
    await cut(storage, `${folder}/${file}`, from)
    const bob = await open(hypha, { storage })
    expect(bob.errors.map(({ code }) => code)).toEqual(['FEED_CORRUPT'])
    await link(alice, bob)
    await until(() => bob.keys().length === all.length)
    await alice.db.write([put('a/last')])
    await until(() => bob.keys().includes('a/last'))
    expect(alice.errors).toEqual([])
    expect(bob.errors).toHaveLength(1)
  })
})

describe('what a disk did to the feed that is written here', () => {
  test('one bit of one block: it is fetched again, and writing goes on', async () => {
    const { hypha, alice, storage } = await home()
    const data = await read(storage, 'local/data')
    await flip(storage, 'local/data', data.indexOf('of Bob'))
    const bob = await open(hypha, { storage })
    expect(bob.errors.map(({ code }) => code)).toEqual(['FEED_CORRUPT'])
    await bob.db.write([put('b/1')])
    await link(alice, bob)
    await until(
      () => alice.keys().includes('b/1') && bob.keys().includes('b/0') && bob.keys().includes('b/1'),
    )
    expect(alice.errors).toEqual([])
  })

  test('a bitfield that is gone is made anew, and nothing is written over what peers have', async () => {
    const { hypha, alice, storage, all } = await home()
    await cut(storage, 'local/bitfield', 0)
    const bob = await open(hypha, { storage })
    expect(sorted(bob.keys())).toEqual(sorted(all))
    await bob.db.write([put('b/1')])
    await link(alice, bob)
    await until(() => alice.keys().includes('b/1'))
    expect(alice.errors).toEqual([])
  })
})

test('what a killed process stored of a block without its bits is there again', async () => {
  const hypha = await newHypha()
  const storage = memoryStorage()
  const alice = await openNode(openDatabase, hypha, { isOrigin: true, storage })
  await alice.db.write([put('a')])
  const bits = await read(storage, 'local/bitfield')
  await alice.db.write([put('b')])
  await alice.db.close()
  await write(storage, 'local/bitfield', 0, bits)
  const again = await open(hypha, { storage })
  expect(again.keys()).toEqual(['a', 'b'])
  expect(again.errors).toEqual([])
})

test('the origin’s key changed on disk is no other hypha, and another hypha still is', async () => {
  const { hypha, storage, all } = await home()
  await flip(storage, 'source/key', 5)
  const bob = await open(hypha, { storage })
  expect(bob.keys()).toHaveLength(all.length)
  await bob.db.close()
  const other = await newHypha()
  expect(await errorCode(openNode(openDatabase, other, { storage }))).toBe('STORAGE_OF_ANOTHER_HYPHA')
  expect(toHex(other.hyphalink)).not.toBe(toHex(hypha.hyphalink))
  expect(fromHex(toHex(other.hyphalink), 32)).toBeDefined()
})
