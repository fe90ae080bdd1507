import { describe, expect, it } from 'vitest'
import { compareItems, createDesk, MAX_ITEMS } from '../../inspector/src/lib/desk.js'
import { createSelection } from '../../inspector/src/lib/filter.js'
import { applyEvent, type SeenActor } from '../../inspector/src/lib/picture.js'
import { createStrip } from '../../inspector/src/lib/strip.js'
import type { Item, Track } from '../../inspector/src/lib/track.js'
import { createRandom } from '../../src/testing/random.js'
import { atOnce, makeLong, makeNode } from './made.js'

const idsOf = (items: readonly Item[]): string[] =>
  items.map(({ track, event }) => `${track.node.rootId}${event.id}`)

/** What a picture has to be, folded from the very beginning. */
const fold = (items: readonly Item[]): Map<string, SeenActor> => {
  const picture = new Map<string, SeenActor>()
  for (const { event, at } of items) applyEvent(picture, event, at)
  return picture
}

const statesOf = (picture: ReadonlyMap<string, SeenActor>): unknown[] =>
  [...picture.values()].map(({ id, snapshot, diedAt }) => [id, snapshot.value, diedAt])

describe('several nodes on one desk', () => {
  it('are in one order, by time; what happened at one moment stays in its node’s own order', () => {
    const desk = createDesk(atOnce)
    const [a, b] = [makeNode('a'), makeNode('b')]
    desk.put(a.recording([a.born('a', 10), a.told('a', 30, 'x'), a.told('a', 30, 'y')]))
    desk.put(b.recording([b.born('b', 20), b.told('b', 30, 'z')]))
    expect(idsOf(desk.order)).toEqual(['a1', 'b1', 'a2', 'a3', 'b2'])
  })

  it('take what comes late where it belongs, and the moment that is shown stays the same', () => {
    const desk = createDesk(atOnce)
    const [a, b] = [makeNode('a'), makeNode('b')]
    desk.put(a.recording([a.born('a', 10), a.told('a', 40, 'x'), a.told('a', 60, 'y')]))
    desk.put(b.recording([b.born('b', 5)]))
    desk.moment.set(3)
    expect(desk.current()?.event.id).toBe('2')
    const era = desk.era
    desk.append('b', [b.told('b', 20, 'late'), b.told('b', 50, 'later')])
    expect(idsOf(desk.order)).toEqual(['b1', 'a1', 'b2', 'a2', 'b3', 'a3'])
    expect(desk.current()?.track.node.rootId).toBe('a')
    expect(desk.current()?.event.id).toBe('2')
    expect(desk.era).toBeGreaterThan(era)
  })

  it('come in turns, each a little late: whoever follows sees what one sees who comes anew, and looks at few of them again', () => {
    const desk = createDesk(atOnce)
    const nodes = ['a', 'b', 'c'].map((name) => makeNode(name))
    for (const node of nodes) desk.put(node.recording([node.born(node.rootId, 1)]))
    let looks = 0
    const isEven = (item: Item) => (item.at % 2 === 0 ? item : undefined)
    const follower = createSelection(desk, (item) => {
      looks++
      return isEven(item)
    })
    const late = createSelection(desk, isEven)
    const strip = createStrip(desk)
    const dice = createRandom(11)
    for (let turn = 0; turn < 300; turn++) {
      const node = nodes[Math.floor(dice() * 3)]!
      const { rootId } = node
      const at = 10 * turn + Math.floor(dice() * 40)
      desk.append(rootId, [node.told(rootId, at, 'x'), node.told(rootId, at + 5, 'y')])
      if (turn % 100 === 99) expect(late.get()).toEqual(createSelection(desk, isEven).get())
      if (dice() < 0.7) expect(follower.get()).toEqual(createSelection(desk, isEven).get())
      const anew = createStrip(desk)
      for (const index of [0, desk.order.length >> 1, desk.order.length - 1])
        expect(strip.at(index)).toBe(anew.at(index))
    }
    expect(looks).toBeLessThan(10 * desk.order.length)
  })

  it('follow the newest until somebody looks back', () => {
    const desk = createDesk(atOnce)
    const a = makeNode('a')
    desk.put(a.recording([a.born('a', 1)]))
    desk.append('a', [a.told('a', 2, 'x')])
    expect(desk.count()).toBe(2)
    desk.moment.set(1)
    desk.append('a', [a.told('a', 3, 'y')])
    expect(desk.count()).toBe(1)
    desk.moment.set(undefined)
    expect(desk.count()).toBe(3)
  })

  it('show nothing of a node before it was there, also when its recording began with it', () => {
    const desk = createDesk(atOnce)
    const [a, b] = [makeNode('a'), makeNode('b')]
    desk.put({
      ...a.recording([]),
      before: [a.born('a', 10)],
      events: [a.is('a', 20, 'x'), a.is('a', 40, 'y')],
    })
    desk.put({ ...b.recording([]), before: [b.born('b', 30)], events: [b.is('b', 50, 'z')] })
    const [first, second] = desk.tracks as [Track, Track]
    const sizes = (moment: number | undefined) => {
      desk.moment.set(moment)
      return [desk.pictureOf(first).size, desk.pictureOf(second).size]
    }
    expect([sizes(0), sizes(1), sizes(2), sizes(3), sizes(undefined)]).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
      [1, 1],
      [1, 1],
    ])
  })

  it('show every node as it was at the moment shown, and not as it was recorded later', () => {
    const desk = createDesk(atOnce)
    const [a, b] = [makeNode('a'), makeNode('b')]
    desk.put(a.recording([a.born('a', 10), a.is('a', 30, 'late')]))
    desk.put(b.recording([b.born('b', 20), b.is('b', 25, 'early')]))
    desk.moment.set(3)
    const [first, second] = desk.tracks as [Track, Track]
    expect(desk.pictureOf(first).get('a')?.snapshot.value).toBe('begun')
    expect(desk.pictureOf(second).get('b')?.snapshot.value).toBe('early')
    desk.moment.set(0)
    expect(desk.pictureOf(first).size).toBe(0)
  })

  it('take a clock that goes back as one that stands still', () => {
    const desk = createDesk(atOnce)
    const a = makeNode('a')
    desk.put(a.recording([a.born('a', 100), a.told('a', 50, 'x'), a.told('a', 120, 'y')]))
    expect(desk.order.map(({ at }) => at)).toEqual([100, 100, 120])
  })

  it('hear nothing of a node that was never told of', () => {
    const desk = createDesk(atOnce)
    desk.append('nobody', [makeNode('nobody').born('x', 1)])
    expect(desk.order).toEqual([])
  })
})

