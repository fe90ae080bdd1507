import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyActorLogic, createActor } from 'xstate'
import { lockWait, type NodeEvent, nodeMachine, type OpenedHypha } from '../../src/machines/index.js'
import { HyphaError } from '../../src/protocol/errors.js'
import { type AnyEvent, type Executors, pathsOf, runPath } from '../../src/testing/index.js'
import { createRig, link, input as plain, provideOutside, request } from './node-rig.js'
import { createHandClock, createPuppets, settle } from './puppets.js'

/** A storage that may keep a hypha: the walk begins with looking. */
const input = { ...plain, recalls: true }

const problem = { code: 'OPENING_FAILED', message: 'It broke.' }
const done = (actorId: string, output?: unknown): AnyEvent => ({
  type: `xstate.done.actor.${actorId}`,
  actorId,
  output,
})
const failure = (actorId: string): AnyEvent => ({
  type: `xstate.error.actor.${actorId}`,
  actorId,
  error: new Error('It broke.'),
})

const opened: OpenedHypha[] = [
  { role: 'origin', hasChannel: true },
  { role: 'writer', hasChannel: true },
  { role: 'reader', hasChannel: true },
  { role: 'reader', hasChannel: false },
  // As after its key has changed.
  { role: 'reader', hasChannel: true, requestId: 'request-3' },
]

/** Everything that is said to a node by the app, the database, the transports and the channel. */
const said: NodeEvent[] = [
  { type: 'signUp', domain: 'ada.example' },
  { type: 'signIn', domain: 'ada.example' },
  { type: 'signIn', domain: 'ada.example', requestId: 'request-1' },
  { type: 'open' },
  { type: 'recall' },
  { type: 'requestAuthorisation', requestId: 'request-2' },
  { type: 'cancelRequest' },
  { type: 'authorise', id: 'a' },
  { type: 'decline', id: 'a' },
  { type: 'close' },
  { type: 'setTransport', id: 'tcp', on: false },
  { type: 'write' },
  { type: 'database.authorised' },
  { type: 'database.synced', synced: true },
  { type: 'database.keyGone' },
  { type: 'transports.ready' },
  { type: 'transports.failed', problem },
  { type: 'connection', link: link('1') },
  { type: 'peer.appeared' },
  { type: 'answer.acknowledged', by: 'desk' },
  { type: 'answer.approved', by: 'desk' },
  { type: 'answer.declined', by: 'desk' },
  { type: 'request.received', request: request('a') },
  { type: 'request.renewed', id: 'a' },
  { type: 'request.cancelled', id: 'a' },
  { type: 'request.declinedElsewhere', id: 'a' },
  { type: 'writer.authorised', writerKey: request('a').writerKey },
  { type: 'problem', problem },
  { type: 'problem.solved' },
]

const promises = ['recall', 'remember', 'deriveKeys', 'openDatabase', 'release', 'request', 'peer:1']
const work = ['channel', 'database', 'prompts', 'transports']
const ends: AnyEvent[] = [
  done('recall', { found: false }),
  done('recall', { found: true, name: 'Phone' }),
  done('recall', { found: true, requestId: 'request-0' }),
  done('remember'),
  ...(['STORAGE_DAMAGED', 'STORAGE_LOCKED'] as const).map((code) => ({
    ...failure('recall'),
    error: new HyphaError(code, 'It broke.'),
  })),
  done('deriveKeys'),
  ...opened.map((each) => done('openDatabase', each)),
  done('release'),
  ...['authorised', 'declined', 'cancelled'].map((outcome) => done('request', { outcome })),
  done('peer:1', { linkId: '1', reason: 'closed' }),
  ...promises.map(failure),
  ...work.map(failure),
]
const LOCK_WAIT = 'xstate.after.lockWait.node.failed.waiting'
const events: AnyEvent[] = [...said.map((event) => ({ ...event })), ...ends, { type: LOCK_WAIT }]

/** One level of the machine: the machines below it are puppets too, so that their ends come when the path says. */
const start = () => {
  const puppets = createPuppets()
  const machine = provideOutside(puppets).provide({
    actors: Object.fromEntries<AnyActorLogic>([
      ['request', puppets.promise('request')],
      ['peer', puppets.promise('peer:1')],
      ['prompts', puppets.callback('prompts')],
    ]) as Record<string, never>,
  })
  const clock = createHandClock()
  return { puppets, clock, actor: createActor(machine, { input, clock }).start() }
}

const isOpen = (value: unknown): boolean =>
  ['origin', 'readOnly', 'awaitingAuthorisation', 'writer'].includes(String(value)) ||
  ['startingTransports', 'remembering'].some(
    (state) => JSON.stringify(value) === JSON.stringify({ opening: state }),
  )

