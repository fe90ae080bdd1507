import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createActor, enqueueActions, setup } from 'xstate'
import {
  createSession,
  createTimeline,
  type InspectorEvent,
  type InspectorSession,
  parseSession,
  type Recording,
} from '../../../src/ui-bridge/inspector/index.js'
import {
  MAX_DEFINITION_LENGTH,
  MAX_RECORDED_EVENTS,
  MAX_SESSION_BYTES,
  MAX_SESSION_DEPTH,
  MAX_SESSION_FIELDS,
  MAX_SESSION_RECORDINGS,
  MAX_SESSION_TEXT_LENGTH,
  MAX_SESSION_VALUES,
} from '../../../src/ui-bridge/inspector/limits.js'
import { parseEvents, parseRecording } from '../../../src/ui-bridge/inspector/session.js'
import { allOf, inspectActor } from './look.js'

const refused = expect.objectContaining({ code: 'SESSION_INVALID' })
const attempt = (session: unknown): unknown => {
  try {
    return parseSession(session)
  } catch (error) {
    return error
  }
}

/** One that has everything: births, events, snapshots with transitions, deaths, and what was there before. */
const record = (): Recording => {
  const child = setup({}).createMachine({
    id: 'prompt',
    context: ({ input }) => Object(input),
    initial: 'pending',
    states: { pending: { on: { decline: 'declined' } }, declined: { type: 'final' } },
  })
  const parent = setup({ actors: { child } }).createMachine({
    id: 'prompts',
    on: {
      ask: {
        actions: enqueueActions(({ event, enqueue }) =>
          enqueue.spawnChild('child', {
            id: `prompt:${event.n}`,
            input: { id: String(event.n), legacy: false },
          }),
        ),
      },
      decline: {
        actions: enqueueActions(({ event, enqueue }) => enqueue.sendTo(`prompt:${event.n}`, event)),
      },
    },
  })
  const actor = createActor(parent).start()
  const inspection = inspectActor(actor, { capacity: 40 })
  for (let n = 0; n < 20; n++) {
    actor.send({ type: 'ask', n })
    if (n % 3 === 0) actor.send({ type: 'decline', n })
  }
  return inspection.recording()
}

let recording: Recording
let session: InspectorSession
beforeAll(() => {
  const recorded = record()
  const { rootId } = recorded.node
  const message: InspectorEvent = {
    rootId,
    sessionId: rootId,
    createdAt: '1.5',
    id: 'm',
    _version: '1',
    type: 'hypha.message',
    what: 'received',
    frame: '00ff00ff00ff00ff',
    bytes: 512,
    kind: 'request',
    request: '0a'.repeat(16),
    links: 2,
  }
  recording = { ...recorded, events: [...recorded.events, message] }
  session = createSession([recording])
})

/** The session with one thing changed. */
const changed = (
  change: (copy: { recordings: Record<string, unknown>[] } & Record<string, unknown>) => void,
): unknown => {
  const copy = JSON.parse(JSON.stringify(session))
  change(copy)
  return copy
}
const withEvent = (event: unknown) =>
  changed(({ recordings }) => Object.assign(recordings[0]!, { events: [event] }))
const eventOf = (type: InspectorEvent['type']): Record<string, unknown> =>
  JSON.parse(JSON.stringify(allOf(recording).find((event) => event.type === type)))

