import type { TreeNode } from 'hypercore'
import crypto from 'hypercore-crypto'
import { afterEach, expect, test } from 'vitest'
import { Feed } from '../../../../src/adapters/database/engine.js'
import { fastSodium } from '../../../../src/adapters/database/fast-sodium.js'
import { examineFeed } from '../../../../src/adapters/database/feed-check/examine-feed.js'
import { openFeedFiles } from '../../../../src/adapters/database/feed-check/feed-files.js'
import { StoredBits } from '../../../../src/adapters/database/feed-check/stored-bits.js'
import { openDatabase } from '../../../../src/adapters/database/hyperdb-database.js'
import { promised } from '../../../../src/adapters/database/promised.js'
import { memoryStorage } from '../../../../src/adapters/storage/memory-storage.js'
import type { Storage } from '../../../../src/index.js'
import { between, createRandom } from '../../../../src/testing/random.js'
import { type Hypha, link, newHypha, openNode, put, until } from '../nodes.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Proof = { nodes: TreeNode[]; signature: Buffer | null }

interface Write {
  readonly name: string
  readonly offset: number
  readonly bytes: Uint8Array
}

const writeTo = (storage: Storage, { name, offset, bytes }: Write): Promise<void> =>
  new Promise((resolve, reject) =>
    storage.file(name).write(offset, bytes, (error) => (error ? reject(error) : resolve())),
  )

/** What is under way at a time is stored in any order, as a disk does. `log` is what has been stored, in that order. */
const loggedStorage = (seed: number) => {
  const random = createRandom(seed)
  const storage = memoryStorage()
  const log: Write[] = []
  const underway: (() => void)[] = []
  const storeOne = () => underway.splice(between(random, 0, underway.length - 1), 1)[0]?.()
  const logged: Storage = {
    kind: 'memory',
    file(name) {
      const file = storage.file(name)
      return {
        read: (offset, size, callback) => file.read(offset, size, callback),
        del: (offset, size, callback) => file.del(offset, size, callback),
        close: (callback) => file.close(callback),
        write(offset, bytes, callback) {
          underway.push(() => {
            log.push({ name, offset, bytes: Uint8Array.from(bytes) })
            file.write(offset, bytes, callback)
          })
          setImmediate(storeOne)
        },
      }
    },
    close: () => storage.close(),
  }
  return { logged, log }
}

const KEYS = 34

/** Bob fetches what Alice has, and what she goes on to write, so that blocks come under several signatures. */
const fetched = async (hypha: Hypha, seed: number) => {
  const alice = await openNode(openDatabase, hypha, { isOrigin: true })
  ends.push(() => alice.db.close())
  const write = (from: number, end: number) =>
    alice.db.write(Array.from({ length: end - from }, (_, i) => put(`a/${from + i}`, `of ${from + i}`)))
  await write(0, 13)
  const { logged, log } = loggedStorage(seed)
  const bob = await openNode(openDatabase, hypha, { storage: logged })
  const first = await link(alice, bob)
  await until(() => bob.keys().includes('a/3'))
  await write(13, 17)
  await write(17, 18)
  await until(() => bob.keys().length === 18)
  await first.cut()
  // He comes back to a feed that has grown.
  await write(18, KEYS)
  const second = await link(alice, bob)
  await until(() => bob.keys().length === KEYS)
  await second.cut()
  await bob.db.close()
  return { alice, log }
}

/** A store as the writes so far have left it. */
const createImage = () => {
  const files = new Map<string, Buffer>()
  const apply = ({ name, offset, bytes }: Write) => {
    const old = files.get(name) ?? Buffer.alloc(0)
    const file = Buffer.alloc(Math.max(old.length, offset + bytes.length))
    file.set(old)
    file.set(bytes, offset)
    files.set(name, file)
  }
  const copy = async (folder = '', half?: Write): Promise<Storage> => {
    const storage = memoryStorage()
    for (const [name, bytes] of files)
      if (name.startsWith(folder)) await writeTo(storage, { name, offset: 0, bytes })
    if (half) await writeTo(storage, { ...half, bytes: half.bytes.subarray(0, half.bytes.length >> 1) })
    return storage
  }
  return { apply, copy }
}

test('of a feed’s blocks those that came first are here, though those at its end are not yet', async () => {
  await fastSodium()
  const bytes = (block: number) => Buffer.from(`the value of ${block}`)
  const told: string[] = []
  for (const length of [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 23, 24, 33, 48]) {
    const feed = new Feed(memoryStorage().file, null)
    const isHere = (storage: Storage, ...blocks: number[]) => expectHere(storage, feed, blocks, told)
    const fetch = async (copy: Feed, block: number) => {
      const proof = await promised<Proof>((done) => feed.proof(block, done))
      await promised<void>((done) => copy.put(block, bytes(block), proof, done))
    }
    await promised<number>((done) =>
      feed.append(
        Array.from({ length }, (_, i) => bytes(i)),
        done,
      ),
    )
    const started: { storage: Storage; copy: Feed; block: number }[] = []
    for (const block of new Set([0, length >> 1, length - 1])) {
      const storage = memoryStorage()
      const copy = new Feed(storage.file, feed.key)
      await fetch(copy, block)
      await isHere(storage, block)
      started.push({ storage, copy, block })
    }
    // One of them came before the feed grew, and one after: two signatures prove what is here.
    await promised<number>((done) => feed.append([length, length + 1].map(bytes), done))
    for (const { storage, copy, block } of started) {
      await fetch(copy, length)
      await isHere(storage, block, length)
    }
  }
  expect(told).toEqual([])
})

const expectHere = async (storage: Storage, { key }: Feed, blocks: number[], told: string[]) => {
  const files = openFeedFiles(storage.file)
  const before = await StoredBits.read(files)
  const found = await examineFeed(files, key, 'fetch')
  const after = await StoredBits.read(files)
  const isRight = blocks.every((block) => before.hasBlock(block) && after.hasBlock(block))
  if (!isRight || found.lost || found.isMended) told.push(`${blocks}: ${JSON.stringify(found)}`)
}

test('killed at any moment while it fetches a feed, a device calls nothing damaged, and fetches the rest', async () => {
  const hypha = await newHypha()
  const { alice, log } = await fetched(hypha, 3)
  const key = Buffer.from(alice.db.localWriter, 'hex')
  const folder = `peers/${crypto.discoveryKey(key).toString('hex')}/`
  const image = createImage()
  const kept: Storage[] = []
  const told: string[] = []
  let moments = 0
  const look = async (moment: string, half?: Write): Promise<number> => {
    const storage = await image.copy(folder, half)
    const files = openFeedFiles((name) => storage.file(folder + name))
    const found = await examineFeed(files, key, 'fetch')
    if (found.lost || found.isMended) told.push(`${moment}: ${JSON.stringify(found)}`)
    return found.length
  }
  for (const [at, write] of log.entries()) {
    if (write.name.startsWith(folder)) {
      await look(`before ${at}`)
      await look(`halfway through ${at}, of ${write.name.slice(folder.length)}`, write)
      if (moments++ % 50 === 3) kept.push(await image.copy())
    }
    image.apply(write)
  }
  expect(told).toEqual([])
  expect(moments).toBeGreaterThan(100)
  expect(await look('at the end')).toBe(KEYS + 1)
  for (const storage of kept) {
    const bob = await openNode(openDatabase, hypha, { storage })
    const { cut } = await link(alice, bob)
    await until(() => bob.keys().length === KEYS)
    await cut()
    await bob.db.close()
    expect(bob.errors).toEqual([])
  }
  expect(alice.errors).toEqual([])
})
