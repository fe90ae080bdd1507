import { afterEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { utf8 } from '../../../src/protocol/bytes.js'
import { attack, type } from './attacker.js'
import {
  authorise,
  type Hypha,
  happened,
  link,
  newHypha,
  openNode,
  pipe,
  put,
  replicateOf,
  socketPair,
  type TestNode,
  until,
} from './nodes.js'

const nodes: TestNode[] = []
const node = async (hypha: Hypha, options = {}) => {
  const opened = await openNode(openDatabase, hypha, options)
  nodes.push(opened)
  return opened
}
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ db }) => db.close()))
})

/** Several writers, so that several feeds have to be attached. */
const three = async () => {
  const hypha = await newHypha()
  const alice = await node(hypha, { isOrigin: true })
  const bob = await node(hypha)
  const between = await link(alice, bob)
  await authorise(alice, bob)
  await bob.db.write([put('from bob')])
  await until(() => alice.keys().includes('from bob'))
  await between.cut()
  return { hypha, alice, bob, carol: await node(hypha) }
}

/** Two ends, each deferred or not. */
const meet = async (one: TestNode, other: TestNode, isDeferred: readonly [boolean, boolean]) => {
  const sockets = await socketPair()
  const heard: [string, Uint8Array][] = []
  const a = replicateOf(one, [], undefined, { isDeferred: isDeferred[0] })
  const b = replicateOf(other, heard, undefined, { isDeferred: isDeferred[1] })
  const ended = Promise.all([pipe(sockets[0], a), pipe(sockets[1], b)])
  await until(() => a.supports('test-a') && b.supports('test-a'))
  return { a, b, heard, ended }
}

describe('a replication that is deferred', () => {
  test('carries extension messages and nothing else until it is begun', async () => {
    const { alice, carol } = await three()
    const { a, b, heard } = await meet(alice, carol, [true, true])
    for (let i = 0; i < 50; i++) a.send('test-a', utf8(`${i}`))
    await until(() => heard.length === 50)
    expect([a.blocksSent, b.blocksReceived, alice.db.heldBy]).toEqual([0, 0, 0])
    expect(b.bytesReceived).toBeLessThan(2_000)
    a.begin()
    a.begin()
    b.begin()
    await until(() => carol.keys().includes('from bob'))
    await until(() => alice.db.heldBy === 1)
    await alice.db.write([put('later')])
    await until(() => carol.keys().includes('later'))
  })

  test('loses nothing of what comes before it is begun at this end', async () => {
    const { alice, carol } = await three()
    for (const isFirst of [true, false]) {
      const { a, b, heard, ended } = await meet(alice, carol, [true, true])
      const [early, late] = isFirst ? [a, b] : [b, a]
      early.begin()
      await alice.db.write([put(`meanwhile ${isFirst}`)])
      // Everything that the one says at first has arrived when this has.
      a.send('test-a', utf8('so far'))
      b.send('test-a', utf8('so far'))
      await until(() => heard.length === 1)
      late.begin()
      await until(() => carol.keys().includes(`meanwhile ${isFirst}`))
      a.stream.destroy()
      await ended
    }
  })

  test('may be begun in the handshake with one that is not', async () => {
    const { alice, carol } = await three()
    const sockets = await socketPair()
    const a = replicateOf(alice)
    const b = replicateOf(carol, [], undefined, {
      isDeferred: true,
      onHandshake: () => {
        b.begin()
        happened()
      },
    })
    pipe(sockets[0], a)
    pipe(sockets[1], b)
    await until(() => carol.keys().includes('from bob'))
    await until(() => alice.db.heldBy === 1)
  })

  test('may end before it is begun, and costs nobody else anything', async () => {
    const { alice, carol } = await three()
    const { a, ended } = await meet(alice, carol, [true, true])
    a.stream.destroy()
    a.begin()
    await ended
    const { b } = await meet(alice, carol, [false, true])
    b.begin()
    await until(() => carol.keys().includes('from bob'))
  })

  test('bears no more early messages than hypercore sends', async () => {
    const { hypha, alice } = await three()
    const mallory = await attack(alice, hypha, undefined, { isDeferred: true })
    await until(() => mallory.replication.supports('test-a'))
    for (let i = 0; i < 17; i++) mallory.send(type.have, [8, i])
    expect((await mallory.ended)?.code).toBe('PEER_MISBEHAVED')
    await alice.db.write([put('still works')])
  })
})
