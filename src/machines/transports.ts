import { type ActorRefFrom, assign, enqueueActions, setup } from 'xstate'
import { isNetworkEvent, type NetworkEvent, type Surroundings, surroundingsAfter } from './network-events.js'
import type { PeerInput } from './peer.js'
import { type Problem, toProblem } from './problem.js'
import { tellParent } from './tell-parent.js'
import { type TransportContext, type TransportWish, transportMachine } from './transport.js'
import { unprovidedCallback } from './unprovided.js'

type TransportRef = ActorRefFrom<typeof transportMachine>

/** What one of them says of itself. */
interface TransportNews {
  readonly value: unknown
  readonly context: Pick<TransportContext, 'on' | 'problem'>
}

export interface TransportsInput {
  readonly transports: readonly TransportWish[]
}

export interface TransportsContext extends TransportsInput, Surroundings {
  readonly refs: Readonly<Record<string, TransportRef>>
  /** Those that have not said yet whether they could start. */
  readonly unsettled: readonly string[]
  /** Whether the network is being watched. */
  readonly isWatching: boolean
}

export type TransportsEvent =
  | { type: 'setTransport'; id: string; on: boolean }
  | { type: 'connection'; link: PeerInput }
  | NetworkEvent
  /** XState's own: a transport, or an address of it, is in another state. */
  | { type: `xstate.snapshot.transport:${string}`; snapshot: TransportNews }

/** What is missing on this device or to this node: the other roads do without. */
const OF_ONE_ROAD = ['NO_CHANNEL', 'TRANSPORT_UNAVAILABLE']

/** A road that has not opened by then opens behind, and nobody waits for it. */
export const OPENING_LIMIT_MS = 15_000

/** Which transport an event of XState's own is about. */
const subjectOf = (event: { readonly type: string }): string =>
  ('actorId' in event ? String(event.actorId) : event.type).replace(/^.*?transport:/s, '')

/** One that was waited for, in the event that it could be opened, could not, or is not wanted any more. */
const settledBy = (event: TransportsEvent, { unsettled }: TransportsContext): TransportNews | undefined => {
  if (!('snapshot' in event) || !unsettled.includes(subjectOf(event))) return undefined
  const { value, context } = event.snapshot
  return value === 'started' || value === 'failed' || (value === 'stopped' && !context.on)
    ? event.snapshot
    : undefined
}

const failureIn = (event: TransportsEvent, context: TransportsContext): Problem | undefined => {
  const news = settledBy(event, context)
  return news?.value === 'failed' ? news.context.problem : undefined
}

const reasonOf = (event: object): Problem | undefined => {
  if ('snapshot' in event) return (event.snapshot as TransportNews).context.problem
  return toProblem('error' in event ? event.error : undefined)
}

/** Whether some address waits for a better moment. */
const isRestless = ({ refs }: TransportsContext): boolean =>
  Object.values(refs).some((transport) =>
    Object.values(transport.getSnapshot().context.dials).some((dial) => {
      const { value } = dial.getSnapshot()
      return value === 'waiting' || value === 'suspended'
    }),
  )

