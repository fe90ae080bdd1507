import { describe, expect, it } from 'vitest'
import { createActor, SimulatedClock } from 'xstate'
import {
  dialMachine,
  FIRST_WAIT_MS,
  OPENING_LIMIT_MS,
  type TransportEvent,
  type TransportsEvent,
  transportMachine,
  transportsMachine,
} from '../../src/machines/index.js'
import { type AnyEvent, type Executors, pathsOf, runPath } from '../../src/testing/index.js'
import { link } from './node-rig.js'
import { createPuppets, type Puppets } from './puppets.js'

const problem = (code = 'TRANSPORT_UNAVAILABLE') => ({ code, message: 'It could not be started.' })
const wanted = (dialId: string): TransportEvent => ({
  type: 'dial.wanted',
  dial: { dialId, address: `there ${dialId}`, isLocal: false },
})
const failed: TransportEvent = { type: 'transport.failed', problem: problem() }

const provideDial = (puppets: Puppets) => dialMachine.provide({ actors: { dial: puppets.callback('dial') } })

const open = (on = true) => {
  const puppets = createPuppets()
  const clock = new SimulatedClock()
  const machine = transportMachine.provide({
    actors: { road: puppets.callback('road'), dial: provideDial(puppets) },
  })
  const actor = createActor(machine, { input: { id: 'tcp', name: 'tcp', on }, clock }).start()
  return {
    puppets,
    clock,
    actor,
    tell: (event: TransportEvent) => puppets.tell('road', event),
    state: () => actor.getSnapshot().value,
    told: () => puppets.heard.map(({ type }) => type).filter((type) => type === 'start' || type === 'stop'),
    dials: () => Object.values(actor.getSnapshot().context.dials).map((dial) => dial.getSnapshot().value),
    children: () => Object.keys(actor.getSnapshot().children).sort(),
  }
}

