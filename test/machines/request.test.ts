import { describe, expect, it } from 'vitest'
import { createActor, SimulatedClock } from 'xstate'
import {
  RENEWAL_DELAY_MS,
  REPEAT_DELAY_MS,
  type RequestEvent,
  requestMachine,
} from '../../src/machines/index.js'
import { type AnyEvent, type Executors, pathsOf, runPath } from '../../src/testing/index.js'
import { createHandClock, createPuppets, settle } from './puppets.js'

const input = { requestId: 'ab'.repeat(16) }

const provide = (puppets = createPuppets()) => ({
  puppets,
  machine: requestMachine.provide({
    actors: {
      sendRequest: puppets.promise('sendRequest'),
      repeatRequest: puppets.promise('repeatRequest'),
      sendCancel: puppets.promise('sendCancel'),
    },
  }),
})

const ask = () => {
  const { puppets, machine } = provide()
  const clock = new SimulatedClock()
  const actor = createActor(machine, { input, clock }).start()
  const sending = () => (actor.getSnapshot().value as { asking: { sending: string } }).asking.sending
  return { puppets, clock, actor, sending }
}

describe('a request', () => {
  it('is sent, shown on another device, approved there, and over when the database says so', async () => {
    const { puppets, actor, sending } = ask()
    expect(sending()).toBe('requesting')
    expect(puppets.inputOf('sendRequest')).toEqual(input)
    await puppets.finish('sendRequest')
    expect(sending()).toBe('waiting')
    actor.send({ type: 'acknowledged', by: 'laptop' })
    expect(actor.getSnapshot().matches({ asking: { hearing: 'shown' } })).toBe(true)
    actor.send({ type: 'approved', by: 'laptop' })
    expect(actor.getSnapshot().context.answeredBy).toBe('laptop')
    expect(actor.getSnapshot().status).toBe('active')
    actor.send({ type: 'authorised' })
    expect(actor.getSnapshot().output).toEqual({ outcome: 'authorised' })
    expect(puppets.atWork()).toEqual([])
  })

  it('is asked again, unheard, every half minute, and no more once a device shows it', async () => {
    const { puppets, clock, actor, sending } = ask()
    await puppets.finish('sendRequest')
    for (let times = 0; times < 2; times++) {
      clock.increment(REPEAT_DELAY_MS)
      expect(sending()).toBe('repeating')
      await puppets.finish('repeatRequest')
    }
    actor.send({ type: 'acknowledged', by: 'laptop' })
    clock.increment(4 * REPEAT_DELAY_MS)
    expect(sending()).toBe('waiting')
  })

  it('is asked again when a device comes, also one that came while it was being sent', async () => {
    const { puppets, actor, sending } = ask()
    actor.send({ type: 'peer.appeared' })
    await puppets.finish('sendRequest')
    expect(sending()).toBe('repeating')
    // Ten devices at once are one more time, not ten.
    for (let device = 0; device < 10; device++) actor.send({ type: 'peer.appeared' })
    await puppets.finish('repeatRequest')
    expect(sending()).toBe('repeating')
    await puppets.finish('repeatRequest')
    expect(sending()).toBe('waiting')
    actor.send({ type: 'peer.appeared' })
    expect(sending()).toBe('repeating')
    expect(puppets.begun).toEqual(['sendRequest', 'repeatRequest', 'repeatRequest', 'repeatRequest'])
  })

  it('is renewed a minute before it gets too old, again and again, while the person wants it', async () => {
    const { puppets, clock, actor, sending } = ask()
    await puppets.finish('sendRequest')
    actor.send({ type: 'acknowledged', by: 'laptop' })
    for (let times = 0; times < 3; times++) {
      clock.increment(RENEWAL_DELAY_MS - 1)
      expect(sending()).toBe('waiting')
      clock.increment(1)
      expect(sending()).toBe('requesting')
      await puppets.finish('sendRequest')
    }
  })

  it('survives a repetition that failed, and ends with the reason when it can’t be sent at all', async () => {
    const { puppets, actor, sending } = ask()
    await puppets.finish('sendRequest')
    actor.send({ type: 'peer.appeared' })
    await puppets.fail('repeatRequest')
    expect(sending()).toBe('waiting')

    const other = ask()
    await other.puppets.fail('sendRequest', new Error('There is no channel.'))
    expect(other.actor.getSnapshot().output).toEqual({ outcome: 'cancelled', reason: 'There is no channel.' })
  })

  it('tells the devices when the person thinks better of it; an answer that crosses it loses to the database only', async () => {
    const { puppets, actor } = ask()
    await puppets.finish('sendRequest')
    actor.send({ type: 'cancel' })
    actor.send({ type: 'declined', by: 'laptop' })
    expect(actor.getSnapshot().value).toBe('cancelling')
    await puppets.fail('sendCancel')
    expect(actor.getSnapshot().output).toEqual({ outcome: 'cancelled' })

    const other = ask()
    other.actor.send({ type: 'cancel' })
    other.actor.send({ type: 'authorised' })
    expect(other.actor.getSnapshot().output).toEqual({ outcome: 'authorised' })
    expect(other.puppets.atWork()).toEqual([])
  })

  it('fails by name where nobody provided the work', async () => {
    const actor = createActor(requestMachine, { input }).start()
    await settle()
    expect(actor.getSnapshot().output?.reason).toContain('"sendRequest"')
  })
})

