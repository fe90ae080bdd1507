import { beforeAll, describe, expect, it } from 'vitest'
import { createDesk, type Desk } from '../../inspector/src/lib/desk.js'
import { isGap, plotRequest } from '../../inspector/src/lib/plot.js'
import { createRequests, type Requests } from '../../inspector/src/lib/requests.js'
import { tellStory } from '../../inspector/src/lib/story.js'
import { createStrip } from '../../inspector/src/lib/strip.js'
import type { InspectorSession } from '../../src/ui-bridge/inspector/events.js'
import { createSession, parseSession } from '../../src/ui-bridge/inspector/session.js'
import { atOnce } from './made.js'
import { recordStory } from './record-story.js'

let session: InspectorSession
let desk: Desk
let requests: Requests

beforeAll(async () => {
  session = parseSession(JSON.stringify(await recordStory()))
  desk = createDesk(atOnce)
  for (const recording of session.recordings) desk.put(recording)
  requests = createRequests(desk)
})

describe('a session of real nodes: a phone is let in on the laptop, a tablet on the phone', () => {
  it('has two requests, of whom and by whom they were answered', () => {
    const told = requests
      .all()
      .map(({ asker, answerer, outcome }) => [asker?.node.name, answerer?.node.name, outcome])
    expect(told).toEqual([
      ['Alice’s phone', 'Alice’s laptop', 'authorised'],
      ['Alice’s tablet', 'Alice’s phone', 'authorised'],
    ])
  })

  it('tells one request from the question to the writer', () => {
    const [first] = requests.all()
    const steps = tellStory(first!)
    expect(steps.map(({ title, item }) => [title, item.track.node.name])).toEqual([
      ['Asks', 'Alice’s phone'],
      ['Relayed', 'always-on'],
      ['Opened', 'Alice’s laptop'],
      ['Shown', 'Alice’s laptop'],
      ['Yes', 'Alice’s laptop'],
      ['Written', 'Alice’s laptop'],
      ['Answered', 'Alice’s laptop'],
      ['Relayed', 'always-on'],
      ['Heard', 'Alice’s phone'],
      ['Replicated', 'Alice’s phone'],
      ['Writer', 'Alice’s phone'],
    ])
  })

  it('draws it from the asker by the always-on node to who answers, people outermost', () => {
    const [first] = requests.all()
    const { lanes, entries } = plotRequest(desk, first!, { lifelines: new Set(), isWhole: false })
    expect(lanes.map(({ label }) => label)).toEqual([
      'person',
      'database',
      'node',
      'relay',
      'node',
      'prompt',
      'person',
    ])
    const messages = entries.flatMap((entry) =>
      !isGap(entry) && entry.kind === 'message' && entry.from
        ? [`${entry.from.track.node.name} → ${entry.to.track.node.name}: ${entry.label}`]
        : [],
    )
    expect(messages).toContain('Alice’s phone → always-on: sealed request')
    expect(messages).toContain('always-on → Alice’s laptop: sealed request')
    expect(messages).toContain('Alice’s laptop → always-on: sealed decision')
    expect(messages).toContain('always-on → Alice’s phone: sealed decision')
  })

  it('has more to show of it with every detail', () => {
    const [first] = requests.all()
    const count = (isWhole: boolean) =>
      plotRequest(desk, first!, { lifelines: new Set(), isWhole }).entries.length
    expect(count(true)).toBeGreaterThan(count(false))
  })

  it('is the same after it was saved and opened again', () => {
    const saved = parseSession(JSON.stringify(createSession(desk.recordings())))
    const again = createDesk(atOnce)
    for (const recording of saved.recordings) again.put(recording)
    expect(again.order.map(({ event }) => event)).toEqual(desk.order.map(({ event }) => event))
    for (const [index, track] of again.tracks.entries()) {
      expect(again.pictureOf(track)).toEqual(desk.pictureOf(desk.tracks[index]!))
    }
  })

  it('comes in the same order live, in whatever pieces the nodes send it', () => {
    const live = createDesk(atOnce)
    for (const recording of session.recordings) live.put({ ...recording, events: [] })
    const pieces = session.recordings.flatMap(({ node, events }) =>
      Array.from({ length: Math.ceil(events.length / 7) }, (_, index) => ({
        rootId: node.rootId,
        events: events.slice(index * 7, index * 7 + 7),
      })),
    )
    for (const { rootId, events } of pieces) live.append(rootId, events)
    expect(live.order.map(({ event }) => event)).toEqual(desk.order.map(({ event }) => event))
    expect(
      createRequests(live)
        .all()
        .map(({ items }) => items.length),
    ).toEqual(requests.all().map(({ items }) => items.length))
  })

  it('has a place for every event on the strip, in order, and finds it there again', () => {
    const strip = createStrip(desk)
    let before = 0
    for (let index = 0; index < desk.order.length; index++) {
      const place = strip.at(index)
      expect(place).toBeGreaterThan(before)
      expect(strip.countAt(place)).toBe(index + 1)
      before = place
    }
    expect(before).toBe(1)
    expect(strip.countAt(0)).toBe(0)
  })
})
