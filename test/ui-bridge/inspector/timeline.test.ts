import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src/testing/random.js'
import type { InspectorEvent, Picture, Recording } from '../../../src/ui-bridge/inspector/index.js'
import { createTimeline } from '../../../src/ui-bridge/inspector/index.js'

const base = (sessionId: string, id: number) => ({
  rootId: 'root',
  sessionId,
  createdAt: `${1_000 + id}.5`,
  id: String(id),
  _version: '1',
})

/** Actors that come, hear, change and go, by chance. */
const makeRecording = (length: number, seed: number): Recording => {
  const dice = createRandom(seed)
  const living: string[] = []
  let count = 0
  const birth = (id: number): InspectorEvent => {
    const sessionId = `x:${++count}`
    const parentId = living.length > 0 ? living[Math.floor(dice() * living.length)] : undefined
    living.push(sessionId)
    return {
      ...base(sessionId, id),
      type: '@xstate.actor',
      name: `actor ${count}`,
      snapshot: { status: 'active', value: 'new' },
      definition: undefined,
      parentId,
      source: 'actor',
    }
  }
  const happen = (id: number): InspectorEvent => {
    const place = Math.floor(dice() * living.length)
    const sessionId = living[place]
    const what = dice()
    if (sessionId === undefined || what < 0.05) return birth(id)
    const event = { type: `event ${id}` }
    if (what < 0.08 && place > 0) {
      living.splice(place, 1)
      return { ...base(sessionId, id), type: 'hypha.death' }
    }
    if (what < 0.5) return { ...base(sessionId, id), type: '@xstate.event', event, sourceId: undefined }
    const transitions = [{ source: 'a', event: event.type, index: 0, targets: ['b'] }]
    return {
      ...base(sessionId, id),
      type: '@xstate.snapshot',
      event,
      snapshot: { status: 'active', value: id },
      transitions,
    }
  }
  const before = [birth(1), birth(2)]
  return {
    node: { rootId: 'root', name: 'node', kind: 'node' },
    before,
    events: Array.from({ length }, (_, i) => happen(i + 3)),
    dropped: 0,
  }
}

/** What is so after an event, told simply. */
const told = ({ before, events }: Recording, index: number) => {
  const actors = new Map<string, Record<string, unknown>>()
  for (const event of [...before, ...events.slice(0, index + 1)]) {
    const actor = actors.get(event.sessionId)
    if (event.type === '@xstate.actor')
      actors.set(event.sessionId, { value: event.snapshot.value, born: event.createdAt })
    else if (event.type === '@xstate.event') Object.assign(actor ?? {}, { heard: event.event.type })
    else if (event.type === '@xstate.snapshot')
      Object.assign(actor ?? {}, { value: event.snapshot.value, by: event.transitions[0]?.event })
    else Object.assign(actor ?? {}, { died: event.createdAt })
  }
  return [...actors].map(([id, { value, born, heard, by, died }]) => ({ id, value, born, heard, by, died }))
}

const shown = ({ actors }: Picture) =>
  [...actors].map(([id, { snapshot, bornAt, lastEvent, transitions, diedAt }]) => ({
    id,
    value: snapshot.value,
    born: bornAt,
    heard: lastEvent?.type,
    by: transitions[0]?.event,
    died: diedAt,
  }))

describe('a timeline', () => {
  it('shows at each moment what was so, in whatever order one asks', () => {
    const recording = makeRecording(3_000, 7)
    const timeline = createTimeline(recording)
    const dice = createRandom(8)
    const moments = [
      -1,
      0,
      1,
      2_999,
      511,
      512,
      513,
      1_023,
      1_024,
      ...Array.from({ length: 120 }, () => Math.floor(dice() * 3_000)),
    ]
    for (const moment of moments) {
      const picture = timeline.at(moment)
      expect(picture.index).toBe(moment)
      expect(shown(picture)).toEqual(told(recording, moment))
    }
    for (let step = 500; step < 530; step++) expect(shown(timeline.at(step))).toEqual(told(recording, step))
    for (let step = 530; step > 500; step--) expect(shown(timeline.at(step))).toEqual(told(recording, step))
  })

  it('takes what is beyond for the nearest, and holds with nothing', () => {
    const timeline = createTimeline(makeRecording(10, 1))
    expect(timeline.length).toBe(10)
    expect(timeline.at(Number.POSITIVE_INFINITY).index).toBe(9)
    expect(timeline.at(99).index).toBe(9)
    expect(timeline.at(-99).index).toBe(-1)
    expect(timeline.at(Number.NaN).index).toBe(-1)
    expect(timeline.at(2.9).index).toBe(2)
    const empty = createTimeline({ ...makeRecording(0, 1), before: [] })
    expect(empty.at(0)).toMatchObject({ index: -1, actors: new Map() })
  })

  it('gives the same picture while one stays, and lets the old ones be', () => {
    const timeline = createTimeline(makeRecording(1_000, 3))
    const picture = timeline.at(700)
    expect(timeline.at(700)).toBe(picture)
    const before = shown(picture)
    timeline.at(999)
    timeline.at(0)
    expect(shown(picture)).toEqual(before)
  })

  it('keeps no more than there are events, and stays quick, where there is nothing but births', () => {
    const birth = makeRecording(3_000, 7).events.find(({ type }) => type === '@xstate.actor')
    const events = Array.from({ length: 20_000 }, (_, i) => ({
      ...birth!,
      sessionId: `x:${i}`,
      id: String(i),
    }))
    let copied = 0
    const { set } = Map.prototype
    Map.prototype.set = function (...given) {
      copied++
      return set.apply(this, given)
    }
    let actors: Picture['actors']
    try {
      actors = createTimeline({ ...makeRecording(0, 1), events }).at(19_999).actors
    } finally {
      Map.prototype.set = set
    }
    expect(actors.size).toBe(20_000)
    expect(copied).toBeLessThan(3 * 20_000)
  })

  it('looks at few events for a step in a long recording', () => {
    const recording = makeRecording(10_000, 5)
    let reads = 0
    const events = new Proxy(recording.events, {
      get: (target, field) => {
        if (typeof field === 'string' && /^\d+$/.test(field)) reads++
        return Reflect.get(target, field)
      },
    })
    const timeline = createTimeline({ ...recording, events })
    timeline.at(9_999)
    expect(reads).toBe(10_000)
    reads = 0
    for (let step = 9_998; step > 9_898; step--) timeline.at(step)
    expect(reads).toBeLessThan(100 * 512)
    reads = 0
    timeline.at(5_000)
    for (let step = 5_001; step < 5_101; step++) timeline.at(step)
    expect(reads).toBeLessThan(512 + 100)
  })
})
