import { type ActorRefFrom, assign, enqueueActions, setup } from 'xstate'
import { type DialInput, dialMachine } from './dial.js'
import { isNetworkEvent, type NetworkEvent, type Surroundings, surroundingsAfter } from './network-events.js'
import type { PeerInput } from './peer.js'
import type { Problem } from './problem.js'
import { tellParent } from './tell-parent.js'
import { unprovidedCallback } from './unprovided.js'

/** One of the node's transports, by the name that it is turned on and off by. */
export interface TransportWish {
  /** `webSocket`, `webSocket-2`. */
  readonly id: string
  readonly name: string
  /** Whether it is to be used. */
  readonly on: boolean
}

export interface TransportInput extends TransportWish, Partial<Surroundings> {}

type DialRef = ActorRefFrom<typeof dialMachine>

export interface TransportContext extends Required<TransportInput> {
  readonly dials: Readonly<Record<string, DialRef>>
  /** Why it could not start; or what it told of last, until somebody comes by it. */
  readonly problem?: Problem | undefined
}

export type TransportEvent =
  | { type: 'turnOn' }
  | { type: 'turnOff' }
  // from the road itself
  | { type: 'transport.started' }
  | { type: 'transport.failed'; problem: Problem }
  | { type: 'transport.troubled'; problem: Problem }
  | { type: 'transport.stopped' }
  | { type: 'dial.wanted'; dial: Pick<DialInput, 'dialId' | 'address' | 'isLocal' | 'isIntroduction'> }
  | { type: 'dial.unwanted'; dialId: string }
  | { type: 'dial.retry'; dialId: string }
  | { type: 'connection'; link: PeerInput }
  | NetworkEvent

export const transportMachine = setup({
  types: {
    context: {} as TransportContext,
    input: {} as TransportInput,
    events: {} as TransportEvent,
  },
  actors: {
    /** The transport: begins when told `start`, ends when told `stop`, and tells of connections, and of what it wants dialled. */
    road: unprovidedCallback<{ transportId: string }>('road'),
    dial: dialMachine,
  },
  guards: {
    isWanted: ({ context }) => context.on,
    isUnwanted: ({ context }) => !context.on,
  },
  actions: {
    want: assign({ on: true }),
    unwant: assign({ on: false }),
    start: enqueueActions(({ enqueue }) => {
      enqueue.assign({ problem: undefined })
      enqueue.sendTo('road', { type: 'start' })
    }),
    stop: enqueueActions(({ enqueue }) => enqueue.sendTo('road', { type: 'stop' })),
    recordProblem: assign(({ event }) =>
      event.type === 'transport.failed' || event.type === 'transport.troubled'
        ? { problem: event.problem }
        : {},
    ),
    forgetProblem: assign({ problem: undefined }),
    tellConnection: enqueueActions(({ event, self, enqueue }) => {
      if (event.type === 'connection') tellParent({ self, enqueue }, event)
    }),
    addDial: assign(({ context, event, spawn }) => {
      if (event.type !== 'dial.wanted' || context.dials[event.dial.dialId]) return {}
      const { isOnline, isHidden, dials } = context
      const { dialId } = event.dial
      const input = { ...event.dial, isOnline, isHidden }
      const dial = spawn('dial', { id: `dial:${dialId}`, input, syncSnapshot: true })
      return { dials: { ...dials, [dialId]: dial } }
    }),
    tellDial: enqueueActions(({ context, event, enqueue }) => {
      const dial = 'dialId' in event ? context.dials[event.dialId] : undefined
      if (dial) enqueue.sendTo(dial, { type: event.type === 'dial.retry' ? 'retry' : 'stop' })
    }),
    dropDial: enqueueActions(({ context, event, enqueue }) => {
      const [, dialId] = /^dial:(.*)$/s.exec('actorId' in event ? String(event.actorId) : '') ?? []
      if (dialId === undefined || !context.dials[dialId]) return
      // A child that has finished stays among the children until it is stopped.
      enqueue.stopChild(`dial:${dialId}`)
      enqueue.assign({
        dials: Object.fromEntries(Object.entries(context.dials).filter(([other]) => other !== dialId)),
      })
    }),
    dropDials: enqueueActions(({ context, enqueue }) => {
      for (const dialId of Object.keys(context.dials)) enqueue.stopChild(`dial:${dialId}`)
      enqueue.assign({ dials: {} })
    }),
    passOn: enqueueActions(({ context, event, enqueue }) => {
      if (!isNetworkEvent(event)) return
      enqueue.assign(surroundingsAfter(event))
      for (const dial of Object.values(context.dials)) enqueue.sendTo(dial, event)
    }),
  },
}).createMachine({
  id: 'transport',
  description: 'One road to other nodes, and the addresses that it keeps connected.',
  context: ({ input }) => ({ isOnline: true, isHidden: false, ...input, dials: {} }),
  invoke: { id: 'road', src: 'road', input: ({ context }) => ({ transportId: context.id }) },
  initial: 'stopped',
  on: {
    turnOn: { actions: 'want' },
    turnOff: { actions: 'unwant' },
    connection: { actions: 'tellConnection' },
    'dial.unwanted': { actions: 'tellDial' },
    'dial.retry': { actions: 'tellDial' },
    'network.online': { actions: 'passOn' },
    'network.offline': { actions: 'passOn' },
    'page.hidden': { actions: 'passOn' },
    'page.visible': { actions: 'passOn' },
    'xstate.done.actor.*': { actions: 'dropDial' },
    'xstate.error.actor.*': { actions: 'dropDial' },
  },
  states: {
    stopped: {
      description: 'The road is not used, and nothing of it is open.',
      always: { guard: 'isWanted', target: 'starting' },
    },
    starting: {
      description: 'The road is being opened: it begins to listen, and says what it wants dialled.',
      entry: 'start',
      always: { guard: 'isUnwanted', target: 'stopping' },
      on: {
        'dial.wanted': { actions: 'addDial' },
        'transport.started': 'started',
        'transport.failed': { target: 'failed', actions: ['recordProblem', 'dropDials'] },
      },
    },
    started: {
      description: 'The road is open. It listens, and each of its addresses has a life of its own.',
      always: { guard: 'isUnwanted', target: 'stopping' },
      on: {
        'dial.wanted': { actions: 'addDial' },
        'transport.troubled': { actions: 'recordProblem' },
        connection: { actions: ['forgetProblem', 'tellConnection'] },
      },
    },
    stopping: {
      description: 'The road is being closed, and everything that came by it.',
      entry: 'stop',
      on: { 'transport.stopped': { target: 'stopped', actions: 'dropDials' } },
    },
    failed: {
      description: 'The road could not be opened. The others are used; this one may be tried again.',
      always: { guard: 'isUnwanted', target: 'stopped' },
      on: { turnOn: { target: 'starting', actions: 'want' } },
    },
  },
})
