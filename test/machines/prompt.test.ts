import { describe, expect, it } from 'vitest'
import { createActor, SimulatedClock } from 'xstate'
import {
  PROMPT_LIFETIME_MS,
  type PromptEvent,
  type PromptInput,
  promptMachine,
} from '../../src/machines/index.js'
import { type AnyEvent, type Executors, pathsOf, runPath } from '../../src/testing/index.js'
import { createHandClock, createPuppets, settle } from './puppets.js'

const input: PromptInput = {
  id: 'request-1',
  nodeName: 'Firefox on Ubuntu',
  writerKey: 'cd'.repeat(32),
  receivedAt: 0,
  words: ['one', 'two', 'three', 'four', 'five'],
  legacy: false,
}

const provide = (puppets = createPuppets()) => ({
  puppets,
  machine: promptMachine.provide({
    actors: { authorise: puppets.promise('authorise'), decline: puppets.promise('decline') },
  }),
})

const show = () => {
  const { puppets, machine } = provide()
  const clock = new SimulatedClock()
  return { puppets, clock, actor: createActor(machine, { input, clock }).start() }
}

describe('a prompt', () => {
  it('waits for the person, who says yes', async () => {
    const { puppets, actor } = show()
    expect(puppets.atWork()).toEqual([])
    actor.send({ type: 'authorise' })
    expect(puppets.inputOf('authorise')).toMatchObject(input)
    // Pressed twice: once is enough.
    actor.send({ type: 'authorise' })
    expect(puppets.begun).toEqual(['authorise'])
    await puppets.finish('authorise')
    expect(actor.getSnapshot().output).toEqual({ id: 'request-1', outcome: 'authorised' })
  })

  it('is declined even when the asker can’t be told', async () => {
    const { puppets, actor } = show()
    actor.send({ type: 'decline' })
    await puppets.fail('decline')
    expect(actor.getSnapshot().output).toEqual({ id: 'request-1', outcome: 'declined' })
  })

  it('comes back with the problem when the yes could not be written, and may be answered again', async () => {
    const { puppets, actor } = show()
    actor.send({ type: 'authorise' })
    await puppets.fail('authorise', new Error('The disk is full.'))
    expect(actor.getSnapshot().value).toBe('pending')
    expect(actor.getSnapshot().context.problem).toEqual({
      code: 'AUTHORISATION_FAILED',
      message: 'The disk is full.',
    })
    actor.send({ type: 'authorise' })
    expect(actor.getSnapshot().context.problem).toBeUndefined()
    await puppets.finish('authorise')
    expect(actor.getSnapshot().status).toBe('done')
  })

  it('stays a yes when the asker cancels while it is being written', async () => {
    const { puppets, actor } = show()
    actor.send({ type: 'authorise' })
    actor.send({ type: 'cancelled' })
    await puppets.finish('authorise')
    expect(actor.getSnapshot().output?.outcome).toBe('authorised')
  })

  it.each([
    [['cancelled'], 'withdrawn'],
    [['declinedElsewhere'], 'declined'],
    [['authorisedElsewhere', 'cancelled'], 'authorised'],
    [['cancelled', 'authorisedElsewhere'], 'authorised'],
  ] as const)('does not come back when writing fails after %s', async (news, outcome) => {
    const { puppets, actor } = show()
    actor.send({ type: 'authorise' })
    for (const type of news) actor.send({ type })
    await puppets.fail('authorise')
    expect(actor.getSnapshot().output?.outcome).toBe(outcome)
  })

  it.each([
    ['cancelled', 'withdrawn'],
    ['authorisedElsewhere', 'authorised'],
    ['declinedElsewhere', 'declined'],
  ] as const)('goes when it is %s', (type, outcome) => {
    const { actor } = show()
    actor.send({ type })
    expect(actor.getSnapshot().output).toEqual({ id: 'request-1', outcome })
  })

  it('lives as long as the asker renews it', () => {
    const { clock, actor } = show()
    for (let times = 0; times < 3; times++) {
      clock.increment(PROMPT_LIFETIME_MS - 1)
      actor.send({ type: 'renewed' })
    }
    clock.increment(PROMPT_LIFETIME_MS - 1)
    expect(actor.getSnapshot().value).toBe('pending')
    clock.increment(1)
    expect(actor.getSnapshot().output?.outcome).toBe('expired')
  })

  it('fails by name where nobody provided the work', async () => {
    const actor = createActor(promptMachine, { input }).start()
    actor.send({ type: 'authorise' })
    await settle()
    expect(actor.getSnapshot().context.problem?.message).toContain('"authorise"')
    actor.stop()
  })
})

describe('every path of a prompt', () => {
  const news = ['authorise', 'decline', 'renewed', 'cancelled', 'authorisedElsewhere', 'declinedElsewhere']
  const work = ['authorise', 'decline']
  const events: AnyEvent[] = [
    ...news.map((type) => ({ type })),
    ...work.flatMap((name) => [
      { type: `xstate.done.actor.${name}`, output: undefined },
      { type: `xstate.error.actor.${name}`, error: new Error('It broke.') },
    ]),
    { type: 'xstate.after.lifetime.prompt.pending' },
  ]
  const { paths, missed } = pathsOf(promptMachine, {
    input,
    events,
    remember: ({ meanwhile }) => meanwhile ?? '',
  })

  it('takes every transition', () => {
    expect(missed).toEqual([])
  })

  it('is walked alike by a prompt at work', async () => {
    for (const path of paths) {
      const { puppets, machine } = provide()
      const clock = createHandClock()
      const actor = createActor(machine, { input, clock }).start()
      const executors: Executors = {
        ...Object.fromEntries(
          news.map((type) => [type, (event: AnyEvent) => actor.send(event as PromptEvent)]),
        ),
        ...Object.fromEntries(
          work.flatMap((name) => [
            [`xstate.done.actor.${name}`, () => puppets.finish(name)],
            [`xstate.error.actor.${name}`, () => puppets.fail(name)],
          ]),
        ),
        'xstate.after.lifetime.prompt.pending': () => clock.goOff(PROMPT_LIFETIME_MS),
      }
      await runPath(path, executors, (expected) => {
        const { value, status, children, output, context } = actor.getSnapshot()
        expect(value).toEqual(expected.value)
        expect(output).toEqual(expected.output)
        expect(Object.keys(children)).toEqual(puppets.atWork())
        expect(puppets.atWork()).toEqual(
          work.filter((name) => value === (name === 'decline' ? 'declining' : 'authorising')),
        )
        expect(clock.pending()).toBe(value === 'pending' ? 1 : 0)
        if (status === 'done') expect(context.outcome).toBe(value)
      })
      actor.stop()
    }
  })
})
