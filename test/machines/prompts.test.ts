import { describe, expect, it } from 'vitest'
import { createActor, SimulatedClock } from 'xstate'
import {
  MAX_PROMPTS,
  PROMPT_LIFETIME_MS,
  type PromptInput,
  type PromptsEvent,
  promptMachine,
  promptsMachine,
} from '../../src/machines/index.js'
import { type AnyEvent, type Executors, pathsOf, runPath } from '../../src/testing/index.js'
import { createPuppets, settle } from './puppets.js'

const request = (id: string, device = id, legacy = false): PromptInput => ({
  id,
  nodeName: `Device ${device}`,
  writerKey: device.padEnd(64, '0'),
  receivedAt: 0,
  words: [],
  legacy,
})

const open = () => {
  const puppets = createPuppets()
  const machine = promptsMachine.provide({
    actors: {
      prompt: promptMachine.provide({
        actors: { authorise: puppets.promise('authorise'), decline: puppets.promise('decline') },
      }),
    },
  })
  const clock = new SimulatedClock()
  const actor = createActor(machine, { clock }).start()
  const receive = (...requests: PromptInput[]) => {
    for (const each of requests) actor.send({ type: 'request.received', request: each })
  }
  return {
    puppets,
    clock,
    actor,
    receive,
    shown: () => Object.keys(actor.getSnapshot().context.prompts).sort(),
    children: () => Object.keys(actor.getSnapshot().children).sort(),
  }
}

describe('prompts', () => {
  it('are kept from before this node may write, and answered once it may', async () => {
    const { puppets, actor, receive, shown } = open()
    receive(request('a'))
    actor.send({ type: 'authorise', id: 'a' })
    expect(puppets.begun).toEqual([])
    actor.send({ type: 'mayAnswer' })
    expect(shown()).toEqual(['a'])
    actor.send({ type: 'authorise', id: 'a' })
    await puppets.finish('authorise')
    expect(shown()).toEqual([])
  })

  it('live each for itself', async () => {
    const { puppets, actor, receive, shown, children } = open()
    actor.send({ type: 'mayAnswer' })
    receive(request('a'), request('b'), request('c'), request('d'))
    actor.send({ type: 'request.cancelled', id: 'a' })
    actor.send({ type: 'request.declinedElsewhere', id: 'b' })
    actor.send({ type: 'writer.authorised', writerKey: request('c').writerKey })
    expect(shown()).toEqual(['d'])
    actor.send({ type: 'decline', id: 'd' })
    await puppets.finish('decline')
    expect(shown()).toEqual([])
    expect(children()).toEqual([])
  })

  it('are answered each by its own answer, in whatever order they came', async () => {
    const { puppets, actor, receive, shown } = open()
    actor.send({ type: 'mayAnswer' })
    receive(request('a'), request('b'), request('c'))
    actor.send({ type: 'authorise', id: 'b' })
    await puppets.finish('authorise')
    expect(shown()).toEqual(['a', 'c'])
    actor.send({ type: 'decline', id: 'c' })
    await puppets.finish('decline')
    expect(shown()).toEqual(['a'])
  })

  it('are five at most; the sixth may come again when there is room', () => {
    const { actor, receive, shown } = open()
    receive(...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => request(id)))
    expect(shown()).toHaveLength(MAX_PROMPTS)
    expect(shown()).not.toContain('f')
    actor.send({ type: 'request.cancelled', id: 'a' })
    receive(request('f'))
    expect(shown()).toEqual(['b', 'c', 'd', 'e', 'f'])
  })

  it('are one a request: hearing it again renews it', () => {
    const { clock, actor, receive, shown, children } = open()
    receive(request('a'), request('b'))
    clock.increment(PROMPT_LIFETIME_MS - 1)
    receive(request('a'))
    actor.send({ type: 'request.renewed', id: 'b' })
    clock.increment(PROMPT_LIFETIME_MS - 1)
    expect(shown()).toEqual(['a', 'b'])
    clock.increment(1)
    expect(children()).toEqual([])
    expect(shown()).toEqual([])
  })

  it('are one a device: a device that asks anew, its old question lost, takes the older one’s place', () => {
    const { receive, shown, children } = open()
    receive(...['a', 'b', 'c', 'd'].map((id) => request(id)), request('old', 'phone'))
    receive(request('new', 'phone'))
    expect(shown()).toEqual(['a', 'b', 'c', 'd', 'new'])
    expect(children()).toEqual(['prompt:a', 'prompt:b', 'prompt:c', 'prompt:d', 'prompt:new'])
  })

  it('are not taken over by what anyone could have sent', async () => {
    const { puppets, actor, receive, shown } = open()
    actor.send({ type: 'mayAnswer' })
    receive(request('a', 'phone'))
    // Unsigned, or under the id of another device's question.
    receive(request('b', 'phone', true), request('a', 'stranger'))
    expect(shown()).toEqual(['a'])
    // Nor while the person's answer is under way.
    actor.send({ type: 'authorise', id: 'a' })
    receive(request('c', 'phone'))
    expect(shown()).toEqual(['a'])
    await puppets.finish('authorise')
    expect(shown()).toEqual([])
  })

  it('hear nothing of requests that nobody knows', () => {
    const { actor, shown } = open()
    actor.send({ type: 'mayAnswer' })
    for (const type of [
      'request.renewed',
      'request.cancelled',
      'request.declinedElsewhere',
      'authorise',
      'decline',
    ] as const) {
      actor.send({ type, id: 'nobody' })
    }
    actor.send({ type: 'writer.authorised', writerKey: 'nobody' })
    expect(shown()).toEqual([])
    expect(actor.getSnapshot().status).toBe('active')
  })

  it('end with the machine that holds them', async () => {
    const { puppets, actor, receive } = open()
    actor.send({ type: 'mayAnswer' })
    receive(request('a'), request('b'))
    actor.send({ type: 'authorise', id: 'a' })
    actor.stop()
    await settle()
    expect(puppets.atWork()).toEqual([])
  })
})