describe('a transport', () => {
  it('starts when it is wanted, stops when it isn’t, and starts again', () => {
    const { actor, state, tell, told } = open()
    expect(state()).toBe('starting')
    tell({ type: 'transport.started' })
    expect(state()).toBe('started')
    actor.send({ type: 'turnOff' })
    expect(state()).toBe('stopping')
    actor.send({ type: 'turnOn' })
    expect(state()).toBe('stopping')
    tell({ type: 'transport.stopped' })
    expect(state()).toBe('starting')
    expect(told()).toEqual(['start', 'stop', 'start'])
  })

  it('stays off until it is turned on', () => {
    const { actor, state, told } = open(false)
    expect(state()).toBe('stopped')
    expect(told()).toEqual([])
    actor.send({ type: 'turnOn' })
    expect(state()).toBe('starting')
  })

  it('that is turned off while it starts is stopped, and what comes late changes nothing', () => {
    const { actor, state, tell } = open()
    actor.send({ type: 'turnOff' })
    expect(state()).toBe('stopping')
    tell({ type: 'transport.started' })
    tell(failed)
    tell(wanted('1'))
    expect(state()).toBe('stopping')
    tell({ type: 'transport.stopped' })
    expect(state()).toBe('stopped')
    expect(actor.getSnapshot().context.dials).toEqual({})
  })

  it('says why it could not start, and may be tried again', () => {
    const { actor, state, tell } = open()
    tell(wanted('1'))
    tell(failed)
    expect(state()).toBe('failed')
    expect(actor.getSnapshot().context).toMatchObject({ problem: problem(), dials: {} })
    actor.send({ type: 'turnOn' })
    expect(state()).toBe('starting')
    expect(actor.getSnapshot().context.problem).toBeUndefined()
    tell(failed)
    actor.send({ type: 'turnOff' })
    expect(state()).toBe('stopped')
  })

  it('keeps what went wrong on it until somebody comes by it', () => {
    const { actor, tell } = open()
    const troubled: TransportEvent = { type: 'transport.troubled', problem: problem() }
    tell({ type: 'transport.started' })
    tell(troubled)
    expect(actor.getSnapshot().context.problem).toEqual(problem())
    const link = { linkId: '1', transport: 'road', direction: 'incoming', address: 'elsewhere:1' } as const
    tell({ type: 'connection', link })
    expect(actor.getSnapshot().context.problem).toBeUndefined()
  })

  it('keeps each of its addresses connected, and lets go of those that it no longer wants', () => {
    const { actor, tell, dials, children, puppets, clock } = open()
    tell(wanted('1'))
    tell({ type: 'transport.started' })
    expect(dials()).toEqual(['dialling'])
    puppets.tell('dial', { type: 'dial.failed', problem: problem(), chance: 0.9 } as { type: string })
    expect(dials()).toEqual(['waiting'])
    tell({ type: 'dial.retry', dialId: '1' })
    expect(dials()).toEqual(['dialling'])
    puppets.tell('dial', { type: 'dial.failed', problem: problem(), chance: 0.9 } as { type: string })
    clock.increment(2 * FIRST_WAIT_MS)
    expect(dials()).toEqual(['dialling'])
    tell(wanted('2'))
    tell(wanted('2'))
    expect(children()).toEqual(['dial:1', 'dial:2', 'road'])
    tell({ type: 'dial.unwanted', dialId: '1' })
    tell({ type: 'dial.unwanted', dialId: '1' })
    expect(children()).toEqual(['dial:2', 'road'])
    expect(Object.keys(actor.getSnapshot().context.dials)).toEqual(['2'])
    actor.send({ type: 'turnOff' })
    tell({ type: 'transport.stopped' })
    expect(children()).toEqual(['road'])
  })

  it('tells its addresses of the network and the page, those that come later too', () => {
    const { actor, tell, dials } = open()
    tell({ type: 'transport.started' })
    tell(wanted('1'))
    actor.send({ type: 'network.offline' })
    expect(dials()).toEqual(['suspended'])
    tell(wanted('2'))
    const [, second] = Object.values(actor.getSnapshot().context.dials)
    expect(second?.getSnapshot().context.isOnline).toBe(false)
    actor.send({ type: 'network.online' })
    expect(dials()).toEqual(['dialling', 'dialling'])
  })

  it('lets go of a thousand addresses, one after the other, with nothing left', () => {
    const { tell, children } = open()
    tell({ type: 'transport.started' })
    for (let dial = 0; dial < 1_000; dial++) {
      tell(wanted(String(dial)))
      tell({ type: 'dial.unwanted', dialId: String(dial) })
    }
    expect(children()).toEqual(['road'])
  })

  it('is walked along every path as it is at work', async () => {
    const said: TransportEvent[] = [
      { type: 'turnOn' },
      { type: 'turnOff' },
      { type: 'transport.started' },
      failed,
      { type: 'transport.troubled', problem: problem() },
      { type: 'transport.stopped' },
      wanted('1'),
      { type: 'dial.unwanted', dialId: '1' },
      { type: 'dial.retry', dialId: '1' },
      { type: 'connection', link: link('1') },
      { type: 'network.online' },
      { type: 'network.offline' },
      { type: 'page.hidden' },
      { type: 'page.visible' },
    ]
    const ends: AnyEvent[] = ['done', 'error'].map((end) => ({
      type: `xstate.${end}.actor.dial:1`,
      actorId: 'dial:1',
      ...(end === 'error' && { error: new Error('It broke.') }),
    }))
    const events: AnyEvent[] = [...said.map((event) => ({ ...event })), ...ends]
    const { paths, missed } = pathsOf(transportMachine, {
      input: { id: 'tcp', name: 'tcp', on: true },
      events,
      remember: ({ on, dials, isOnline }) => [on, Object.keys(dials), isOnline],
    })
    expect(missed).toEqual([])
    expect(paths.length).toBeGreaterThan(100)
    for (const path of paths) {
      const puppets = createPuppets()
      // One level of the machine: the dials below it end when the path says.
      const machine = transportMachine.provide({
        actors: Object.fromEntries(['road', 'dial'].map((name) => [name, puppets.callback(name)])) as Record<
          string,
          never
        >,
      })
      const actor = createActor(machine, { input: { id: 'tcp', name: 'tcp', on: true } }).start()
      const executors: Executors = Object.fromEntries(
        events.map(({ type }) => [type, (event: AnyEvent) => actor.send(event as unknown as TransportEvent)]),
      )
      await runPath(path, executors, (expected) => {
        expect(actor.getSnapshot().value).toEqual(expected.value)
        const dials = Object.keys(expected.context.dials).map((dialId) => `dial:${dialId}`)
        expect(Object.keys(actor.getSnapshot().children).sort()).toEqual([...dials, 'road'])
        if (expected.value === 'stopped' || expected.value === 'failed') expect(dials).toEqual([])
      })
      actor.stop()
      expect(puppets.atWork()).toEqual([])
    }
  })
})

const openAll = (on: Readonly<Record<string, boolean>>) => {
  const puppets = createPuppets()
  const clock = new SimulatedClock()
  const reports: string[] = []
  const transports = Object.entries(on).map(([id, each]) => ({ id, name: id, on: each }))
  const machine = transportsMachine.provide({
    actors: {
      network: puppets.callback('network'),
      transport: transportMachine.provide({
        actors: { road: puppets.callback('road'), dial: provideDial(puppets) },
      }),
    },
    actions: { report: (_, params) => void reports.push(params.problem?.code ?? 'nothing') },
  })
  const actor = createActor(machine, { input: { transports }, clock }).start()
  const ref = (id: string) => {
    const transport = actor.getSnapshot().context.refs[id]
    if (!transport) throw new Error(`There is no ${id}.`)
    return transport
  }
  return {
    puppets,
    clock,
    actor,
    reports,
    ref,
    state: () => actor.getSnapshot().value,
    watching: () =>
      puppets.heard.map(({ type }) => type).filter((type) => type === 'watch' || type === 'rest'),
  }
}

