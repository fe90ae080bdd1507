import { afterEach, expect, test } from 'vitest'
import { openDatabase } from '../../src/adapters/database/hyperdb-database.js'
import { MAX_EARLY_BYTES } from '../../src/protocol/limits.js'
import { attack, type } from '../adapters/database/attacker.js'
import { type Hypha, newHypha, openNode, put, type TestNode, until } from '../adapters/database/nodes.js'
import { varint } from '../wire.js'

const nodes: TestNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ db }) => db.close()))
})
const open = async (hypha: Hypha) => {
  const opened = await openNode(openDatabase, hypha, { isOrigin: true })
  nodes.push(opened)
  return opened
}

/** A block that nobody asked for. */
const block = (bytes: number) => [...[8, 0], ...[18, ...varint(bytes), ...new Array<number>(bytes).fill(7)]]
const feedOf = (n: number) => [10, 32, ...new Array<number>(32).fill(n)]

test.each([
  true,
  false,
])('blocks for feeds that are not open here fill no memory (deferred: %s)', async (isDeferred) => {
  const hypha = await newHypha()
  const alice = await open(hypha)
  const mallory = await attack(alice, hypha, undefined, { isDeferred })
  await until(() => mallory.replication.supports('test-a'))
  const before = mallory.replication.bytesReceived
  for (let feed = 1; feed < 64; feed++) {
    mallory.send(type.feed, feedOf(feed), feed)
    for (let i = 0; i < 4; i++) mallory.send(type.data, block(256 * 1024), feed)
  }
  expect((await mallory.ended)?.code).toBe('PEER_MISBEHAVED')
  expect(mallory.replication.bytesReceived - before).toBeLessThan(4 * MAX_EARLY_BYTES)
  await alice.db.write([put('still works')])
})
