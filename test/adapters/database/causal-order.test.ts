import { pipeline, Transform } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { authorise, link, newHypha, openNode, put, replicateOf, type TestNode, until } from './nodes.js'

/** A wire on which each chunk takes its time, in order. */
const slowWire = (delays: readonly number[]): Transform => {
  let i = 0
  return new Transform({
    transform(chunk, _, callback) {
      setTimeout(() => callback(null, chunk), delays[i++ % delays.length])
    },
  })
}

const slowLink = (one: TestNode, other: TestNode, delays: readonly number[]) => {
  const a = replicateOf(one).stream
  const b = replicateOf(other).stream
  const ended = new Promise<void>((resolve) => {
    pipeline(a, slowWire(delays), b, slowWire([...delays].reverse()), a, () => resolve())
  })
  return async () => {
    a.destroy()
    b.destroy()
    await ended
  }
}

/** Each entry after all that its clock names, each once. */
const expectCausalOrder = (node: TestNode) => {
  // Headers are never delivered, and always count.
  const delivered: number[] = []
  for (const { feed, seq, clock } of node.entries) {
    expect(seq).toBe(delivered[feed] ?? 1)
    for (const [other, length] of clock.entries()) {
      if (other !== feed) expect(length).toBeLessThanOrEqual(Math.max(1, delivered[other] ?? 1))
    }
    expect(clock[feed]).toBe(seq + 1)
    delivered[feed] = seq + 1
  }
}

const byWriter = (node: TestNode) =>
  node.entries
    .map(({ feed, seq, key, clock, authorised }) => {
      const named = (list: readonly number[]) => list.map((i) => node.db.feeds[i]).sort()
      const clockOf = clock
        .map((length, i) => `${node.db.feeds[i]}:${length}`)
        .filter((one) => !one.endsWith(':0'))
      return JSON.stringify([node.db.feeds[feed], seq, key, clockOf.sort(), named(authorised)])
    })
    .sort()

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      by: fc.nat(3),
      count: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('link' as const),
      a: fc.nat(4),
      b: fc.nat(4),
      delays: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), which: fc.nat(10) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('authorise' as const), by: fc.nat(3), whom: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(10) }) },
)

test('whatever meets whom and when, all get the same history, each entry once and after its causes', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const hypha = await newHypha()
      // Four may become writers, the fifth passes on what it may not write.
      const nodes = [await openNode(openDatabase, hypha, { isOrigin: true })]
      while (nodes.length < 5) nodes.push(await openNode(openDatabase, hypha))
      const cuts: (() => Promise<void>)[] = []
      const mayWrite = (node: TestNode) => node.db.isAuthorised(node.db.localWriter)
      let written = 0

      for (const one of steps) {
        if (one.kind === 'write') {
          const node = nodes[one.by]!
          if (!mayWrite(node)) continue
          await node.db.write(Array.from({ length: one.count }, (_, i) => put(`${one.by}/${written + i}`)))
          written += one.count
        } else if (one.kind === 'link' && one.a !== one.b)
          cuts.push(slowLink(nodes[one.a]!, nodes[one.b]!, one.delays))
        else if (one.kind === 'cut') await cuts.splice(one.which % (cuts.length || 1), 1)[0]?.()
        else if (one.kind === 'authorise') {
          const author = nodes[one.by]!
          if (!mayWrite(author)) continue
          const whom = Buffer.from(nodes[one.whom]!.db.localWriter, 'hex')
          await author.db.authorise(whom, put(`authorise/${one.whom}`))
          written++
        } else if (one.kind === 'pass') await new Promise((resolve) => setTimeout(resolve, one.ms))
      }

      for (let i = 1; i < nodes.length; i++) slowLink(nodes[i - 1]!, nodes[i]!, [0])
      // And the origin's one.
      await until(() => nodes.every((node) => node.entries.length === written + 1))
      for (const node of nodes) {
        expectCausalOrder(node)
        expect(byWriter(node)).toEqual(byWriter(nodes[0]!))
        expect(node.errors).toEqual([])
      }
      await Promise.all(nodes.map(({ db }) => db.close()))
    }),
    { numRuns: 25 },
  )
})

test('what waits for a feed that is not here yet is held back, and a write does not wait for it', async () => {
  const hypha = await newHypha()
  const alice = await openNode(openDatabase, hypha, { isOrigin: true })
  const bob = await openNode(openDatabase, hypha)
  const carol = await openNode(openDatabase, hypha)
  const first = await link(alice, bob)
  await link(bob, carol)
  await authorise(alice, bob)
  await authorise(alice, carol)
  await alice.db.write(Array.from({ length: 2_000 }, (_, i) => put(`alice/${i}`, 'v'.repeat(500))))
  // Bob has a part of Alice's run, and writes with what he has folded.
  await until(() => bob.keys().length > 200)
  await first.cut()
  await bob.db.write([put('bob')])
  await carol.db.write([put('carol')])
  await until(() => carol.keys().includes('bob') && bob.keys().includes('carol'))
  const last = bob.entries.find(({ key }) => key === 'bob')!
  expect(last.clock[bob.db.feeds.indexOf(alice.db.localWriter)]).toBeLessThan(2_000)
  for (const node of [alice, bob, carol]) expectCausalOrder(node)
  await link(alice, carol)
  await until(() => [alice, bob, carol].every((node) => node.keys().length === 2_004))
  await Promise.all([alice, bob, carol].map(({ db }) => db.close()))
})