const invoked = (value: unknown): string[] => {
  if (value === 'awaitingAuthorisation') return ['request']
  if (typeof value !== 'object' || value === null) return []
  const [inner] = Object.values(value)
  const byState: Record<string, string> = {
    recalling: 'recall',
    remembering: 'remember',
    derivingKeys: 'deriveKeys',
    openingDatabase: 'openDatabase',
    releasing: 'release',
    changingKey: 'release',
  }
  const child = byState[String(inner)]
  return child ? [child] : []
}

describe('every path of a node', () => {
  const { paths, missed } = pathsOf(nodeMachine, {
    input,
    events,
    remember: ({ role, hasChannel, requestId, peers, problem, entrance }) => [
      entrance?.by === 'storage',
      problem?.code === 'STORAGE_DAMAGED',
      problem?.code === 'STORAGE_LOCKED',
      role,
      hasChannel,
      requestId !== undefined,
      Object.keys(peers),
    ],
  })

  it('takes every transition', () => {
    expect(paths.length).toBeGreaterThan(100)
    expect(missed).toEqual([])
  })

  it('is walked alike by a node at work, with exactly the children that each state needs', async () => {
    for (const path of paths) {
      const { puppets, clock, actor } = start()
      const send = (event: AnyEvent) => actor.send(event as NodeEvent)
      const executors: Executors = {
        [LOCK_WAIT]: () => clock.goOff(lockWait(actor.getSnapshot().context.tries)),
        ...Object.fromEntries(said.map(({ type }) => [type, send])),
        ...Object.fromEntries(work.map((name) => [`xstate.error.actor.${name}`, send])),
        ...Object.fromEntries(
          promises.flatMap((name) => [
            [`xstate.done.actor.${name}`, ({ output }: AnyEvent) => puppets.finish(name, output)],
            [`xstate.error.actor.${name}`, ({ error }: AnyEvent) => puppets.fail(name, error as Error)],
          ]),
        ),
      }
      await runPath(path, executors, (expected) => {
        const snapshot = actor.getSnapshot()
        const { value, context } = snapshot
        expect(value).toEqual(expected.value)
        expect(snapshot.status).toBe('active')
        const peers = Object.keys(context.peers).map((linkId) => `peer:${linkId}`)
        const children = [...invoked(value), ...(isOpen(value) ? work : []), ...peers].sort()
        expect(Object.keys(snapshot.children).sort()).toEqual(children)
        expect(puppets.atWork()).toEqual(children)
        expect(snapshot.can({ type: 'write' })).toBe(value === 'origin' || value === 'writer')
        expect(snapshot.can({ type: 'close' })).toBe(!snapshot.matches('closed'))
        expect(context.role !== undefined).toBe(isOpen(value))
        if (!isOpen(value)) expect(context).toMatchObject({ peers: {}, synced: false })
        if (snapshot.matches({ closed: 'released' })) expect(children).toEqual([])
        expect(clock.pending()).toBe(snapshot.matches({ failed: 'waiting' }) ? 1 : 0)
      })
      actor.stop()
      expect(puppets.atWork()).toEqual([])
    }
  }, 240_000)
})

describe('a node of real machines', () => {
  const leaves = [
    'remember',
    'deriveKeys',
    'openDatabase',
    'release',
    'sendRequest',
    'repeatRequest',
    'sendCancel',
    'authorise',
    'decline',
  ]
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...said).map((event) => ({ event })) },
    {
      weight: 3,
      arbitrary: fc.record({ finish: fc.constantFrom(...leaves), opened: fc.constantFrom(...opened) }),
    },
    { weight: 1, arbitrary: fc.record({ fail: fc.constantFrom(...leaves) }) },
    { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 15 * 60_000 }) }) },
  )

  it('survives whatever is said to it in whatever order, and ends with nothing left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { puppets, clock, actor, children, prompts } = createRig()
        for (const each of steps) {
          if ('event' in each) actor.send(each.event)
          else if ('pass' in each) clock.increment(each.pass)
          else if ('finish' in each) {
            if (puppets.atWork().includes(each.finish)) await puppets.finish(each.finish, each.opened)
          } else if (puppets.atWork().includes(each.fail)) await puppets.fail(each.fail)
          const { status, value } = actor.getSnapshot()
          expect(status).toBe('active')
          expect(children().includes('request')).toBe(value === 'awaitingAuthorisation')
          expect(children().includes('prompts')).toBe(isOpen(value))
          expect(prompts().length).toBeLessThanOrEqual(5)
        }
        actor.send({ type: 'close' })
        if (puppets.atWork().includes('release')) await puppets.finish('release')
        await settle()
        expect(actor.getSnapshot().value).toEqual({ closed: 'released' })
        expect(puppets.atWork()).toEqual([])
        expect(children()).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
