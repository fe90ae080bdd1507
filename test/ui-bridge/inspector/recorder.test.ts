import { describe, expect, it, vi } from 'vitest'
import { assign, createActor, enqueueActions, setup } from 'xstate'
import { createTraces, INSPECTABLE, type Traces } from '../../../src/actors/tracing.js'
import { HyphaError, type NodeOptions } from '../../../src/index.js'
import { createTimeline, type InspectorEvent, inspect } from '../../../src/ui-bridge/inspector/index.js'
import { MAX_RECORDED_EVENTS } from '../../../src/ui-bridge/inspector/limits.js'
import { useDevices as withDevices } from '../../node/devices.js'
import { next, reached, until } from '../../node/until.js'
import {
  allOf,
  expectSameLiving,
  expectSound,
  inspectActor,
  isObserved,
  linesOf,
  recordedLiving,
  told,
} from './look.js'

/** Those of every node that a test makes. */
const traces = vi.hoisted(() => new Set<Traces>())
vi.mock('../../../src/actors/tracing.js', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/actors/tracing.js')>()
  const createTraces = () => {
    const made = actual.createTraces()
    traces.add(made)
    return made
  }
  return { ...actual, createTraces }
})
const areTraced = () => [...traces].map(({ tell }) => tell !== undefined)

const { open, device } = withDevices()
const DOMAIN = 'alice.example'

/** Errors that end a program unless somebody listens. */
const uncaught = async (during: () => Promise<unknown>): Promise<unknown[]> => {
  const errors: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  const listen = (error: unknown) => void errors.push(error)
  process.on('uncaughtException', listen)
  try {
    await during()
    await new Promise((resolve) => setTimeout(resolve, 0))
  } finally {
    process.off('uncaughtException', listen)
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
  return errors
}

describe('an inspection', () => {
  it('attaches to a running node and detaches: nobody is registered before, nor after', async () => {
    traces.clear()
    const node = device({ name: 'laptop' })
    await node.signUp({ domain: DOMAIN })
    expect(isObserved(node.actor)).toBe(false)
    expect(areTraced()).toEqual([false])
    const inspection = inspect(node)
    expect(isObserved(node.actor)).toBe(true)
    expect(areTraced()).toEqual([true])
    expect(inspection.node).toMatchObject({ name: 'laptop', kind: 'node' })
    expectSameLiving(node, inspection)
    await node.setTransport('memory', false)
    const { before, events } = inspection.recording()
    expect(before.every(({ type }) => type === '@xstate.actor')).toBe(true)
    expect(events.length).toBeGreaterThan(0)

    inspection.detach()
    expect(isObserved(node.actor)).toBe(false)
    expect(areTraced()).toEqual([false])
    await node.setTransport('memory', true)
    node.broadcast('unheard')
    expect(inspection.recording().events).toEqual(events)
    inspection.detach()
  })

  it('may be one of several, and comes again: each knows what is there, under the same ids', async () => {
    const node = device()
    const first = inspect(node)
    const second = inspect(node)
    await node.signUp({ domain: DOMAIN })
    first.detach()
    expect(isObserved(node.actor)).toBe(true)
    second.detach()
    expect(isObserved(node.actor)).toBe(false)
    const third = inspect(node)
    expect(third.node.rootId).toBe(first.node.rootId)
    expectSameLiving(node, third)
    expect(recordedLiving(third.recording())).toEqual(recordedLiving(second.recording()))
    await node.setTransport('memory', false)
    expectSameLiving(node, third)
    for (const { recording } of [first, second, third]) expectSound(recording())
  })

  it('listens to messages only while it lasts', () => {
    const traces = createTraces()
    expect(traces.tell).toBeUndefined()
    const stops = [traces.listen(() => {}), traces.listen(() => {})]
    stops[0]?.()
    expect(traces.tell).toBeTypeOf('function')
    stops[1]?.()
    expect(traces.tell).toBeUndefined()
  })

  it('is not of what is no node', () => {
    for (const wrong of [{}, { [INSPECTABLE]: 7 }, { [INSPECTABLE]: { version: 2 } }])
      expect(() => inspect(wrong)).toThrow(HyphaError)
    // @ts-expect-error JavaScript apps forget arguments
    expect(() => inspect()).toThrow(/createNode/)
    const node = open()
    for (const capacity of [0, -1, 1.5, MAX_RECORDED_EVENTS + 1, Number.NaN])
      expect(() => inspect(node, { capacity })).toThrow(/capacity/)
    expect(Object.keys(node)).not.toContain('inspectable')
    expect(isObserved(node.actor)).toBe(false)
  })

  it('names transitions as the diagrams do', async () => {
    const node = device()
    const inspection = inspect(node)
    await node.signUp({ domain: DOMAIN })
    const root = inspection.node.rootId
    const taken = inspection
      .recording()
      .events.flatMap((event) =>
        event.type === '@xstate.snapshot' && event.sessionId === root ? event.transitions : [],
      )
      .map(({ source, event, index, targets }) => `${source}: ${event} #${index} → ${targets.join()}`)
    expect(taken).toEqual(
      expect.arrayContaining([
        'signedOut: signUp #0 → opening',
        'opening.derivingKeys: xstate.done.actor.deriveKeys #0 → opening.openingDatabase',
        'opening.startingTransports: transports.ready #0 → opening.remembering',
        'opening.remembering: xstate.done.actor.remember #0 → origin',
      ]),
    )
    const always = inspection
      .recording()
      .events.flatMap((event) => (event.type === '@xstate.snapshot' ? event.transitions : []))
      .filter(({ event }) => event === '')
    expect(always).toContainEqual({ source: 'stopped', event: '', index: 0, targets: ['starting'] })
  })

  it('brings each machine’s definition, without any data', async () => {
    const node = device()
    const inspection = inspect(node)
    await node.signUp({ domain: DOMAIN })
    const births = allOf(inspection.recording()).filter((event) => event.type === '@xstate.actor')
    const machines = births.filter(({ definition }) => definition !== undefined)
    expect(new Set(machines.map(({ source }) => source))).toEqual(
      new Set(['node', 'prompts', 'transports', 'transport']),
    )
    for (const { source, definition = '' } of machines)
      expect(JSON.parse(definition)).toMatchObject({ id: source })
    expect(births.find(({ name }) => name === 'database')?.definition).toBeUndefined()
  })
})

describe('what an inspector throws', () => {
  it('stays out of the actors: a listener', async () => {
    const node = device()
    const inspection = inspect(node)
    const heard: InspectorEvent[] = []
    inspection.subscribe(() => {
      throw new Error('a listener’s')
    })
    inspection.subscribe((events) => heard.push(...events))
    const errors = await uncaught(() => node.signUp({ domain: DOMAIN }))
    expect(errors.map(String)).toContain('Error: a listener’s')
    expect(node.state).toBe('origin')
    await vi.waitFor(() => expect(heard).toEqual(inspection.recording().events))
  })

  it.each([
    [
      'a function',
      () => {
        throw new Error('an observer’s')
      },
    ],
    [
      'an object',
      {
        next: () => {
          throw new Error('an observer’s')
        },
      },
    ],
  ] satisfies [
    string,
    NodeOptions['inspect'],
  ][])('stays out of the actors: what createNode was given, %s', async (_, inspect) => {
    const node = device({ inspect })
    const errors = await uncaught(async () => {
      await node.signUp({ domain: DOMAIN })
      expect(node.state).toBe('origin')
      await node.put('a', 1)
      expect(await node.get('a')).toBe(1)
      await node.close()
    })
    expect(errors.length).toBeGreaterThan(0)
  })

  it('stays out of the actors: what can’t be shown', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hands off')
        },
        getOwnPropertyDescriptor: () => {
          throw new Error('hands off')
        },
      },
    )
    const machine = setup({}).createMachine({
      id: 'prompt',
      context: {},
      on: { poison: { actions: assign(() => hostile) } },
    })
    const actor = createActor(machine).start()
    const inspection = inspectActor(actor)
    actor.send({ type: 'poison', ...{ id: hostile } })
    actor.send({ type: 'later' })
    expect(actor.getSnapshot().status).toBe('active')
    expect(linesOf(inspection.recording())).toContain('prompt ← later')
  })
})

