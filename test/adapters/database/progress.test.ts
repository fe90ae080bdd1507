import { afterEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { authorise, type Hypha, link, newHypha, openNode, put, type TestNode, until } from './nodes.js'

const nodes: TestNode[] = []
const node = async (hypha: Hypha, options = {}) => {
  const opened = await openNode(openDatabase, hypha, options)
  nodes.push(opened)
  return opened
}
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ db }) => db.close()))
})

const of = (reader: TestNode, writer: TestNode) => {
  const found = reader.db.progress.find((feed) => feed.writer === writer.db.localWriter)
  if (!found) throw new Error('That feed is not known')
  return found
}
const has = (reader: TestNode, writer: TestNode, blocks: number) =>
  until(() =>
    reader.db.progress.some((feed) => feed.writer === writer.db.localWriter && feed.folded >= blocks),
  )

describe('bytes of a feed', () => {
  test('are all here where it was written, and nothing of them came from peers', async () => {
    const alice = await node(await newHypha(), { isOrigin: true })
    await alice.db.write([put('a', 'x'.repeat(1_000)), put('b', 'y')])
    const { bytes, bytesHere, received } = of(alice, alice)
    expect(bytesHere).toBe(bytes)
    expect(bytes).toBeGreaterThan(1_000)
    expect(received).toBe(0)
  })

  test('arrive from a peer, are counted as they come, and are known again after opening anew', async () => {
    const hypha = await newHypha()
    const alice = await node(hypha, { isOrigin: true })
    for (let i = 0; i < 40; i++) await alice.db.write([put(`k${i}`, 'x'.repeat(10 * i))])
    const total = of(alice, alice)
    const bob = await node(hypha)
    const first = await link(alice, bob)
    await has(bob, alice, total.proven)
    expect(of(bob, alice)).toMatchObject({
      bytes: total.bytes,
      bytesHere: total.bytes,
      received: total.bytes,
    })
    await first.cut()
    await bob.db.close()
    const again = await node(hypha, { storage: bob.storage })
    await until(() => of(again, alice).bytesHere > 0)
    expect(of(again, alice)).toMatchObject({ bytes: total.bytes, bytesHere: total.bytes, received: 0 })
  })

  test('are exact of a part, too: what had arrived when the link was cut', async () => {
    const hypha = await newHypha()
    const alice = await node(hypha, { isOrigin: true })
    const bob = await node(hypha)
    const sizes = Array.from({ length: 400 }, (_, i) => 500 + 37 * (i % 50))
    await alice.db.write(sizes.map((size, i) => put(`k${i}`, 'x'.repeat(size))))
    const wire = await link(alice, bob)
    await has(bob, alice, 20)
    await wire.cut()
    await bob.db.close()
    const again = await node(hypha, { storage: bob.storage })
    const part = of(again, alice)
    await until(() => of(again, alice).bytesHere > 0)
    // Everything there, or a part: in either case what its blocks take, whose last ones are the values above.
    const counted = of(again, alice).bytesHere
    const carol = await node(hypha)
    await link(again, carol)
    await has(carol, alice, part.folded)
    expect(of(carol, alice).received).toBe(counted)
    expect(of(again, alice).bytesHere).toBeLessThanOrEqual(of(again, alice).bytes)
  })

  test('are counted of each writer', async () => {
    const hypha = await newHypha()
    const alice = await node(hypha, { isOrigin: true })
    const bob = await node(hypha)
    await link(alice, bob)
    await authorise(alice, bob)
    await bob.db.write([put('from bob', 'z'.repeat(5_000))])
    await has(alice, bob, 2)
    expect(of(alice, bob).received).toBe(of(bob, bob).bytesHere)
    expect(of(alice, bob).received).toBeGreaterThan(5_000)
    expect(of(alice, alice).received).toBe(0)
  })
})