export const transportsMachine = setup({
  types: {
    context: {} as TransportsContext,
    input: {} as TransportsInput,
    events: {} as TransportsEvent,
  },
  actors: {
    /** Tells what the device’s network and the page do: `watch` says that it matters now, `rest` that it doesn’t. */
    network: unprovidedCallback<undefined>('network'),
    transport: transportMachine,
  },
  guards: {
    isRefused: ({ context, event }) => {
      const problem = failureIn(event, context)
      return problem !== undefined && !OF_ONE_ROAD.includes(problem.code)
    },
    /** Whoever turns one on later hears of it by that call. */
    isMissing: ({ context, event }) => failureIn(event, context) !== undefined,
    isSettled: ({ context, event }) => settledBy(event, context) !== undefined,
    areSettled: ({ context }) => context.unsettled.length === 0,
  },
  actions: {
    /** Tells a person of a road that could not be opened. */
    report: (_, _params: { problem: Problem | undefined }) => {},
    spawnTransports: assign(({ context, spawn }) => {
      const { isOnline, isHidden, transports } = context
      const refs = transports.map((transport): [string, TransportRef] => {
        const input = { ...transport, isOnline, isHidden }
        return [
          transport.id,
          spawn('transport', { id: `transport:${transport.id}`, input, syncSnapshot: true }),
        ]
      })
      return { refs: Object.fromEntries(refs) }
    }),
    turn: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'setTransport') return
      const transport = context.refs[event.id]
      if (transport) enqueue.sendTo(transport, { type: event.on ? 'turnOn' : 'turnOff' })
    }),
    settle: assign(({ context, event }) => ({
      unsettled: context.unsettled.filter((other) => other !== subjectOf(event)),
    })),
    settleAll: assign({ unsettled: [] }),
    dropTransport: enqueueActions(({ context, event, enqueue }) => {
      const id = subjectOf(event)
      if (!context.refs[id]) return
      enqueue.stopChild(`transport:${id}`)
      enqueue.assign({
        refs: Object.fromEntries(Object.entries(context.refs).filter(([other]) => other !== id)),
      })
    }),
    tellConnection: enqueueActions(({ event, self, enqueue }) => {
      if (event.type === 'connection') tellParent({ self, enqueue }, event)
    }),
    tellReady: enqueueActions(({ self, enqueue }) =>
      tellParent({ self, enqueue }, { type: 'transports.ready' }),
    ),
    tellRefused: enqueueActions(({ context, event, self, enqueue }) => {
      const problem = failureIn(event, context)
      tellParent({ self, enqueue }, { type: 'transports.failed', problem })
    }),
    passOn: enqueueActions(({ context, event, enqueue }) => {
      if (!isNetworkEvent(event)) return
      enqueue.assign(surroundingsAfter(event))
      for (const transport of Object.values(context.refs)) enqueue.sendTo(transport, event)
    }),
    tellNetwork: enqueueActions(({ context, enqueue }) => {
      const isWatching = isRestless(context)
      if (isWatching === context.isWatching) return
      enqueue.assign({ isWatching })
      enqueue.sendTo('network', { type: isWatching ? 'watch' : 'rest' })
    }),
  },
  delays: { openingLimit: OPENING_LIMIT_MS },
}).createMachine({
  id: 'transports',
  description: 'The node’s roads, each with a life of its own.',
  context: ({ input }) => ({
    ...input,
    refs: {},
    unsettled: input.transports.filter(({ on }) => on).map(({ id }) => id),
    isOnline: true,
    isHidden: false,
    isWatching: false,
  }),
  invoke: { id: 'network', src: 'network' },
  entry: 'spawnTransports',
  initial: 'opening',
  on: {
    setTransport: { actions: 'turn' },
    connection: { actions: 'tellConnection' },
    'network.online': { actions: 'passOn' },
    'network.offline': { actions: 'passOn' },
    'page.hidden': { actions: 'passOn' },
    'page.visible': { actions: 'passOn' },
    'xstate.snapshot.*': { actions: 'tellNetwork' },
    'xstate.error.actor.*': {
      actions: [
        { type: 'report', params: ({ event }: { event: object }) => ({ problem: reasonOf(event) }) },
        'settle',
        'dropTransport',
      ],
    },
  },
  states: {
    opening: {
      description: 'The roads that are wanted are being opened for the first time.',
      always: { guard: 'areSettled', target: 'open' },
      on: {
        'xstate.snapshot.*': [
          { guard: 'isRefused', target: 'refused', actions: 'tellRefused' },
          {
            guard: 'isMissing',
            actions: [
              {
                type: 'report',
                params: ({ event }: { event: TransportsEvent }) => ({ problem: reasonOf(event) }),
              },
              'settle',
              'tellNetwork',
            ],
          },
          { guard: 'isSettled', actions: ['settle', 'tellNetwork'] },
          { actions: 'tellNetwork' },
        ],
      },
      after: { openingLimit: { actions: 'settleAll' } },
    },
    open: {
      description: 'The node uses the roads that could be opened. They are turned on and off one by one.',
      entry: 'tellReady',
    },
    refused: {
      description: 'A road can’t be opened as the app asked: the node tells it, and closes the others.',
    },
  },
})
