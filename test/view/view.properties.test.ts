import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryEntry } from '../../src/adapters/database/database.js'
import type { Decode, Version } from '../../src/view/types.js'
import { INLINE_VALUE_BYTES } from '../../src/view/versions.js'
import { createView, type View } from '../../src/view/view.js'
import { createHistory, type Writer } from './history.js'
import { createReference } from './reference.js'

const NAMES = ['a', 'a/b', 'a/b/c', 'ab', 'b', 'é', '\u{1f344}', '\uffee']
const WRITERS = 5

// What writers do. All of them write, admitted or not; writer 0 is the origin, whose secret someone kept.
const writer = fc.nat(WRITERS)
// Mostly the same few, so that writers conflict.
const name = fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(NAMES.length - 1) })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('put'),
      writer,
      name,
      public: fc.boolean(),
      large: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('del'),
      writer,
      name,
      public: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('sync'), writer, other: writer }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('authorise'),
      writer,
      other: writer,
      how: fc.constantFrom(
        'well',
        'well',
        'well',
        'without a record',
        'without hyperdb',
        'in the name of another',
        'unreadably',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('introduce'), writer }) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** Plays the steps: what is written is causally consistent, whoever it is that writes. */
const play = (steps: readonly Step[]) => {
  const hypha = createHistory('desktop', 'laptop', 'phone', 'tablet', 'stranger')
  const writers: Writer[] = [
    hypha.origin,
    hypha.desktop,
    hypha.laptop,
    hypha.phone,
    hypha.tablet,
    hypha.stranger,
  ]
  let count = 0
  // Half of the families have more than one writer from the beginning.
  if (steps.length % 2) {
    for (const other of [hypha.laptop, hypha.phone]) {
      hypha.desktop.authorise(other)
      hypha.laptop.sync(hypha.desktop)
      hypha.phone.sync(hypha.desktop)
    }
  }
  for (const each of steps) {
    const who = writers[each.writer]!
    count++
    if ('how' in each) {
      const target = writers[each.other]!
      if (each.how === 'well') who.authorise(target)
      else if (each.how === 'without a record') who.authorise(target, 'none')
      else if (each.how === 'without hyperdb') who.authorise(target, {}, false)
      else if (each.how === 'unreadably') who.authorise(target, { name: undefined })
      else who.authorise(target, { author: hypha.desktop.key })
    } else if ('other' in each) who.sync(writers[each.other]!)
    else if ('large' in each)
      who.put(NAMES[each.name]!, count, {
        public: each.public,
        bytes: each.large ? INLINE_VALUE_BYTES + 1 : 16,
      })
    else if ('name' in each) who.del(NAMES[each.name]!, { public: each.public })
    else who.introduce(`name ${count}`)
  }
  return hypha
}

/** Numbers from a seed: mulberry32. */
const createRandom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The same history as another replica has it: feeds in another order, entries in another causal order, in batches. */
const arrive = (history: readonly HistoryEntry[], feeds: readonly string[], decode: Decode, seed: number) => {
  const random = createRandom(seed)
  const place = feeds.map((_, feed) => feed)
  for (let feed = place.length - 1; feed > 1; feed--) {
    const other = 1 + random(feed)
    ;[place[feed], place[other]] = [place[other]!, place[feed]!]
  }
  const here: string[] = []
  feeds.forEach((key, feed) => {
    here[place[feed]!] = key
  })
  const originals = new Map<HistoryEntry, HistoryEntry>()
  const move = (entry: HistoryEntry): HistoryEntry => {
    const clock = Array<number>(feeds.length).fill(0)
    entry.clock.forEach((length, feed) => {
      clock[place[feed]!] = length
    })
    const moved = {
      ...entry,
      feed: place[entry.feed]!,
      clock,
      authorised: entry.authorised.map((feed) => place[feed]!),
    }
    originals.set(moved, entry)
    return moved
  }
  const queues = feeds.map((_, feed) => history.filter((entry) => entry.feed === feed))
  const lengths = feeds.map(() => 1)
  const batches: HistoryEntry[][] = [[]]
  for (let left = history.length; left > 0; left--) {
    const ready = queues.filter(([next]) =>
      next?.clock.every((length, feed) => feed === next.feed || length <= lengths[feed]!),
    )
    const next = ready[random(ready.length)]!.shift()!
    lengths[next.feed] = next.seq + 1
    if (random(4) === 0) batches.push([])
    batches.at(-1)!.push(move(next))
  }
  return { feeds: here, batches, decode: ((entry) => decode(originals.get(entry)!)) satisfies Decode }
}

/** What does not depend on the replica. */
const told = ({ value, pointer, author, seq, time, public: isPublic }: Version) => ({
  value,
  large: pointer?.seq,
  author,
  seq,
  time,
  isPublic,
})
const read = (view: View) => ({
  entries: [...view.entries()].map(([name, version]) => [name, told(version)]),
  conflicts: NAMES.map((name) => view.getAll(name).map(told)),
  nodes: view.nodes(),
  size: view.size,
})

