import { expect, test } from 'vitest'
import type { InspectorEvent, Recording } from '../../../src/ui-bridge/inspector/events.js'
import { type Cursor, createKept, type Kept } from '../../../src/ui-bridge/inspector/kept.js'
import {
  INSPECTOR_BATCH_BYTES,
  INSPECTOR_BATCH_EVENTS,
  MAX_INSPECTOR_EVENT_SIZE,
} from '../../../src/ui-bridge/inspector/limits.js'
import { createShelf } from '../../../src/ui-bridge/inspector/shelf.js'
import { type HubMessage, parseHubMessage } from '../../../src/ui-bridge/inspector/wire.js'
import { birthOf, eventOf, oneTo, snapshotOf } from './world.js'

const ROOT = 'aaaa'
const recordingOf = (
  events: readonly InspectorEvent[],
  before: readonly InspectorEvent[] = [],
): Recording => ({
  node: { rootId: ROOT, name: 'Laptop', kind: 'node' },
  before,
  events,
  dropped: 0,
})
const deathOf = (id: number, sessionId: string) => eventOf(ROOT, id, { type: 'hypha.death', sessionId })
const many = (last: number, first = 1) => oneTo(last, first).map((id) => eventOf(ROOT, id))

/** Reads until there is nothing new; what came, and how far that is. */
const readAll = (kept: Kept, from?: Cursor): { messages: HubMessage[]; cursor: Cursor | undefined } => {
  const messages: HubMessage[] = []
  let cursor = from
  for (let next = kept.read(cursor); next; next = kept.read(cursor)) {
    const message = parseHubMessage(next.text)
    if (!message) throw new Error('What is kept is no message.')
    messages.push(message)
    cursor = next.cursor
  }
  return { messages, cursor }
}
const idsOf = (messages: readonly HubMessage[]): number[] =>
  messages.flatMap((message) => {
    if (message.type === 'gone') return []
    return (message.type === 'recording' ? message.recording : message).events.map(({ id }) => Number(id))
  })

test('it is read in messages of a bounded size, each event once, and on from where one was', () => {
  const kept = createKept(recordingOf(many(1_000), [birthOf(ROOT, 0)]))
  const { messages, cursor } = readAll(kept)
  expect(messages.map(({ type }) => type)).toEqual(['recording', 'events', 'events', 'events'])
  for (const message of messages) expect(idsOf([message]).length).toBeLessThanOrEqual(INSPECTOR_BATCH_EVENTS)
  expect(idsOf(messages)).toEqual(oneTo(1_000))
  expect(kept.read(cursor)).toBeUndefined()
  kept.add(many(1_003, 1_001))
  expect(idsOf(readAll(kept, cursor).messages)).toEqual([1_001, 1_002, 1_003])

  const large = oneTo(10).map((id) =>
    eventOf(ROOT, id, { event: { type: 'x', filling: Array(200).fill('x'.repeat(1_000)) } }),
  )
  const heavy = readAll(createKept(recordingOf(large)))
  expect(idsOf(heavy.messages)).toEqual(oneTo(10))
  for (const message of heavy.messages)
    expect(JSON.stringify(message).length).toBeLessThan(INSPECTOR_BATCH_BYTES + 1_000)
})

test('older events become what they came to: those who live, with their last snapshot', () => {
  const kept = createKept(recordingOf([], [birthOf(ROOT, 0)]), { maxEvents: 3 })
  const [peer, gone] = [`${ROOT}:1`, `${ROOT}:2`]
  kept.add([
    birthOf(ROOT, 1, peer),
    birthOf(ROOT, 2, gone),
    snapshotOf(ROOT, 3, 'opening', peer),
    snapshotOf(ROOT, 4, 'connected', peer),
    deathOf(5, gone),
    ...many(8, 6),
  ])
  const [message] = readAll(kept).messages
  if (message?.type !== 'recording') throw new Error('no recording')
  const { before, events, dropped } = message.recording
  expect(events.map(({ id }) => id)).toEqual(['6', '7', '8'])
  expect(before.map(({ type, id }) => [type, id])).toEqual([
    ['@xstate.actor', '0'],
    ['@xstate.actor', '1'],
    ['@xstate.snapshot', '4'],
  ])
  expect(dropped).toBe(5)
})

test('who had not read what was forgotten gets the recording anew; who had reads on', () => {
  const kept = createKept(recordingOf(many(10)), { maxEvents: 10 })
  const { cursor } = readAll(kept)
  kept.add(many(15, 11))
  expect(readAll(kept, cursor).messages.map(({ type }) => type)).toEqual(['events'])
  kept.add(many(30, 16))
  const { messages } = readAll(kept, cursor)
  expect(messages[0]?.type).toBe('recording')
  expect(idsOf(messages)).toEqual(oneTo(30, 21))
  // So does who read another recording of it.
  const { cursor: last } = readAll(kept)
  kept.replace(recordingOf(many(2)))
  expect(readAll(kept, last).messages).toMatchObject([{ type: 'recording' }])
})

test('an event that is too large is left out, and what is kept has its bounds', () => {
  const huge = eventOf(ROOT, 2, { event: { type: 'x', filling: 'x'.repeat(MAX_INSPECTOR_EVENT_SIZE) } })
  const kept = createKept(recordingOf([eventOf(ROOT, 1), huge, eventOf(ROOT, 3)]))
  expect(idsOf(readAll(kept).messages)).toEqual([1, 3])

  const narrow = createKept(recordingOf(many(1_000)), { maxEventBytes: 20_000 })
  expect(narrow.bytes).toBeLessThanOrEqual(20_000)
  expect(idsOf(readAll(narrow).messages).at(-1)).toBe(1_000)

  // Births without end: the oldest are forgotten.
  const born = createKept(recordingOf([]), { maxEvents: 1, maxBeforeBytes: 10_000 })
  born.add(oneTo(1_000).map((id) => birthOf(ROOT, id, `${ROOT}:${id}`)))
  expect(born.bytes).toBeLessThan(11_000)
  while (born.shrink()) expect(born.bytes).toBeLessThan(11_000)
  expect(born.bytes).toBe(0)
})

test('the shelf knows whose a recording is, and has room for so many', () => {
  const shelf = createShelf({ maxNodes: 2 })
  const heard: string[] = []
  shelf.onNews(({ kept, isGone }) => void heard.push(`${kept.node.rootId}${isGone ? ' is gone' : ''}`))
  const take = (owner: ReturnType<typeof shelf.owner>, rootId: string) =>
    owner.take({
      type: 'recording',
      recording: { ...recordingOf([]), node: { rootId, name: rootId, kind: 'node' } },
    })
  const [laptop, phone] = [shelf.owner('laptop'), shelf.owner('phone')]
  expect(phone.take({ type: 'events', rootId: 'a', events: [] })).toBe('unknown')
  expect([take(laptop, 'a'), take(phone, 'b')]).toEqual(['taken-in', 'taken-in'])
  expect([take(phone, 'a'), take(phone, 'c')]).toEqual(['taken', 'full'])
  laptop.end()
  expect([take(phone, 'a'), take(phone, 'c')]).toEqual(['taken', 'taken-in'])
  expect([...shelf.items.keys()]).toEqual(['b', 'c'])
  expect(heard).toEqual(['a', 'b', 'a is gone', 'c'])
})