describe('batches', () => {
  it('come one a macrotask, in order, without what was before; a listener that leaves hears no more', async () => {
    const actor = createActor(setup({}).createMachine({ id: 'ticking', on: { tick: {} } })).start()
    const inspection = inspectActor(actor)
    actor.send({ type: 'tick' })
    const batches: (readonly InspectorEvent[])[] = []
    const stop = inspection.subscribe((events) => batches.push(events))
    for (let i = 0; i < 100; i++) actor.send({ type: 'tick' })
    expect(batches).toEqual([])
    await vi.waitFor(() => expect(batches).toHaveLength(1))
    expect(batches[0]).toHaveLength(200)
    expect(batches[0]).toEqual(inspection.recording().events.slice(2))
    stop()
    actor.send({ type: 'tick' })
    const others: InspectorEvent[] = []
    inspection.subscribe((events) => others.push(...events))
    actor.send({ type: 'tick' })
    await vi.waitFor(() => expect(others).toHaveLength(2))
    expect(batches).toHaveLength(1)
  })
})

describe('memory', () => {
  const parent = setup({
    actors: {
      peer: setup({}).createMachine({
        id: 'peer',
        context: ({ input }) => Object(input),
        on: { summary: {} },
      }),
    },
  }).createMachine({
    id: 'parent',
    on: {
      come: {
        actions: enqueueActions(({ event, enqueue }) =>
          enqueue.spawnChild('peer', { id: `peer:${event.n}`, input: { linkId: String(event.n) } }),
        ),
      },
      tell: {
        actions: enqueueActions(({ event, enqueue }) =>
          enqueue.sendTo(`peer:${event.n}`, { type: 'summary' }),
        ),
      },
      go: { actions: enqueueActions(({ event, enqueue }) => enqueue.stopChild(`peer:${event.n}`)) },
    },
  })

  it('holds so many events; older ones live on as what they came to', () => {
    const actor = createActor(parent).start()
    const whole = inspectActor(actor)
    const short = inspectActor(actor, { capacity: 50 })
    for (let n = 0; n < 200; n++) {
      actor.send({ type: 'come', n })
      actor.send({ type: 'tell', n })
      if (n % 10 !== 0) actor.send({ type: 'go', n })
      if (n % 9 !== 0) continue
      const [all, kept] = [whole.recording(), short.recording()]
      expect(recordedLiving(kept)).toEqual(recordedLiving(all))
    }
    const [all, kept] = [whole.recording(), short.recording()]
    expect(kept.events).toHaveLength(50)
    expect(kept.dropped).toBe(all.events.length - 50)
    expect(kept.events.map(({ id }) => id)).toEqual(all.events.slice(-50).map(({ id }) => id))
    // The root, the twenty that live, and those that died within what is kept.
    expect(kept.before.filter(({ type }) => type === '@xstate.actor').length).toBeLessThan(30)
    expect(kept.before.length).toBeLessThan(60)
    for (const recording of [all, kept]) expectSound(recording)
    const pictures = [all, kept].map((recording) => {
      const { actors } = createTimeline(recording).at(Number.POSITIVE_INFINITY)
      return [...actors.values()]
        .filter(({ diedAt }) => !diedAt)
        .map(({ name, snapshot }) => [name, snapshot])
    })
    expect(pictures[1]).toEqual(pictures[0])
  })

  it('shows large and odd values small and plain, and frozen', () => {
    const machine = setup({}).createMachine({
      id: 'node',
      context: ({ input }) => Object(input),
      on: { problem: {} },
    })
    const cyclic: Record<string, unknown> = { self: null }
    cyclic.self = cyclic
    const actor = createActor(machine, {
      input: {
        name: 'x'.repeat(100_000),
        transports: Array.from({ length: 1_000 }, (_, i) => ({
          id: `t${i}`,
          name: cyclic,
          on: 'yes',
          secret: 'hush',
        })),
        peers: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`p${i}`, cyclic])),
        synced: 1n,
        problem: {
          code: 'X',
          message: `${'m'.repeat(100_000)} at https://user:pass@example.org/path?token=hush#hush`,
          stack: 'hush',
        },
        entrance: { by: 'signIn', domain: 'hush', passphrase: 'hush' },
        unknown: 'hush',
      },
    }).start()
    const inspection = inspectActor(actor)
    actor.send({
      type: 'problem',
      ...{
        problem: new HyphaError(
          'STORAGE_FAILED',
          `See wss://a.example/x?hush=1#hush, ${'ab'.repeat(32)} or ${'Ab9_'.repeat(16)}.`,
          { cause: 'hush' },
        ),
      },
    })
    actor.send({ type: 'unheard of', ...{ hush: 'hush' } })
    const text = JSON.stringify(inspection.recording())
    expect(text).not.toContain('hush')
    expect(text.length).toBeLessThan(30_000)
    expect(text).toContain('See wss://a.example/x … or ….')
    expect(text).toContain('and 936 more')
    const freeze = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      expect(Object.isFrozen(value)).toBe(true)
      for (const inner of Object.values(value)) freeze(inner)
    }
    freeze(inspection.recording())
  })
})

