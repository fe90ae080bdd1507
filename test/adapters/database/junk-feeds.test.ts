import Feed from 'hypercore'
import libsodium from 'libsodium-wrappers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import { fromHex, toHex } from '../../../src/protocol/bytes.js'
import { MAX_INTRODUCED_BY_ONE } from '../../../src/protocol/limits.js'
import { field } from '../../wire.js'
import { attack } from './attacker.js'
import {
  authorise,
  errorCode,
  type Hypha,
  link,
  newHypha,
  openNode,
  put,
  recordOf,
  type TestNode,
  until,
} from './nodes.js'

const JUNK = 250

let hypha: Hypha
let alice: TestNode
let bob: TestNode
const nodes: TestNode[] = []
const open = async (options?: Parameters<typeof openNode>[2]) => {
  const node = await openNode(openDatabase, hypha, options)
  nodes.push(node)
  return node
}

beforeEach(async () => {
  hypha = await newHypha()
  alice = await open({ isOrigin: true })
  bob = await open()
  await link(alice, bob)
  await authorise(alice, bob)
  await bob.db.write([put('from bob')])
})

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ db }) => db.close()))
})

const junkKeys = () => Array.from({ length: JUNK }, () => libsodium.crypto_sign_keypair().publicKey)

/** Mallory's device was let in, and its program lets in one feed after the other, each as it should be done. */
const letInJunk = async (): Promise<void> => {
  const storage = memoryStorage()
  const mallory = await openNode(openDatabase, hypha, { storage })
  const { cut } = await link(alice, mallory)
  await authorise(alice, mallory)
  await mallory.db.write([put('harmless')])
  await until(() => alice.keys().includes('harmless') && bob.keys().includes('harmless'))
  const { localWriter, feeds } = mallory.db
  const clock = mallory.db.progress.map(({ folded }) => folded)
  await cut()
  await mallory.db.close()
  const feed = new Feed((name) => storage.file(`local/${name}`), null, {})
  await new Promise<void>((resolve) => feed.ready(resolve))
  const keys = feeds.map((key) => fromHex(key, 32)!)
  const own = feeds.indexOf(localWriter)
  const first = feed.length
  const blocks = junkKeys().map((junk, i) => {
    keys.push(junk)
    const seen = clock.map((length, feed) => (feed === own ? first + i + 1 : length))
    return Buffer.from([
      ...field(1, Buffer.from(`.hypha/nodes/${toHex(junk)}/${localWriter}`)),
      ...field(2, Buffer.from('a record')),
      ...field(4, []),
      ...seen.flatMap((length) => field(5, length)),
      ...field(6, first + i),
      ...keys.flatMap((key) => field(7, field(1, key))),
    ])
  })
  await new Promise<void>((resolve, reject) =>
    feed.append(blocks, (error) => (error ? reject(error) : resolve())),
  )
  const peer = await attack(alice, hypha)
  feed.replicate({ stream: peer.protocol, live: true })
}

const isTold = ({ errors }: TestNode) => errors.some(({ code }) => code === 'ADMISSIONS_EXCEEDED')

test('250 feeds that one writer lets in leave room for a real device, everybody is told, and after a restart it is the same', {
  timeout: 240_000,
}, async () => {
  await letInJunk()
  await until(() => isTold(alice) && isTold(bob))
  for (const { db } of [alice, bob]) {
    // The origin's and three of her devices.
    expect(db.feeds).toHaveLength(4 + MAX_INTRODUCED_BY_ONE)
    // What is not taken of Mallory's feed leaves nobody waiting.
    for (const { folded, proven } of db.progress) expect(proven).toBe(folded)
  }
  const phone = await open()
  await link(alice, phone)
  await until(() => isTold(phone))
  await authorise(alice, phone)
  await phone.db.write([put('from the phone')])
  const all = [alice, bob, phone]
  await until(() => all.every((node) => node.keys().includes('from the phone')))
  // Her other device lets in one, too.
  const tablet = await open()
  await link(phone, tablet)
  await authorise(bob, tablet)
  await tablet.db.write([put('from the tablet')])
  await until(() => [...all, tablet].every((node) => node.keys().includes('from the tablet')))
  const known = (node: TestNode) => [...node.db.feeds].sort()
  for (const node of [bob, phone, tablet]) expect(known(node)).toEqual(known(alice))
  for (const node of [...all, tablet])
    expect(node.errors.map(({ code }) => code)).toEqual(['ADMISSIONS_EXCEEDED'])

  const { storage } = tablet
  nodes.splice(nodes.indexOf(tablet), 1)
  await tablet.db.close()
  const again = await open({ storage })
  expect(known(again)).toEqual(known(alice))
  expect(again.keys()).toContain('from the tablet')
  await link(phone, again)
  await again.db.write([put('after the restart')])
  await until(() => alice.keys().includes('after the restart'))
})

test('a device that has let in as many as one may is told so, and another one goes on', {
  timeout: 240_000,
}, async () => {
  const author = bob.db.localWriter
  for (let i = 0; i < MAX_INTRODUCED_BY_ONE; i++) {
    const { publicKey } = libsodium.crypto_sign_keypair()
    await bob.db.authorise(publicKey, recordOf(toHex(publicKey), author))
  }
  const phone = await open()
  await link(alice, phone)
  const writer = phone.db.localWriter
  const target = fromHex(writer, 32)!
  expect(await errorCode(bob.db.authorise(target, recordOf(writer, author)))).toBe('ADMISSIONS_EXCEEDED')
  await bob.db.write([put('bob writes on')])
  await authorise(alice, phone)
  await until(() => phone.keys().includes('bob writes on'))
  // Whoever is let in already may be so once more.
  await until(() => bob.db.feeds.includes(writer))
  await bob.db.authorise(target, recordOf(writer, author))
  expect([alice, bob, phone].flatMap(({ errors }) => errors)).toEqual([])
})

test('an entry lists only feeds that its writer has seen being let in, also when they come while it writes', {
  timeout: 240_000,
}, async () => {
  let isDone = false
  const writing = (async () => {
    for (let i = 0; !isDone; i++) await bob.db.write([put(`one ${i}`), put(`two ${i}`), put(`three ${i}`)])
  })()
  const author = alice.db.localWriter
  const keys: string[] = []
  for (let i = 0; i < 60; i++) {
    const { publicKey } = libsodium.crypto_sign_keypair()
    keys.push(toHex(publicKey))
    await alice.db.authorise(publicKey, recordOf(toHex(publicKey), author))
  }
  await until(() => keys.every((key) => bob.db.feeds.includes(key)))
  isDone = true
  await writing
  await bob.db.write([put('the end')])
  await until(() => alice.keys().includes('the end'))
  const { feeds } = alice.db
  const letInAt = new Map(
    keys.map((key) => [
      feeds.indexOf(key),
      alice.entries.find((entry) => entry.key === recordOf(key, author).key)!,
    ]),
  )
  let listed = 0
  for (const { feed, clock, authorised } of alice.entries) {
    if (feeds[feed] !== bob.db.localWriter) continue
    for (const index of authorised) {
      const entry = letInAt.get(index)
      if (!entry) continue
      listed++
      expect(clock[entry.feed]).toBeGreaterThan(entry.seq)
    }
  }
  expect(listed).toBeGreaterThan(60)
})
