import { expect } from 'vitest'
import { type Dialling, HyphaError } from '../../src/index.js'
import { type TransportContext, transportMachine } from '../../src/machines/index.js'
import { type AnyEvent, type Path, pathsOf } from '../../src/testing/index.js'
import { createRoad, createTarget } from './road.js'
import { byItself, createStage, errorsOf, follow, newHyphalink } from './stage.js'

const link = { linkId: '1', transport: 'road', direction: 'incoming', address: 'elsewhere:1' }
const problem = { code: 'TRANSPORT_UNAVAILABLE', message: 'It is missing on this device.' }

const events: AnyEvent[] = [
  { type: 'turnOn' },
  { type: 'turnOff' },
  { type: 'transport.started' },
  { type: 'transport.failed', problem },
  { type: 'transport.troubled', problem },
  { type: 'transport.stopped' },
  { type: 'dial.wanted', dial: { dialId: '1', address: 'elsewhere:1' } },
  { type: 'dial.unwanted', dialId: '1' },
  { type: 'dial.retry', dialId: '1' },
  { type: 'connection', link },
  { type: 'network.online' },
  { type: 'network.offline' },
  { type: 'page.hidden' },
  { type: 'page.visible' },
  { type: 'xstate.done.actor.dial:1', actorId: 'dial:1' },
  { type: 'xstate.error.actor.dial:1', actorId: 'dial:1', error: new Error('It broke.') },
]

export const transportPaths = pathsOf(transportMachine, {
  input: { id: 'road', name: 'road', on: true },
  events,
  remember: ({ on, dials }: TransportContext) => [on, Object.keys(dials)],
  world: {
    start: { isEnding: false },
    // An address that is wanted no more ends at once, and one is enough: its name is used once.
    allows: ({ isEnding }, { type }, { context, value }) => {
      const isThere = context.dials['1'] !== undefined
      if (isEnding || type === 'xstate.done.actor.dial:1') return isEnding && type.startsWith('xstate.done')
      if (type === 'dial.wanted') return !isThere
      if (type === 'dial.retry' || type === 'dial.unwanted') return isThere
      // Before it is started for the first time nobody is there to be told of anything.
      return !['connection', 'transport.troubled'].includes(type) || value === 'started'
    },
    after: (_, { type }) => ({ isEnding: type === 'dial.unwanted' }),
  },
  as: 'tours',
})

/** A node with one road, which a person turns on and off, and which begins, fails and ends when the path says. */
export const walkTransport = async (path: Path): Promise<void> => {
  const stage = createStage()
  const road = createRoad()
  road.starting.hold()
  road.stopping.hold()
  const node = stage.subject({ transports: [road.transport] })
  const errors = errorsOf(node)
  const opening = node.open({ hyphalink: newHyphalink() })
  // Behind: a road that takes its time.
  stage.time.advance(0)
  const { page } = stage
  let address = createTarget()
  let dialling: Dialling | undefined
  const turn = (on: boolean) => {
    // Whether it could be started is what the path checks.
    node.setTransport('road', on).catch(() => {})
  }
  try {
    await follow(
      path,
      stage.witness.follow('transport'),
      {
        turnOn: () => turn(true),
        turnOff: () => turn(false),
        'transport.started': () => road.starting.let(),
        'transport.failed': () =>
          road.starting.let(new HyphaError('TRANSPORT_UNAVAILABLE', 'It is missing on this device.')),
        'transport.troubled': () =>
          road.report(new HyphaError('TRANSPORT_UNAVAILABLE', 'It is missing on this device.')),
        'transport.stopped': () => road.stopping.let(),
        'dial.wanted': () => {
          address = createTarget()
          dialling = road.dial(address.target)
        },
        'dial.unwanted': () => void dialling?.stop(),
        'dial.retry': () => dialling?.retry(),
        connection: () => void road.link(),
        'network.online': () => page.tell('online'),
        'network.offline': () => page.tell('offline'),
        'page.hidden': () => page.tell('hidden'),
        'page.visible': () => page.tell('visible'),
        'xstate.done.actor.dial:1': byItself,
        'xstate.error.actor.dial:1': async () => {
          stage.failTimers(() => true)
          page.tell('online')
          dialling?.retry()
          address.up()
          await stage.time.settle()
          stage.failTimers(() => false)
        },
      },
      ({ value, context }) => {
        const [shown] = node.transports()
        const dials = Object.keys(context.dials).length
        expect(shown?.on).toBe(context.on)
        expect(shown?.addresses.length).toBe(dials)
        if (value === 'stopping') expect(shown?.state).toBe('stopped')
        else if (value !== 'started') expect(shown?.state).toBe(value)
        else if (shown?.links) expect(shown.state).toBe('connected')
        else if (dials === 0) expect(shown?.state).toBe('listening')
        const isOpen = value === 'started' || value === 'failed'
        expect(shown?.problem?.code).toBe(isOpen ? context.problem?.code : undefined)
        const [first] = errors
        if (first) expect(first.code).toBe('TRANSPORT_UNAVAILABLE')
      },
    )
    await opening
  } finally {
    road.starting.free()
    road.stopping.free()
    await opening.catch(() => {})
    await stage.close()
  }
}
