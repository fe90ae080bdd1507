import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createActor, SimulatedClock } from 'xstate'
import {
  backoff,
  type DialEvent,
  type DialInput,
  dialMachine,
  FIRST_MINUTE_MS,
  FIRST_WAIT_MS,
  MAX_EARLY_WAIT_MS,
  MAX_WAIT_MS,
  SETTLED_MS,
  STABLE_MS,
} from '../../src/machines/index.js'
import { type AnyEvent, type Executors, pathsOf, runPath } from '../../src/testing/index.js'
import { createPuppets } from './puppets.js'

const input: DialInput = { dialId: '1', address: 'there' }
const problem = { code: 'ADDRESS_UNREACHABLE', message: 'there can’t be reached (ECONNREFUSED).' }
/** Always as long as may be, so that waits can be told exactly. */
const LONGEST = 0.999_999

const open = (given: Partial<DialInput> = {}) => {
  const puppets = createPuppets()
  const clock = new SimulatedClock()
  const reports: string[] = []
  const machine = dialMachine.provide({
    actors: { dial: puppets.callback('dial') },
    actions: { report: (_, params) => void reports.push(params.problem?.code ?? 'nothing') },
  })
  const actor = createActor(machine, { input: { ...input, ...given }, clock }).start()
  const tell = (event: DialEvent) => puppets.tell('dial', event)
  const state = () => actor.getSnapshot().value
  return {
    puppets,
    clock,
    actor,
    reports,
    state,
    up: () => tell({ type: 'dial.up' }),
    lose: (chance = LONGEST) => tell({ type: 'dial.lost', chance }),
    fail: (chance = LONGEST) => tell({ type: 'dial.failed', problem, chance }),
    /** Passes time in steps of 10 ms until it dials; says how long that took. */
    untilDialling: (limit = 20_000) => {
      let waited = 0
      while (state() !== 'dialling' && waited < limit) {
        clock.increment(10)
        waited += 10
      }
      return waited
    },
    dials: () => puppets.heard.filter(({ type }) => type === 'dial').length,
  }
}

describe('the backoff', () => {
  it('doubles from a tenth of a second, up to its cap', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((attempt) => [
      backoff({ attempt, isLong: false, chance: LONGEST }),
      backoff({ attempt, isLong: true, chance: LONGEST }),
    ])
    expect(waits.slice(0, 5)).toEqual([
      [99, 99],
      [199, 199],
      [399, 399],
      [799, 799],
      [1_499, 1_599],
    ])
    expect(waits.at(-1)).toEqual([MAX_EARLY_WAIT_MS - 1, MAX_WAIT_MS - 1])
  })

  it('keeps to its limits, whatever the attempt and the dice say, and uses all of the room', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 2 ** 31 }), fc.boolean(), chance, (attempt, isLong, dice) => {
        const wait = backoff({ attempt, isLong, chance: dice })
        const cap = isLong ? MAX_WAIT_MS : MAX_EARLY_WAIT_MS
        const longest = Math.min(cap, FIRST_WAIT_MS * 2 ** Math.min(30, Math.max(0, attempt - 1)))
        expect(Number.isInteger(wait) && wait >= 0 && wait < cap).toBe(true)
        expect(wait).toBe(Math.floor(dice * longest))
        if (attempt <= 1) expect(wait).toBeLessThan(FIRST_WAIT_MS)
      }),
    )
  })
})

