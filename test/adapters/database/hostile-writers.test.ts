import Feed from 'hypercore'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import { fromHex } from '../../../src/protocol/bytes.js'
import { MAX_FEED_LENGTH } from '../../../src/protocol/limits.js'
import { createNoise } from '../../noise.js'
import { field } from '../../wire.js'
import { attack } from './attacker.js'
import { authorise, type Hypha, link, newHypha, openNode, put, type TestNode, until } from './nodes.js'

/** Mallory's device was authorised, and what it writes next is not hyperdb's doing. */
let hypha: Hypha
let alice: TestNode
let bob: TestNode
let feed: Feed
let lists: number[][]

beforeEach(async () => {
  hypha = await newHypha()
  alice = await openNode(openDatabase, hypha, { isOrigin: true })
  bob = await openNode(openDatabase, hypha)
  const storage = memoryStorage()
  const mallory = await openNode(openDatabase, hypha, { storage })
  const links = [await link(alice, bob), await link(alice, mallory)]
  await authorise(alice, mallory)
  await mallory.db.write([put('harmless')])
  await until(() => bob.keys().includes('harmless'))
  lists = mallory.db.feeds.map((key) => field(7, field(1, fromHex(key, 32)!)))
  await links[1]!.cut()
  await mallory.db.close()

  feed = new Feed((name) => storage.file(`local/${name}`), null, {})
  await new Promise<void>((resolve) => feed.ready(resolve))
  expect(feed.length).toBe(2)
})

afterEach(async () => {
  await Promise.all([alice, bob].map(({ db }) => db.close()))
})

/** Mallory's own place in her list is 1: after the origin comes the local feed. */
const clockOf = (seq: number, others = 0) => [...field(5, 2), ...field(5, seq + 1), ...field(5, others)]
const entry = (parts: {
  key?: string
  trie?: number[]
  inflate?: number
  clock?: number[]
  seq?: number
}) => [
  ...field(1, Buffer.from(parts.key ?? 'evil')),
  ...field(4, parts.trie ?? []),
  ...(parts.clock ?? clockOf(parts.seq ?? 2)),
  ...field(6, parts.inflate ?? 1),
]

const publish = async (...blocks: number[][]) => {
  await new Promise<void>((resolve, reject) =>
    feed.append(
      blocks.map((block) => Buffer.from(block)),
      (error) => (error ? reject(error) : resolve()),
    ),
  )
  const peer = await attack(alice, hypha)
  feed.replicate({ stream: peer.protocol, live: true })
  return peer
}

const stillWorks = async () => {
  await alice.db.write([put('after'), put('after/more'), put('evil')])
  await authorise(alice, bob)
  await bob.db.write([put('from bob'), put('evil')])
  await until(() => bob.keys().includes('after') && alice.keys().includes('from bob'))
}

const blocks: Record<string, () => number[]> = {
  noise: () => [1, 2, 3, 4],
  nothing: () => [0],
  'a clock that does not count the entry itself': () => entry({ clock: clockOf(5) }),
  'a list from another block than it says': () => entry({ inflate: 0 }),
  'a list without its own feed': () => [...entry({ inflate: 2 }), ...lists[0]!],
  'the same feed twice': () => [...entry({ inflate: 2 }), ...lists.flat(), ...lists[0]!],
  'a key that is not UTF-8': () => [...field(1, [0xff]), ...field(4, []), ...clockOf(2), ...field(6, 1)],
}

describe("a writer's feed stops, once told, and the others go on, at a block with", () => {
  for (const [name, block] of Object.entries(blocks)) {
    test(name, async () => {
      await publish(block(), entry({ key: 'never seen', seq: 3 }))
      await until(() => alice.errors.length > 0 && bob.errors.length > 0)
      await stillWorks()
      for (const node of [alice, bob]) {
        expect(node.errors.map(({ code }) => code)).toEqual(['FEED_CORRUPT'])
        expect(node.keys()).not.toContain('never seen')
      }
    })
  }
})

test('a clock that names blocks that will never exist keeps only its own feed waiting', async () => {
  await publish(entry({ clock: clockOf(2, MAX_FEED_LENGTH) }), entry({ key: 'never seen', seq: 3 }))
  await until(() => alice.db.progress.some(({ proven, folded }) => proven === 4 && folded === 2))
  await stillWorks()
  expect(alice.keys()).not.toContain('never seen')
  expect([...alice.errors, ...bob.errors]).toEqual([])
})

test('an entry without a trie, behind which hyperdb itself finds no older key, hides nothing', async () => {
  await publish(entry({}))
  await until(() => alice.keys().includes('evil') && bob.keys().includes('evil'))
  await stillWorks()
  expect(alice.keys()).toContain('harmless')
  expect([...alice.errors, ...bob.errors]).toEqual([])
})

test.each([
  1, 2, 3, 4, 5, 6,
])('an entry damaged in any place stops its own feed at the most (%i)', async (round) => {
  const noise = createNoise(`damaged entry ${round}`)
  for (let i = 0; i < round; i++) noise.upTo(2)
  await publish([...noise.damaged(Uint8Array.from(entry({ trie: [0, 1, 1, 0, 1] })))])
  await stillWorks()
  for (const node of [alice, bob])
    expect(new Set([...node.errors.map(({ code }) => code), 'FEED_CORRUPT'])).toEqual(
      new Set(['FEED_CORRUPT']),
    )
})
