import { describe, expect, test } from 'vitest'
import { FeedTrack, type Pending } from '../../../src/adapters/database/feed-track.js'
import { Introductions } from '../../../src/adapters/database/introductions.js'
import {
  MAX_FEEDS_PER_CONNECTION,
  MAX_INTRODUCED_BY_ONE,
  MIN_SHARE_OF_FEEDS,
  shareOfFeeds,
} from '../../../src/protocol/limits.js'

/** A block: who wrote it, where, whom it lists, and how much of whom its writer had seen. */
interface Block {
  readonly by: string
  readonly seq: number
  readonly lists: readonly string[]
  readonly seen?: Readonly<Record<string, number>>
}

/** What one replica says of blocks, in the order in which they come to it. */
const createReplica = () => {
  const tracks = new Map<string, FeedTrack>()
  const track = (key: string) => {
    const known = tracks.get(key) ?? new FeedTrack(key)
    if (!tracks.has(key)) known.index = tracks.size
    tracks.set(key, known)
    return known
  }
  track('origin')
  const introductions = new Introductions()
  const take = ({ by, seq, lists, seen = {} }: Block): string | undefined => {
    const keys = [...new Set(['origin', by, ...Object.keys(seen), ...lists])]
    const clock = keys.map((key) => (key === by ? seq + 1 : (seen[key] ?? 0)))
    const entry = { key: '', value: undefined, deleted: false, clock, inflate: seq, feeds: [] }
    const pending: Pending = { seq, entry, list: keys.map(track) }
    return introductions.count(track(by), pending)
  }
  return { take, refusal: (key: string) => introductions.refusal(track(key)) }
}

/** A replica on which Alice's first device has let in some, each with a block of its own. */
const withDevices = (...names: readonly string[]) => {
  const replica = createReplica()
  expect(replica.take({ by: 'origin', seq: 1, lists: ['alice'] })).toBeUndefined()
  names.forEach((_, i) => {
    expect(
      replica.take({ by: 'alice', seq: i + 1, lists: names.slice(0, i + 1), seen: { origin: 2 } }),
    ).toBeUndefined()
  })
  return replica
}
const named = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

test('a writer may let in as many as one may, and not one more, whether in one block or in many', () => {
  const junk = named('junk', MAX_INTRODUCED_BY_ONE + 1)
  const seen = { origin: 2, alice: 2 }
  expect(withDevices('mallory').take({ by: 'mallory', seq: 1, lists: junk, seen })).toBe(
    `more than ${MAX_INTRODUCED_BY_ONE} devices would have been let in by it`,
  )
  const replica = withDevices('mallory')
  const answers = junk.map((_, i) =>
    replica.take({ by: 'mallory', seq: i + 1, lists: junk.slice(0, i + 1), seen }),
  )
  expect(answers.slice(0, -1).every((answer) => answer === undefined)).toBe(true)
  expect(answers.at(-1)).toContain('let in by it')
  expect(replica.refusal('mallory')).toContain('let in by it')
  // Her other devices go on, and may list all that they have heard of.
  expect(replica.refusal('alice')).toBeUndefined()
  const lists = ['mallory', 'phone', ...junk.slice(0, -1)]
  expect(
    replica.take({ by: 'alice', seq: 2, lists, seen: { origin: 2, mallory: junk.length } }),
  ).toBeUndefined()
})

test('feeds that come by those that a writer let in count as its share, in whatever tree', () => {
  const replica = withDevices('mallory', 'laptop')
  let taken = 0
  // Mallory's first accomplice lets in the next, which lets in some and the next, and each knows of all before it.
  const seen: Record<string, number> = { origin: 2, alice: 2 }
  let by = 'mallory'
  for (let round = 0; round < 40; round++) {
    const lists = named(`round ${round}, `, 8)
    if (replica.take({ by, seq: 1, lists, seen: { ...seen } })) break
    taken += lists.length
    seen[by] = 2
    by = lists[0]!
  }
  expect(taken).toBeGreaterThan(0)
  expect(taken).toBeLessThanOrEqual(shareOfFeeds(1))
  expect(replica.refusal('laptop')).toBeUndefined()
  expect(replica.refusal('alice')).toBeUndefined()
})

test('accomplices who know nothing of each other find no room either, and the others have theirs', () => {
  const replica = withDevices('mallory', 'laptop')
  const accomplices = named('accomplice ', 60)
  const seen = { origin: 2, alice: 2 }
  expect(replica.take({ by: 'mallory', seq: 1, lists: accomplices, seen })).toBeUndefined()
  let taken = accomplices.length
  for (const by of accomplices) {
    const lists = named(`of ${by}, `, 20)
    if (!replica.take({ by, seq: 1, lists, seen: { mallory: 2 } })) taken += lists.length
  }
  expect(taken).toBeLessThan(MAX_FEEDS_PER_CONNECTION - MIN_SHARE_OF_FEEDS)
  expect(replica.refusal('laptop')).toBeUndefined()
  expect(replica.refusal('alice')).toBeUndefined()
})

test('one that lists others and knows of nobody who let it in is not followed', () => {
  const replica = withDevices('mallory')
  expect(replica.take({ by: 'mallory', seq: 1, lists: ['junk'], seen: { origin: 2 } })).toBe(
    'it lists feeds and does not know who let it in',
  )
})

describe('what honest people do', () => {
  test('sixty devices are let in by the first one, over the years', () => {
    expect(withDevices(...named('device ', 60)).refusal('alice')).toBeUndefined()
  })

  test('each of twenty devices lets in the next one', () => {
    const replica = withDevices('device 0')
    const seen: Record<string, number> = { origin: 2, alice: 2 }
    for (let i = 0; i < 20; i++) {
      const block = { by: `device ${i}`, seq: 1, lists: [`device ${i + 1}`], seen: { ...seen } }
      expect(replica.take(block)).toBeUndefined()
      seen[block.by] = 2
    }
    expect(replica.refusal('device 20')).toBeUndefined()
  })

  test('two devices let one in at the same moment: in each order of arrival all is taken, and said of later blocks alike', () => {
    const seen = { origin: 2, alice: 3 }
    const both = [
      { by: 'laptop', seq: 1, lists: ['watch'], seen },
      { by: 'phone', seq: 1, lists: ['watch'], seen },
    ]
    const junk = named('junk', MAX_INTRODUCED_BY_ONE)
    const after = { laptop: 2, phone: 2 }
    const said = [both, [...both].reverse()].map((blocks) => {
      const replica = withDevices('laptop', 'phone')
      for (const block of blocks) expect(replica.take(block)).toBeUndefined()
      return [
        replica.take({ by: 'watch', seq: 1, lists: junk, seen: after }),
        replica.take({ by: 'watch', seq: 2, lists: [...junk, 'one more'], seen: after }),
      ]
    })
    expect(said[0]).toEqual(said[1])
    expect(said[0]![1]).toBeDefined()
  })
})
