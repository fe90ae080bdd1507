import { describe, expect, it } from 'vitest'
import { assign, createActor, createMachine } from 'xstate'
import {
  createCoverage,
  describeCoverage,
  nameOfTransition,
  pathsOf,
  runPath,
  transitionsOf,
} from '../../src/testing/index.js'

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { press: 'on' } },
    on: { on: { press: 'off', shake: [{ guard: () => false, target: 'broken' }, { target: 'off' }] } },
    broken: { on: { press: 'off' } },
  },
})
const events = [{ type: 'press' }, { type: 'shake' }]

/** A door that shuts itself when it is pushed twice, and can be bricked up. */
const door = createMachine({
  id: 'door',
  context: { pushes: 0 },
  initial: 'open',
  states: {
    open: {
      always: { guard: ({ context }) => context.pushes > 1, target: 'shut' },
      on: {
        push: { actions: assign({ pushes: ({ context }) => context.pushes + 1 }) },
        brick: 'gone',
      },
    },
    shut: { on: { pull: { target: 'open', actions: assign({ pushes: 0 }) }, brick: 'gone' } },
    gone: { type: 'final' },
  },
})
const moves = ['push', 'pull', 'brick'].map((type) => ({ type }))
const remember = ({ pushes }: { pushes: number }) => pushes

describe('paths', () => {
  it('take every way out of every state, and tell which transitions none takes', () => {
    const { paths, missed } = pathsOf(lamp, { events })
    expect(paths.map(String)).toEqual(['lamp: press, press', 'lamp: press, shake'])
    expect(missed).toEqual(['on: shake #0 → broken', 'broken: press #0 → off'])
  })

  it('take transitions that need no event, which names tell', () => {
    expect(transitionsOf(door)).toEqual([
      'open: always #0 → shut',
      'open: push #0 → stays',
      'open: brick #0 → gone',
      'shut: pull #0 → open',
      'shut: brick #0 → gone',
    ])
    const { paths, missed } = pathsOf(door, { events: moves, remember })
    expect(missed).toEqual([])
    const steps = paths.flatMap((path) => path.steps)
    expect(steps.find(({ takes }) => takes.length > 1)?.takes).toEqual([
      'open: push #0 → stays',
      'open: always #0 → shut',
    ])
  })

  it('are few and long as tours, which end what ends as late as they can', () => {
    const { paths, missed } = pathsOf(door, { events: moves, remember, as: 'tours' })
    expect(missed).toEqual([])
    expect(paths.map(String)).toEqual(['door: push, push, pull, brick', 'door: push, push, brick'])
  })

  it('do only what the world around the machine allows', () => {
    // Whoever has no hands pushes, with the shoulder, and never pulls. Bricks have to be bought.
    const { paths, missed } = pathsOf(door, {
      events: moves,
      remember,
      world: {
        start: { bricks: false },
        allows: ({ bricks }, { type }) => type === 'push' || (type === 'brick' && bricks),
        after: (world, { type }) => (type === 'push' ? { bricks: true } : world),
      },
    })
    expect(paths.map(String)).toEqual(['door: push, brick', 'door: push, push, brick'])
    expect(missed).toEqual(['shut: pull #0 → open'])
  })

  it('see no further than what is remembered', () => {
    const { missed } = pathsOf(door, { events: moves })
    expect(missed).toContain('open: always #0 → shut')
  })

  it('say so when too little is remembered to know where they lead', () => {
    const twice = createMachine({
      context: { knocks: 0 },
      initial: 'a',
      states: {
        a: {
          on: { knock: { target: 'b', actions: assign({ knocks: ({ context }) => context.knocks + 1 }) } },
        },
        b: {
          on: {
            knock: [{ guard: ({ context }) => context.knocks > 1, target: 'c' }, { target: 'a' }],
            wait: 'd',
          },
        },
        c: {},
        d: { on: { wait: 'a' } },
      },
    })
    const knocks = ['wait', 'knock'].map((type) => ({ type }))
    expect(() => pathsOf(twice, { events: knocks, as: 'tours' })).toThrow('remember more of its context')
  })
})

describe('running a path', () => {
  const shaken = pathsOf(lamp, { events }).paths[1]
  if (!shaken) throw new Error('There is no such path.')

  it('goes nowhere without somebody who makes the events happen', async () => {
    await expect(runPath(shaken, { press: () => {} }, () => {})).rejects.toThrow(
      'Nothing makes shake happen. Give runPath an executor for it',
    )
  })

  it('makes each event happen and checks what comes of it', async () => {
    const told: string[] = []
    await runPath(
      shaken,
      {
        press: async (_, { next }) => void told.push(`press before ${next?.type}`),
        shake: () => void told.push('shake'),
      },
      ({ value }) => void told.push(String(value)),
    )
    expect(told).toEqual(['off', 'press before shake', 'on', 'shake', 'off'])
  })

  it('lets nothing in between while nobody waits', () => {
    const told: string[] = []
    void runPath(
      shaken,
      { press: () => void told.push('press'), shake: () => void told.push('shake') },
      () => {},
    )
    expect(told).toEqual(['press', 'shake'])
  })

  it('shows the steps up to what failed', async () => {
    const failing = runPath(shaken, { press: () => {}, shake: () => {} }, ({ value }, step) => {
      if (step?.event.type === 'shake') throw new Error(`It is not ${value}.`)
    })
    await expect(failing).rejects.toThrow(
      ['A path of lamp failed at step 2: It is not off.', '  ✓ 1. press → "on"', '  ✗ 2. shake → "off"'].join(
        '\n',
      ),
    )
  })
})

describe('coverage', () => {
  it('counts what actors take, also copies with other parts, and tells what is missing', () => {
    const coverage = createCoverage([lamp, door], {
      unreachable: { lamp: { 'broken: press #0 → off': 'Nobody repairs it.' } },
    })
    for (const machine of [lamp, lamp.provide({ actions: {} })]) {
      const actor = createActor(machine, { inspect: coverage.inspect }).start()
      actor.send({ type: 'press' })
      actor.send({ type: 'press' })
      actor.stop()
    }
    expect(coverage.times('lamp', 'off: press #0 → on')).toBe(2)
    expect(describeCoverage(coverage.report())).toBe(
      `transitions 2/9
  lamp 2/4
  door 0/5
missed: 7
  lamp · on: shake #0 → broken
  lamp · on: shake #1 → off
  door · open: always #0 → shut
  door · open: push #0 → stays
  door · open: brick #0 → gone
  door · shut: pull #0 → open
  door · shut: brick #0 → gone
unreachable: 1
  lamp · broken: press #0 → off
    Nobody repairs it.`,
    )
  })

  it('minds what was wrongly called unreachable', () => {
    const coverage = createCoverage([lamp], {
      unreachable: { lamp: { 'off: press #0 → on': 'So we thought.', 'off: kick #0 → on': 'A slip.' } },
    })
    createActor(lamp, { inspect: coverage.inspect }).start().send({ type: 'press' })
    const { wrong, of } = coverage.report()
    expect(of).toBe(4)
    expect(wrong).toEqual([
      'lamp · off: press #0 → on was taken.',
      'lamp · off: kick #0 → on is no transition.',
    ])
  })

  it('names a transition by its definition', () => {
    expect(nameOfTransition(lamp.states.on?.transitions.get('shake')?.[1] as never)).toBe(
      'on: shake #1 → off',
    )
  })
})