describe('a request, from ask to yes', () => {
  it('is followed by the frames of its messages', async () => {
    const laptop = device({ name: 'laptop' })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const phone = device({ name: 'phone' })
    const [onLaptop, onPhone] = [inspect(laptop), inspect(phone)]
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    const { id } = await asked
    await laptop.authorise(id)
    await reached(phone, 'writer')
    await until(phone, () => phone.nodes().length === 2)
    const messages = (inspection: typeof onPhone) =>
      inspection.recording().events.filter((event) => event.type === 'hypha.message')
    await told(onPhone, () =>
      messages(onPhone).some(({ kind, what }) => kind === 'decision' && what === 'received'),
    )
    for (const kind of ['request', 'acknowledgement', 'decision'] as const) {
      const [from, to] = kind === 'request' ? [onPhone, onLaptop] : [onLaptop, onPhone]
      const sent = messages(from).filter(
        (message) => message.kind === kind && message.what === 'sent' && message.links,
      )
      const received = messages(to).filter((message) => message.kind === kind && message.what === 'received')
      expect(received).toHaveLength(1)
      expect(sent.map(({ frame }) => frame)).toContain(received[0]?.frame)
      expect(received[0]).toMatchObject({ request: id, frame: expect.stringMatching(/^[0-9a-f]{16}$/) })
      const { actors } = createTimeline(to.recording()).at(Number.POSITIVE_INFINITY)
      expect(actors.get(received[0]?.sessionId ?? '')?.name).toBe('messaging')
    }
  })
})
