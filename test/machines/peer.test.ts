import { describe, expect, it } from 'vitest'
import { createActor, SimulatedClock } from 'xstate'
import { GREETING_DELAY_MS, type PeerEvent, type PeerInput, peerMachine } from '../../src/machines/index.js'
import { type AnyEvent, type Executors, pathsOf, runPath } from '../../src/testing/index.js'
import { createHandClock, createPuppets } from './puppets.js'

const input: PeerInput = { linkId: '1', transport: 'tcp', direction: 'outgoing', address: '127.0.0.1:1' }
const workers = ['replication', 'messaging', 'deduplication', 'claiming'] as const

const provide = (puppets = createPuppets()) => ({
  puppets,
  machine: peerMachine.provide({
    actors: {
      replication: puppets.callback('replication'),
      messaging: puppets.callback('messaging'),
      deduplication: puppets.callback('deduplication'),
      claiming: puppets.callback('claiming'),
    },
  }),
})

const connect = () => {
  const { puppets, machine } = provide()
  const clock = new SimulatedClock()
  return { puppets, clock, actor: createActor(machine, { input, clock }).start() }
}

const problem = { code: 'PEER_MISBEHAVED', message: 'The peer sent what no peer sends.' }

describe('a peer', () => {
  it('greets, shakes hands, works with three actors, and ends with all of them', () => {
    const { puppets, clock, actor } = connect()
    expect(puppets.atWork()).toEqual(['replication'])
    puppets.tell('replication', { type: 'replication.handshake' })
    expect(puppets.atWork()).toEqual(['deduplication', 'messaging', 'replication'])
    // Messages need the gate that sees them first.
    expect(puppets.begun).toEqual(['replication', 'deduplication', 'messaging'])
    clock.increment(100 * GREETING_DELAY_MS)
    expect(actor.getSnapshot().value).toBe('connected')
    puppets.tell('replication', { type: 'replication.ended' })
    expect(actor.getSnapshot().output).toEqual({ linkId: '1', reason: 'closed' })
    expect(puppets.atWork()).toEqual([])
  })

  it('proves who it is, waits as a spare, and works once it is used', () => {
    const { puppets, clock, actor } = connect()
    puppets.tell('replication', { type: 'replication.proving' })
    puppets.tell('replication', { type: 'replication.spare' })
    clock.increment(100 * GREETING_DELAY_MS)
    expect(actor.getSnapshot().value).toBe('spare')
    expect(puppets.atWork()).toEqual(['replication'])
    puppets.tell('replication', { type: 'replication.used' })
    expect(puppets.begun).toEqual(['replication', 'deduplication', 'messaging'])
    expect(actor.getSnapshot().value).toBe('connected')
  })

  it('claims a free place', () => {
    const { puppets, actor } = connect()
    puppets.tell('replication', { type: 'replication.unclaimed' })
    expect(puppets.atWork()).toEqual(['claiming', 'replication'])
    puppets.tell('replication', { type: 'replication.claimed' })
    expect(actor.getSnapshot().output).toEqual({ linkId: '1', reason: 'claimed' })
    expect(puppets.atWork()).toEqual([])
  })

  it('is refused, breaks, or says nothing', () => {
    const refused = connect()
    refused.puppets.tell('replication', { type: 'replication.refused', problem } as PeerEvent)
    expect(refused.actor.getSnapshot().output).toEqual({ linkId: '1', reason: 'refused', problem })

    const broken = connect()
    broken.puppets.tell('replication', { type: 'replication.ended', problem } as PeerEvent)
    expect(broken.actor.getSnapshot().output).toEqual({ linkId: '1', reason: 'failed', problem })

    for (const news of [undefined, 'replication.unclaimed', 'replication.proving'] as const) {
      const silent = connect()
      if (news) silent.puppets.tell('replication', { type: news })
      silent.clock.increment(GREETING_DELAY_MS)
      expect(silent.actor.getSnapshot().output).toMatchObject({ problem: { code: 'PEER_TIMED_OUT' } })
      expect(silent.puppets.atWork()).toEqual([])
    }
  })

  it('keeps the newest of each count that its actors sum up', () => {
    const { puppets, actor } = connect()
    puppets.tell('replication', { type: 'replication.handshake' })
    puppets.tell('replication', { type: 'summary', counters: { blocksReceived: 3 } } as PeerEvent)
    puppets.tell('messaging', { type: 'summary', counters: { messagesSent: 2 } } as PeerEvent)
    puppets.tell('replication', { type: 'summary', counters: { blocksReceived: 7 } } as PeerEvent)
    expect(actor.getSnapshot().context.counters).toMatchObject({
      blocksReceived: 7,
      messagesSent: 2,
      duplicates: 0,
    })
  })

  it('fails by name where nobody provided the work', () => {
    const actor = createActor(peerMachine, { input })
    actor.subscribe({ error: () => {} })
    actor.start()
    expect(actor.getSnapshot().output).toMatchObject({
      reason: 'failed',
      problem: { message: 'Provide the actor "replication" to this machine.' },
    })
  })
})

describe('every path of a peer', () => {
  const news: AnyEvent[] = [
    { type: 'replication.handshake' },
    { type: 'replication.proving' },
    { type: 'replication.spare' },
    { type: 'replication.used' },
    { type: 'replication.unclaimed' },
    { type: 'replication.claimed' },
    { type: 'replication.refused', problem } as PeerEvent,
    { type: 'replication.ended' },
    { type: 'replication.ended', problem } as PeerEvent,
    { type: 'summary', counters: { duplicates: 1 } } as PeerEvent,
    { type: 'disconnect' },
  ]
  const errors = workers.map((name) => ({
    type: `xstate.error.actor.${name}`,
    actorId: name,
    error: new Error('It broke.'),
  }))
  const silences = ['greeting', 'proving', 'claiming'].map((state) => ({
    type: `xstate.after.greetingTimeout.peer.${state}`,
  }))
  const { paths, missed } = pathsOf(peerMachine, {
    input,
    events: [...news, ...errors, ...silences],
    remember: ({ reason }) => reason,
  })

  it('takes every transition', () => {
    expect(missed).toEqual([])
  })

  it('is walked alike by a peer at work, and leaves nothing running', async () => {
    for (const path of paths) {
      const { puppets, machine } = provide()
      const clock = createHandClock()
      const actor = createActor(machine, { input, clock }).start()
      const send = (event: AnyEvent) => actor.send(event as PeerEvent)
      const executors: Executors = {
        ...Object.fromEntries([...news, ...errors].map(({ type }) => [type, send])),
        ...Object.fromEntries(silences.map(({ type }) => [type, () => clock.goOff(GREETING_DELAY_MS)])),
      }
      await runPath(path, executors, (expected) => {
        const { value, children, output } = actor.getSnapshot()
        expect(value).toEqual(expected.value)
        expect(output).toEqual(expected.output)
        const atWork = {
          greeting: ['replication'],
          proving: ['replication'],
          spare: ['replication'],
          claiming: ['claiming', 'replication'],
          connected: ['deduplication', 'messaging', 'replication'],
          ended: [],
        }[value]
        expect(puppets.atWork()).toEqual(atWork)
        expect(value === 'ended' ? atWork : Object.keys(children).sort()).toEqual(atWork)
        expect(clock.pending()).toBe(['greeting', 'proving', 'claiming'].includes(value) ? 1 : 0)
      })
      actor.stop()
    }
  })
})