describe('a session', () => {
  it('is opened again as it was exported', () => {
    const text = JSON.stringify(session)
    const opened = parseSession(text)
    expect(opened.exportedAt).toBe(session.exportedAt)
    expect(opened.recordings).toEqual([recording])
    expect(parseSession(JSON.parse(text))).toEqual(opened)
    expect(new Set(recording.events.map(({ type }) => type)).size).toBe(5)
    expect(Object.isFrozen(opened.recordings[0]?.events[0])).toBe(true)
  })

  it('holds each machine’s definition once', () => {
    const text = JSON.stringify(session)
    const definition = JSON.stringify(
      recording.before.find((event) => event.type === '@xstate.actor' && event.source === 'prompt'),
    )
    expect(definition).toContain('declined')
    expect(text.match(/\\"initial\\":\\"pending\\"/g)).toHaveLength(1)
    const opened = parseSession(text).recordings.flatMap(allOf)
    for (const event of opened)
      if (event.type === '@xstate.actor') expect(event.definition).toBeTypeOf('string')
  })

  it('leaves out what isn’t known', () => {
    const opened = parseSession(
      changed((copy) => {
        Object.assign(copy, { more: 1 })
        Object.assign(copy.recordings[0]!, {
          more: 1,
          dropped: 'many',
          events: [{ ...eventOf('hypha.death'), more: { a: 1 } }],
        })
      }),
    )
    expect(JSON.stringify(opened)).not.toContain('more')
    expect(opened.recordings[0]?.dropped).toBe(0)
    // JSON's own name for a prototype is a field like any other, and not taken.
    const snapshot = JSON.parse('{"status":"active","value":{"__proto__":{"polluted":1},"constructor":"c"}}')
    const [event] =
      parseSession(withEvent({ ...eventOf('@xstate.snapshot'), snapshot })).recordings[0]?.events ?? []
    expect(JSON.stringify(event)).not.toContain('polluted')
    expect(event).toMatchObject({ snapshot: { value: { constructor: 'c' } } })
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['no text', () => ''],
    ['no JSON', () => '{'],
    ['a list', () => []],
    ['null', () => 'null'],
    ['another format', () => changed((copy) => Object.assign(copy, { format: 'other' }))],
    ['another version', () => changed((copy) => Object.assign(copy, { version: 2 }))],
    ['no recordings', () => changed((copy) => Object.assign(copy, { recordings: {} }))],
    [
      'a recording of nobody',
      () => changed(({ recordings }) => Object.assign(recordings[0]!, { node: { rootId: 1 } })),
    ],
    [
      'a recording of something else',
      () =>
        changed(({ recordings }) =>
          Object.assign(recordings[0]!, { node: { rootId: 'a', name: 'a', kind: 'toaster' } }),
        ),
    ],
    ['events of another node', () => withEvent({ ...eventOf('hypha.death'), rootId: 'other' })],
    ['no events', () => changed(({ recordings }) => Object.assign(recordings[0]!, { events: 'many' }))],
    ['an event that is none', () => withEvent(7)],
    ['an event of no type', () => withEvent({ ...eventOf('hypha.death'), type: 'other' })],
    ['an event without an id', () => withEvent({ ...eventOf('hypha.death'), id: undefined })],
    ['a moment that is none', () => withEvent({ ...eventOf('hypha.death'), createdAt: 'yesterday' })],
    ['an event of nothing', () => withEvent({ ...eventOf('@xstate.event'), event: {} })],
    [
      'a snapshot of nothing',
      () => withEvent({ ...eventOf('@xstate.snapshot'), snapshot: { status: 'odd' } }),
    ],
    [
      'transitions that are none',
      () => withEvent({ ...eventOf('@xstate.snapshot'), transitions: [{ source: 'a' }] }),
    ],
    ['a message that went nowhere', () => withEvent({ ...eventOf('hypha.message'), what: 'eaten' })],
  ])('is none: %s', (_, make) => {
    expect(attempt(make())).toEqual(refused)
  })

  it('is bounded in everything', () => {
    const deep = (depth: number): unknown => (depth === 0 ? 0 : { a: deep(depth - 1) })
    const contextOf = (context: unknown) =>
      withEvent({ ...eventOf('@xstate.snapshot'), snapshot: { status: 'active', context } })
    const fine = (context: unknown) => expect(attempt(contextOf(context))).not.toEqual(refused)
    const toomuch = (context: unknown) => expect(attempt(contextOf(context))).toEqual(refused)
    fine(deep(MAX_SESSION_DEPTH))
    toomuch(deep(MAX_SESSION_DEPTH + 1))
    fine({ a: 'x'.repeat(MAX_SESSION_TEXT_LENGTH) })
    toomuch({ a: 'x'.repeat(MAX_SESSION_TEXT_LENGTH + 1) })
    toomuch({ ['x'.repeat(MAX_SESSION_TEXT_LENGTH + 1)]: 1 })
    fine({ a: Array(MAX_SESSION_FIELDS).fill(1) })
    toomuch({ a: Array(MAX_SESSION_FIELDS + 1).fill(1) })
    toomuch(Object.fromEntries(Array.from({ length: MAX_SESSION_FIELDS + 1 }, (_, i) => [i, 1])))
    const values = (count: number) =>
      Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, Array(count / 16).fill(1)]))
    fine(values(MAX_SESSION_VALUES - 32))
    toomuch(values(MAX_SESSION_VALUES))
    const definition = (length: number) =>
      withEvent({ ...eventOf('@xstate.actor'), definition: 'x'.repeat(length) })
    expect(attempt(definition(MAX_DEFINITION_LENGTH))).not.toEqual(refused)
    expect(attempt(definition(MAX_DEFINITION_LENGTH + 1))).toEqual(refused)
    const [first] = JSON.parse(JSON.stringify(session)).recordings
    const recordings = (length: number) =>
      changed((copy) =>
        Object.assign(copy, { recordings: Array(length).fill({ ...first, before: [], events: [] }) }),
      )
    expect(attempt(recordings(MAX_SESSION_RECORDINGS))).not.toEqual(refused)
    expect(attempt(recordings(MAX_SESSION_RECORDINGS + 1))).toEqual(refused)
    expect(() => parseEvents(Array(MAX_RECORDED_EVENTS + 1))).toThrow(
      expect.objectContaining({ code: 'SESSION_INVALID' }),
    )
    // Deep text is refused before it is parsed; and so is what is too long.
    expect(attempt(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toEqual(refused)
    expect(attempt(' '.repeat(MAX_SESSION_BYTES + 1))).toEqual(refused)
  })

  it('refuses with its own error whatever is thrown at it, and what passes can be gone through', () => {
    const anything = fc.jsonValue({ maxDepth: 4 })
    fc.assert(
      fc.property(
        fc.constantFrom<InspectorEvent['type']>(
          '@xstate.actor',
          '@xstate.event',
          '@xstate.snapshot',
          'hypha.death',
          'hypha.message',
        ),
        fc.constantFrom(
          'rootId',
          'sessionId',
          'createdAt',
          'id',
          'name',
          'snapshot',
          'definition',
          'parentId',
          'source',
          'event',
          'transitions',
          'what',
          'kind',
          'bytes',
          'links',
        ),
        anything,
        (type, field, value) => {
          const result = attempt(withEvent({ ...eventOf(type), [field]: value }))
          if (result instanceof Error) {
            expect(result).toEqual(refused)
            return
          }
          for (const opened of parseSession(JSON.stringify(result)).recordings)
            expect(createTimeline(opened).at(9).actors.size).toBeGreaterThan(0)
        },
      ),
      { numRuns: 1_000 },
    )
    fc.assert(
      fc.property(anything, (value) => {
        expect(attempt(value)).toEqual(refused)
        expect(attempt(JSON.stringify(value))).toEqual(refused)
      }),
      { numRuns: 300 },
    )
  })

  it('has parts that can be read alone, as they come over a wire', () => {
    const copy = JSON.parse(JSON.stringify(recording))
    expect(parseRecording(copy)).toEqual(recording)
    expect(parseEvents(copy.events)).toEqual(recording.events)
    expect(() => parseRecording(7)).toThrow(expect.objectContaining({ code: 'SESSION_INVALID' }))
  })
})
