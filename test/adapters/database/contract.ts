import libsodium from 'libsodium-wrappers'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import { fromHex, fromUtf8, toHex, utf8 } from '../../../src/protocol/bytes.js'
import { MAX_BATCH_ENTRIES, MAX_KEY_BYTES } from '../../../src/protocol/limits.js'
import {
  authorise,
  errorCode,
  type Hypha,
  link,
  newHypha,
  type OpenDatabase,
  openNode,
  put,
  recordOf,
  type TestNode,
  until,
} from './nodes.js'

/** What any implementation of Database must do. Two of its databases replicate over sockets. */
export const databaseContract = (name: string, open: OpenDatabase): void => {
  describe(`${name} keeps the contract of a database`, () => {
    const nodes: TestNode[] = []
    const node = async (hypha: Hypha, options = {}) => {
      const opened = await openNode(open, hypha, options)
      nodes.push(opened)
      return opened
    }
    afterEach(async () => {
      await Promise.all(nodes.splice(0).map(({ db }) => db.close()))
    })

    test("Alice signs up: her node's random writer may write at once, and the origin never does", async () => {
      const hypha = await newHypha()
      const alice = await node(hypha, { isOrigin: true })
      expect(alice.db.feeds[0]).toBe(toHex(hypha.hyphalink))
      expect(alice.db.localWriter).not.toBe(alice.db.feeds[0])
      expect(alice.db.isAuthorised(alice.db.localWriter)).toBe(true)
      await alice.db.write([put('tea', 'green')])
      expect(alice.entries.at(-1)).toMatchObject({
        feed: alice.db.feeds.indexOf(alice.db.localWriter),
        key: 'tea',
        value: utf8('green'),
        deleted: false,
      })
      expect(alice.entries.filter(({ feed }) => feed === 0)).toHaveLength(1)
      expect(alice.db.progress[0]).toMatchObject({ folded: 2, downloaded: 2, proven: 2 })
    })

    test('a write is delivered before it resolves, and deletions carry a value', async () => {
      const alice = await node(await newHypha(), { isOrigin: true })
      await alice.db.write([{ type: 'del', key: 'tea', value: utf8('why') }])
      expect(alice.entries.at(-1)).toMatchObject({ key: 'tea', deleted: true, value: utf8('why') })
      await alice.db.write([])
      await Promise.all(['a', 'b', 'c'].map((key) => alice.db.write([put(key)])))
      expect(alice.keys()).toEqual(['tea', 'a', 'b', 'c'])
    })

    test('a batch is one run of entries, each in the causal past of the next', async () => {
      const alice = await node(await newHypha(), { isOrigin: true })
      await alice.db.write([put('before')])
      await alice.db.write(Array.from({ length: 500 }, (_, i) => put(`key/${i}`, `value ${i}`)))
      const local = alice.db.feeds.indexOf(alice.db.localWriter)
      const run = alice.entries.filter(({ key }) => key.startsWith('key/'))
      expect(run.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, i) => i + 2))
      expect(run.every(({ clock, seq }) => clock[local] === seq + 1 && clock[0] === 2)).toBe(true)
    })

    test('what could not be stored or sent is refused', async () => {
      const alice = await node(await newHypha(), { isOrigin: true })
      expect(await errorCode(alice.db.write([put('k'.repeat(MAX_KEY_BYTES + 1))]))).toBe('KEY_INVALID')
      expect(await errorCode(alice.db.write([put('k', 'v'.repeat(2 ** 21))]))).toBe('VALUE_TOO_LARGE')
      const many = Array.from({ length: MAX_BATCH_ENTRIES + 1 }, () => put('k'))
      expect(await errorCode(alice.db.write(many))).toBe('BATCH_TOO_LARGE')
      await alice.db.write([put('k'.repeat(MAX_KEY_BYTES), 'v'.repeat(2 ** 20))])
      expect(alice.entries.at(-1)?.value).toHaveLength(2 ** 20)
    })

    test('opened again, it delivers all its history once, and goes on as the same writer', async () => {
      const hypha = await newHypha()
      const storage = memoryStorage()
      const before = await node(hypha, { isOrigin: true, storage })
      for (let i = 0; i < 20; i++) await before.db.write([put(`${i}`, `${i}`)])
      const writer = before.db.localWriter
      await before.db.close()
      const after = await node(hypha, { storage })
      expect(after.db.localWriter).toBe(writer)
      expect(after.entries).toEqual(before.entries)
      await after.db.write([put('more')])
      expect(after.keys()).toEqual([...before.keys(), 'more'])
      expect(after.errors).toEqual([])
    })

    test('a storage that holds another hypha is not touched', async () => {
      const storage = memoryStorage()
      const alice = await node(await newHypha(), { isOrigin: true, storage })
      await alice.db.close()
      const other = await newHypha()
      expect(await errorCode(openNode(open, other, { storage }))).toBe('STORAGE_OF_ANOTHER_HYPHA')
      expect(await errorCode(openNode(open, { ...other, hyphalink: new Uint8Array(32) }))).toBe(
        'HYPHALINK_INVALID',
      )
    })

    test('a reader may not write; authorised over a socket it may, and both have the same history', async () => {
      const hypha = await newHypha()
      const alice = await node(hypha, { isOrigin: true })
      await alice.db.write([put('first')])
      const bob = await node(hypha)
      expect(bob.entries).toEqual([])
      expect(await errorCode(bob.db.write([put('mine')]))).toBe('NOT_A_WRITER')
      expect(await errorCode(bob.db.authorise(fromHex(alice.db.localWriter, 32)!, put('x')))).toBe(
        'NOT_A_WRITER',
      )
      await link(alice, bob)
      await until(() => bob.keys().includes('first'))
      expect(bob.db.isAuthorised(bob.db.localWriter)).toBe(false)
      await authorise(alice, bob)
      await bob.db.write([put('mine')])
      await until(() => alice.keys().includes('mine'))
      expect(bob.keys()).toEqual(alice.keys())
      expect([...alice.errors, ...bob.errors]).toEqual([])
    })

    test('an authorisation and its record are one entry', async () => {
      const hypha = await newHypha()
      const alice = await node(hypha, { isOrigin: true })
      const bob = await node(hypha)
      const before = alice.entries.length
      await alice.db.authorise(
        fromHex(bob.db.localWriter, 32)!,
        recordOf(bob.db.localWriter, alice.db.localWriter),
      )
      expect(alice.entries).toHaveLength(before + 1)
      const { key, authorised } = alice.entries.at(-1)!
      expect(key).toBe(`.hypha/nodes/${bob.db.localWriter}/${alice.db.localWriter}`)
      expect(authorised.map((feed) => alice.db.feeds[feed])).toContain(bob.db.localWriter)
      // Once more is another record, no other feed.
      await alice.db.authorise(fromHex(bob.db.localWriter, 32)!, put('again'))
      expect(alice.db.feeds).toHaveLength(3)
    })

    test('keys that are none are never authorised', async () => {
      const hypha = await newHypha()
      const alice = await node(hypha, { isOrigin: true })
      const off = new Uint8Array(32).fill(2)
      const smallOrder = new Uint8Array(32)
      smallOrder[0] = 1
      for (const key of [
        new Uint8Array(0),
        new Uint8Array(31).fill(7),
        new Uint8Array(33).fill(7),
        new Uint8Array(1024 * 1024),
        new Uint8Array(32),
        smallOrder,
        off,
        hypha.hyphalink,
      ]) {
        expect(await errorCode(alice.db.authorise(key, put('x')))).toBe('WRITER_KEY_INVALID')
      }
      expect(alice.db.feeds).toHaveLength(2)
      // Its own key, and one that is authorised already, do no harm.
      await alice.db.authorise(fromHex(alice.db.localWriter, 32)!, put('self'))
      await alice.db.write([put('still')])
      expect(alice.keys()).toEqual(['self', 'still'])
    })

    test('Alice and Bob sync through a node that may not write, also when they never meet', async () => {
      const hypha = await newHypha()
      const alice = await node(hypha, { isOrigin: true })
      const middle = await node(hypha)
      const bob = await node(hypha)
      await link(alice, middle)
      const toBob = await link(middle, bob)
      await authorise(alice, bob)
      await Promise.all([alice.db.write([put('from alice')]), bob.db.write([put('from bob')])])
      await until(() => [alice, middle, bob].every((one) => one.keys().length === 3))
      await toBob.cut()
      await alice.db.write([put('while away')])
      await until(() => middle.keys().includes('while away'))
      await link(middle, bob)
      await until(() => bob.keys().includes('while away'))
      expect(middle.db.isAuthorised(middle.db.localWriter)).toBe(false)
    })

    test('a value can be read again, what is not there answers undefined', async () => {
      const alice = await node(await newHypha(), { isOrigin: true })
      await alice.db.write([put('tea', 'green')])
      const { feed, seq } = alice.entries.at(-1)!
      expect(fromUtf8((await alice.db.readValue(feed, seq))!)).toBe('green')
      expect(await alice.db.readValue(feed, 0)).toBeUndefined()
      expect(await alice.db.readValue(feed, seq + 1)).toBeUndefined()
      expect(await alice.db.readValue(99, 1)).toBeUndefined()
      expect(await alice.db.readValue(0, 1)).toBeUndefined()
    })

    test("it signs with the writer's key", async () => {
      const alice = await node(await newHypha(), { isOrigin: true })
      const signature = alice.db.sign(utf8('words'))
      const key = fromHex(alice.db.localWriter, 32)!
      expect(libsodium.crypto_sign_verify_detached(signature, utf8('words'), key)).toBe(true)
    })

    test('extension messages go to who takes them', async () => {
      const hypha = await newHypha()
      const alice = await node(hypha, { isOrigin: true })
      const bob = await node(hypha)
      const between = await link(alice, bob)
      await until(() => between.a.supports('test-a') && between.b.supports('test-a'))
      expect(between.a.supports('unheard-of')).toBe(false)
      expect(between.a.send('unheard-of', utf8('x'))).toBe(false)
      expect(between.a.send('test-b', utf8('hello'))).toBe(true)
      expect(between.b.send('test-a', new Uint8Array(0))).toBe(true)
      await until(() => between.extensionsToA.length + between.extensionsToB.length === 2)
      expect(between.extensionsToB).toEqual([['test-b', utf8('hello')]])
      expect(between.extensionsToA).toEqual([['test-a', new Uint8Array(0)]])
      await between.cut()
      expect(between.a.send('test-b', utf8('late'))).toBe(false)
    })

    test('knows which peers hold all that was written here, while they are there', async () => {
      const hypha = await newHypha()
      const alice = await node(hypha, { isOrigin: true })
      expect(alice.db.heldBy).toBe(0)
      const bob = await node(hypha)
      const between = await link(alice, bob)
      await until(() => alice.db.heldBy === 1)
      await alice.db.write([put('one'), put('two')])
      expect(alice.db.heldBy).toBe(0)
      await until(() => alice.db.heldBy === 1)
      expect(bob.keys()).toEqual(expect.arrayContaining(['one', 'two']))
      await between.cut()
      await until(() => alice.db.heldBy === 0)
      // Who comes back says so again, though nothing has to be sent.
      await link(alice, bob)
      await until(() => alice.db.heldBy === 1)
    })

    test('counts what went over a replication', async () => {
      const hypha = await newHypha()
      const alice = await node(hypha, { isOrigin: true })
      await alice.db.write(Array.from({ length: 10 }, (_, i) => put(`${i}`, 'v'.repeat(1000))))
      const bob = await node(hypha)
      const { a, b } = await link(alice, bob)
      await until(() => bob.keys().length === 10)
      expect(b.blocksReceived).toBe(13)
      expect(a.blocksSent).toBe(13)
      expect(b.bytesReceived).toBeGreaterThan(10_000)
      expect(a.bytesSent).toBe(b.bytesReceived)
    })

    test('closed, it refuses, its replications have ended, and its storage is free', async () => {
      const hypha = await newHypha()
      const storage = memoryStorage()
      const alice = await node(hypha, { isOrigin: true, storage })
      const bob = await node(hypha)
      const between = await link(alice, bob)
      await until(() => bob.db.progress[0]?.folded === 2)
      await alice.db.close()
      await alice.db.close()
      await between.ended
      expect(await errorCode(alice.db.write([put('x')]))).toBe('CLOSED')
      expect(await errorCode(alice.db.authorise(fromHex(bob.db.localWriter, 32)!, put('x')))).toBe('CLOSED')
      expect(() => alice.db.replicate({ extensions: [], onExtension() {}, onHandshake() {} })).toThrow(
        'closed',
      )
      const again = await node(hypha, { storage })
      await again.db.write([put('x')])
    })
  })
}