describe('ten thousand events', () => {
  it('show the same at any moment as if they were told again from the beginning', () => {
    const desk = createDesk(atOnce)
    desk.put(makeLong('a', 10_000))
    const [track] = desk.tracks as [Track]
    for (const index of [0, 1, 249, 250, 251, 5_000, 4_999, 9_999, 10_000, 20, 7_777]) {
      expect(statesOf(track.pictureAt(index)), String(index)).toEqual(
        statesOf(fold(track.items.slice(0, index))),
      )
    }
  })

  it('are not looked at again for each step back', () => {
    const desk = createDesk(atOnce)
    desk.put(makeLong('a', 10_000))
    const [track] = desk.tracks as [Track]
    let looks = 0
    for (const item of track.items) {
      const { event } = item
      Object.defineProperty(item, 'event', {
        get: () => {
          looks++
          return event
        },
      })
    }
    for (let index = 10_000; index > 9_000; index--) track.pictureAt(index)
    expect(looks).toBeGreaterThan(0)
    // Each from the beginning would be nine million events and more.
    expect(looks).toBeLessThan(1_000_000)
  })
})

describe('more than there is room for', () => {
  it('forgets the oldest and keeps what they came to, through an export, too', () => {
    const desk = createDesk(atOnce)
    const long = makeLong('a', MAX_ITEMS + 8_000)
    desk.put({ ...long, events: long.events.slice(0, 100) })
    for (let from = 100; from < long.events.length; from += 1_000) {
      desk.append('a', long.events.slice(from, from + 1_000))
    }
    const [track] = desk.tracks as [Track]
    expect(track.items.length).toBeLessThanOrEqual(MAX_ITEMS + 5_000)
    expect(track.dropped).toBeGreaterThan(0)
    expect(desk.order.length).toBe(track.items.length)
    expect([...desk.order].sort(compareItems)).toEqual(desk.order)

    const again = createDesk(atOnce)
    const [recording] = desk.recordings()
    again.put(recording!)
    const living = (each: Track) =>
      [...each.pictureAt(Number.POSITIVE_INFINITY).values()]
        .filter(({ diedAt }) => diedAt === undefined)
        .map(({ id, snapshot }) => [id, snapshot.value])
        .sort()
    expect(living(again.tracks[0]!)).toEqual(living(track))
    expect(again.tracks[0]?.dropped).toBe(track.dropped)
  })
})