const steps = fc.array(step, { minLength: 10, maxLength: 120, size: 'max' })
const seeds = fc.array(fc.integer(), { minLength: 2, maxLength: 4 })

describe('any causal order of arrival, in any batches, with any order of feeds', () => {
  it('gives the same view, and the one that the rules say', () => {
    fc.assert(
      fc.property(steps, seeds, (steps, seeds) => {
        const { history, feeds, decode } = play(steps)
        const reference = createReference(history, feeds, decode)
        for (const seed of seeds) {
          const replica = arrive(history, feeds, decode, seed)
          const view = createView(replica)
          for (const batch of replica.batches) view.fold(batch)
          const conflicts = NAMES.map((name) =>
            reference.getAll(name).map((entry) => {
              const content = decode(entry)
              const large = entry.value!.length > INLINE_VALUE_BYTES
              if (content?.kind !== 'entry') throw new Error('not an entry')
              return {
                value: large ? undefined : content.value,
                large: large ? entry.seq : undefined,
                author: feeds[entry.feed],
                seq: entry.seq,
                time: content.time,
                isPublic: content.public,
              }
            }),
          )
          const entries = NAMES.map((name, index) => [name, conflicts[index]![0]] as const)
            .filter(([, winner]) => winner)
            .sort(([a], [b]) => (a < b ? -1 : 1))
          expect(read(view)).toEqual({ entries, conflicts, nodes: reference.nodes(), size: entries.length })
        }
      }),
    )
  })

  it('gives the same answer to who was let in before whom', () => {
    fc.assert(
      fc.property(steps, seeds, (steps, seeds) => {
        const { history, feeds, decode } = play(steps)
        const reference = createReference(history, feeds, decode)
        const pairs = feeds.flatMap((a) => feeds.map((b) => [a, b] as const))
        const expected = pairs.map(([a, b]) => reference.isOlder(a, b))
        for (const seed of seeds) {
          const replica = arrive(history, feeds, decode, seed)
          const view = createView(replica)
          for (const batch of replica.batches) view.fold(batch)
          expect(pairs.map(([a, b]) => view.isOlder(a, b))).toEqual(expected)
        }
      }),
    )
  })

  it('reports changes that, applied one after the other, give what is read', () => {
    fc.assert(
      fc.property(steps, fc.integer(), (steps, seed) => {
        const { history, feeds, decode } = play(steps)
        const replica = arrive(history, feeds, decode, seed)
        const view = createView(replica)
        const mirror = new Map<string, Version>()
        let nodes = view.nodes()
        for (const batch of replica.batches) {
          const { changes, nodesChanged } = view.fold(batch)
          for (const { name, value, deleted, version } of changes) {
            expect(version).not.toBe(mirror.get(name))
            expect({ value, deleted }).toEqual({ value: version?.value, deleted: !version })
            if (version) mirror.set(name, version)
            else mirror.delete(name)
          }
          expect(new Map(view.entries())).toEqual(mirror)
          if (JSON.stringify(nodes) !== JSON.stringify(view.nodes())) expect(nodesChanged).toBe(true)
          nodes = view.nodes()
        }
      }),
    )
  })

  it('never asks to decode what does not count, and asks once for what does', () => {
    fc.assert(
      fc.property(steps, fc.integer(), (steps, seed) => {
        const { history, feeds, decode } = play(steps)
        const reference = createReference(history, feeds, decode)
        const asked: HistoryEntry[] = []
        const recorded: Decode = (entry) => {
          asked.push(entry)
          return decode(entry)
        }
        const replica = arrive(history, feeds, recorded, seed)
        const view = createView(replica)
        for (const batch of replica.batches) view.fold(batch)
        expect(new Set(asked)).toEqual(new Set(history.filter(reference.counts)))
        expect(asked.length).toBe(new Set(asked).size)
      }),
    )
  })

  it('gives iterations the names of the moment at which they began', () => {
    fc.assert(
      fc.property(steps, fc.integer(), fc.constantFrom('', 'a', 'a/', 'b', 'zz'), (steps, seed, prefix) => {
        const { history, feeds, decode } = play(steps)
        const replica = arrive(history, feeds, decode, seed)
        const view = createView(replica)
        const begun: {
          iteration: Iterator<[string, Version]>
          expected: [string, Version][]
          seen: [string, Version][]
        }[] = []
        for (const batch of replica.batches) {
          const expected = [...view.entries()].filter(([name]) => name.startsWith(prefix))
          begun.push({ iteration: view.entries(prefix), expected, seen: [] })
          view.fold(batch)
          for (const { iteration, seen } of begun) {
            const next = iteration.next()
            if (!next.done) seen.push(next.value)
          }
        }
        for (const { iteration, expected, seen } of begun) {
          for (let next = iteration.next(); !next.done; next = iteration.next()) seen.push(next.value)
          expect(seen).toEqual(expected)
        }
      }),
    )
  })
})