describe('an address that is kept connected', () => {
  it('is dialled again after longer and longer waits, and one of the failures is reported', () => {
    const { fail, untilDialling, reports, clock, state } = open()
    const waits: number[] = []
    for (let failure = 0; failure < 10; failure++) {
      fail()
      waits.push(untilDialling())
    }
    expect(waits).toEqual([100, 200, 400, 800, 1_500, 1_500, 1_500, 1_500, 1_500, 1_500])
    clock.increment(FIRST_MINUTE_MS)
    fail()
    expect(untilDialling()).toBe(MAX_WAIT_MS)
    expect(state()).toBe('dialling')
    expect(reports).toEqual(['ADDRESS_UNREACHABLE'])
  })

  it('is dialled again quickly after a connection, however long it had failed before, and told of anew', () => {
    const { fail, untilDialling, up, lose, clock, state, reports } = open()
    for (let failure = 0; failure < 20; failure++) {
      fail()
      untilDialling()
    }
    clock.increment(FIRST_MINUTE_MS)
    up()
    expect(state()).toBe('connected')
    clock.increment(SETTLED_MS)
    lose()
    expect(untilDialling()).toBeLessThanOrEqual(FIRST_WAIT_MS)
    fail()
    expect(untilDialling()).toBeLessThanOrEqual(2 * FIRST_WAIT_MS)
    expect(reports).toHaveLength(2)
  })

  it('is let rest where each connection ends at once, and not after one that lived for a minute', () => {
    const { up, lose, untilDialling, clock } = open()
    const waits: number[] = []
    const flap = () => {
      up()
      clock.increment(1_000)
      lose()
      waits.push(untilDialling())
    }
    for (let early = 0; early < 60; early++) flap()
    expect(waits.slice(0, 5)).toEqual([100, 200, 400, 800, 1_500])
    // Nothing has ended the outage, so that it became a long one.
    expect(waits.at(-1)).toBe(MAX_WAIT_MS)
    up()
    clock.increment(STABLE_MS)
    lose()
    expect(untilDialling()).toBe(FIRST_WAIT_MS)
  })

  it('isn’t tried offline, after the one try that a person hears of, and is at once when there is a network', () => {
    const { fail, state, actor, untilDialling, reports, dials } = open({ isOnline: false })
    expect(state()).toBe('dialling')
    fail()
    expect(state()).toBe('suspended')
    expect(reports).toHaveLength(1)
    expect(untilDialling()).toBe(20_000)
    actor.send({ type: 'network.online' })
    expect(state()).toBe('dialling')
    actor.send({ type: 'network.offline' })
    expect(state()).toBe('suspended')
    actor.send({ type: 'page.visible' })
    expect(state()).toBe('suspended')
    // The person knows better.
    actor.send({ type: 'retry' })
    expect(state()).toBe('dialling')
    fail()
    expect(state()).toBe('waiting')
    expect(dials()).toBe(3)
  })

  it('stays connected while the network says that there is none, until it breaks', () => {
    const { up, lose, actor, state } = open()
    up()
    actor.send({ type: 'network.offline' })
    expect(state()).toBe('connected')
    lose()
    expect(state()).toBe('suspended')
  })

  it('means this device itself: offline is nothing to it', () => {
    const { fail, state, actor, untilDialling } = open({ isLocal: true })
    actor.send({ type: 'network.offline' })
    expect(state()).toBe('dialling')
    fail()
    expect(untilDialling()).toBe(FIRST_WAIT_MS)
  })

  it('is tried behind a hidden page for a minute, and then when somebody looks', () => {
    const { fail, state, actor, untilDialling, clock } = open()
    actor.send({ type: 'page.hidden' })
    for (let failure = 0; failure < 5; failure++) {
      fail()
      untilDialling()
    }
    expect(state()).toBe('dialling')
    clock.increment(FIRST_MINUTE_MS)
    fail()
    expect(state()).toBe('suspended')
    actor.send({ type: 'page.visible' })
    expect(state()).toBe('dialling')
    fail()
    expect(state()).toBe('waiting')
    actor.send({ type: 'page.hidden' })
    expect(state()).toBe('suspended')
  })

  it('is tried at once on another network, by hand, and when the page is seen', () => {
    for (const type of ['network.online', 'retry', 'page.visible'] as const) {
      const { fail, state, actor, dials } = open()
      fail()
      expect(state()).toBe('waiting')
      actor.send({ type })
      expect(state()).toBe('dialling')
      expect(dials()).toBe(2)
    }
    const { actor, dials } = open()
    actor.send({ type: 'network.online' })
    expect(dials()).toBe(2)
  })

  it('ends when nobody wants it, from wherever it is, with nothing left', () => {
    const ways: ((scene: ReturnType<typeof open>) => void)[] = [
      () => {},
      ({ up }) => up(),
      ({ fail }) => fail(),
      ({ actor }) => actor.send({ type: 'network.offline' }),
    ]
    for (const go of ways) {
      const scene = open()
      go(scene)
      scene.actor.send({ type: 'stop' })
      expect(scene.state()).toBe('stopped')
      expect(scene.puppets.atWork()).toEqual([])
      expect(scene.actor.getSnapshot().output).toEqual({ dialId: '1' })
    }
  })
})

describe('every path of a dial', () => {
  const said: DialEvent[] = [
    { type: 'dial.up' },
    { type: 'dial.lost', chance: 0.5 },
    { type: 'dial.failed', problem, chance: 0.5 },
    { type: 'outage.long' },
    { type: 'network.online' },
    { type: 'network.offline' },
    { type: 'page.hidden' },
    { type: 'page.visible' },
    { type: 'retry' },
    { type: 'stop' },
  ]
  const after = ['connected.settled', 'connected.stable', 'waiting.wait'].map((name) => {
    const [state, delay] = name.split('.')
    return { type: `xstate.after.${delay}.dial.${state}` }
  })
  const events: AnyEvent[] = [...said.map((event) => ({ ...event })), ...after]

  it.each([
    false,
    true,
  ])('takes every transition, and is walked alike at work (local: %s)', async (isLocal) => {
    const given = { ...input, isLocal }
    const { paths, missed } = pathsOf(dialMachine, {
      input: given,
      events,
      remember: ({ isOnline, isHidden, isLong, isOut, early, problem: why }) => [
        isOnline,
        isHidden,
        isLong,
        isOut,
        Math.min(early, 1),
        why !== undefined,
      ],
      stopWhen: ({ context }) => context.attempt > 3,
    })
    expect(paths.length).toBeGreaterThan(100)
    const mine = isLocal ? /→ stays|→ suspended|^dialling: network.online/ : /#1 → stays/
    expect(missed.filter((label) => !mine.test(label))).toEqual([])
    for (const path of paths) {
      const { actor, puppets } = open({ isLocal })
      const executors: Executors = Object.fromEntries(
        events.map(({ type }) => [type, (event: AnyEvent) => actor.send(event as unknown as DialEvent)]),
      )
      await runPath(path, executors, (expected) => {
        expect(actor.getSnapshot().value).toEqual(expected.value)
        expect(puppets.atWork()).toEqual(expected.status === 'active' ? ['dial'] : [])
      })
      actor.stop()
    }
  })
})