const events: AnyEvent[] = [
  { type: 'peer.appeared' },
  { type: 'acknowledged', by: 'laptop' } as RequestEvent,
  { type: 'approved', by: 'laptop' } as RequestEvent,
  { type: 'declined', by: 'laptop' } as RequestEvent,
  { type: 'authorised' },
  { type: 'cancel' },
  { type: 'renew' },
  ...['sendRequest', 'repeatRequest', 'sendCancel'].flatMap((name) => [
    { type: `xstate.done.actor.${name}`, output: undefined },
    { type: `xstate.error.actor.${name}`, error: new Error('It broke.') },
  ]),
  { type: 'xstate.after.repeat.request.asking.sending.waiting' },
  { type: 'xstate.after.renewal.request.asking.lifetime.current' },
]

describe('every path of a request', () => {
  const { paths, missed } = pathsOf(requestMachine, {
    input,
    events,
    remember: ({ heard, missed }) => [heard, missed],
  })

  it('takes every transition', () => {
    expect(paths.length).toBeGreaterThan(20)
    expect(missed).toEqual([])
  })

  it('is walked alike by a request at work', async () => {
    for (const path of paths) {
      const { puppets, machine } = provide()
      const clock = createHandClock()
      const actor = createActor(machine, { input, clock }).start()
      const send = (event: AnyEvent) => actor.send(event as RequestEvent)
      const executors: Executors = {
        'peer.appeared': send,
        acknowledged: send,
        approved: send,
        declined: send,
        authorised: send,
        cancel: send,
        renew: send,
        ...Object.fromEntries(
          ['sendRequest', 'repeatRequest', 'sendCancel'].flatMap((name) => [
            [`xstate.done.actor.${name}`, () => puppets.finish(name)],
            [`xstate.error.actor.${name}`, () => puppets.fail(name)],
          ]),
        ),
        'xstate.after.repeat.request.asking.sending.waiting': () => clock.goOff(REPEAT_DELAY_MS),
        'xstate.after.renewal.request.asking.lifetime.current': () => clock.goOff(RENEWAL_DELAY_MS),
      }
      await runPath(path, executors, (expected) => {
        const { value, status, children } = actor.getSnapshot()
        expect(value).toEqual(expected.value)
        expect(Object.keys(children)).toEqual(puppets.atWork())
        if (status === 'done') {
          expect(puppets.atWork()).toEqual([])
          expect(clock.pending()).toBe(0)
        }
      })
      actor.stop()
    }
  })
})