describe('a node’s transports', () => {
  it('are open when each of them has started or is missing on this device, which a person is told once', () => {
    const { ref, state, reports } = openAll({ tcp: true, webRTC: true, memory: false })
    expect(state()).toBe('opening')
    ref('webRTC').send({ type: 'transport.failed', problem: problem('NO_CHANNEL') })
    expect(state()).toBe('opening')
    ref('tcp').send({ type: 'transport.started' })
    expect(state()).toBe('open')
    ref('webRTC').send({ type: 'turnOn' })
    ref('webRTC').send({ type: 'transport.failed', problem: problem('NO_CHANNEL') })
    expect(reports).toEqual(['NO_CHANNEL'])
  })

  it('are refused as a whole when one can’t be opened as the app asked', () => {
    const { ref, state, reports } = openAll({ tcp: true, webRTC: true })
    ref('tcp').send({ type: 'transport.failed', problem: problem('LISTEN_FAILED') })
    expect(state()).toBe('refused')
    expect(reports).toEqual([])
  })

  it('are open at once when there are none, and none is wanted', () => {
    expect(openAll({}).state()).toBe('open')
    expect(openAll({ tcp: false }).state()).toBe('open')
  })

  it('don’t wait for ever for one of them, nor for one that was turned off meanwhile', () => {
    const slow = openAll({ tcp: true })
    slow.clock.increment(OPENING_LIMIT_MS)
    expect(slow.state()).toBe('open')
    const off = openAll({ tcp: true })
    off.actor.send({ type: 'setTransport', id: 'tcp', on: false })
    expect(off.state()).toBe('opening')
    off.ref('tcp').send({ type: 'transport.stopped' })
    expect(off.state()).toBe('open')
  })

  it('have the network watched only while an address waits for a better moment', () => {
    const { ref, puppets, watching, actor } = openAll({ tcp: true })
    const tcp = ref('tcp')
    tcp.send({ type: 'transport.started' })
    tcp.send(wanted('1'))
    expect(watching()).toEqual([])
    puppets.tell('dial', { type: 'dial.failed', problem: problem(), chance: 0.9 } as { type: string })
    expect(watching()).toEqual(['watch'])
    puppets.tell('network', { type: 'network.offline' })
    expect(tcp.getSnapshot().context.dials['1']?.getSnapshot().value).toBe('suspended')
    puppets.tell('network', { type: 'network.online' })
    expect(tcp.getSnapshot().context.dials['1']?.getSnapshot().value).toBe('dialling')
    expect(watching()).toEqual(['watch', 'rest'])
    actor.stop()
    expect(puppets.atWork()).toEqual([])
  })

  it('are turned on and off one by one; what is no transport is nothing', () => {
    const { actor, ref, state } = openAll({ tcp: true, memory: true })
    ref('tcp').send({ type: 'transport.started' })
    ref('memory').send({ type: 'transport.started' })
    actor.send({ type: 'setTransport', id: 'tcp', on: false })
    actor.send({ type: 'setTransport', id: 'carrier pigeon', on: false })
    expect(ref('tcp').getSnapshot().value).toBe('stopping')
    expect(ref('memory').getSnapshot().value).toBe('started')
    expect(state()).toBe('open')
  })

  it('take every transition', () => {
    const news = (value: string, on: boolean, why?: string) => ({
      type: 'xstate.snapshot.transport:tcp',
      snapshot: { value, context: { on, ...(why !== undefined && { problem: problem(why) }) } },
    })
    const said: TransportsEvent[] = [
      { type: 'setTransport', id: 'tcp', on: false },
      { type: 'connection', link: link('1') },
      { type: 'network.online' },
      { type: 'network.offline' },
      { type: 'page.hidden' },
      { type: 'page.visible' },
    ]
    const events: AnyEvent[] = [
      ...said.map((event) => ({ ...event })),
      news('starting', true),
      news('started', true),
      news('failed', true, 'NO_CHANNEL'),
      news('failed', true, 'LISTEN_FAILED'),
      { type: 'xstate.error.actor.transport:tcp', actorId: 'transport:tcp', error: new Error('It broke.') },
      { type: 'xstate.after.openingLimit.transports.opening' },
    ]
    const { missed } = pathsOf(transportsMachine, {
      input: { transports: [{ id: 'tcp', name: 'tcp', on: true }] },
      events,
      remember: ({ unsettled, refs }) => [unsettled, Object.keys(refs)],
    })
    expect(missed).toEqual([])
  })
})