describe('every path of prompts', () => {
  const events: AnyEvent[] = [
    ...[request('a'), request('b'), request('a2', 'a')].map((each) => ({
      type: 'request.received',
      request: each,
    })),
    { type: 'mayAnswer' },
    ...['request.renewed', 'request.cancelled', 'request.declinedElsewhere', 'authorise', 'decline'].map(
      (type) => ({
        type,
        id: 'a',
      }),
    ),
    { type: 'writer.authorised', writerKey: request('b').writerKey },
    { type: 'xstate.done.actor.prompt:a', actorId: 'prompt:a' },
    { type: 'xstate.error.actor.prompt:a', actorId: 'prompt:a', error: new Error('It broke.') },
  ]
  const { paths, missed } = pathsOf(promptsMachine, {
    events,
    remember: ({ prompts }) => Object.keys(prompts),
  })

  it('takes every transition', () => {
    expect(paths.length).toBeGreaterThan(20)
    expect(missed).toEqual([])
  })

  it('keeps what it shows and what it runs the same', async () => {
    for (const path of paths) {
      const { puppets, actor, shown, children } = open()
      const send = (event: AnyEvent) => actor.send(event as PromptsEvent)
      // Prompts at work end by themselves, so that their ends are no events to send.
      const executors: Executors = Object.fromEntries(
        events.map(({ type }) => [type, type.startsWith('xstate.') ? () => {} : send]),
      )
      await runPath(path, executors, (expected) => {
        expect(actor.getSnapshot().value).toEqual(expected.value)
        expect(children()).toEqual(shown().map((id) => `prompt:${id}`))
        expect(puppets.atWork().length).toBeLessThanOrEqual(shown().length)
        const writers = Object.values(actor.getSnapshot().context.prompts).map(
          (prompt) => prompt.getSnapshot().context.writerKey,
        )
        expect(new Set(writers).size).toBe(writers.length)
      })
      actor.stop()
      expect(puppets.atWork()).toEqual([])
    }
  })
})
