import { assign, cancel, enqueueActions, setup } from 'xstate'
import { backoff } from './backoff.js'
import { type NetworkEvent, type Surroundings, surroundingsAfter } from './network-events.js'
import type { Problem } from './problem.js'
import { unprovidedCallback } from './unprovided.js'

export interface DialInput extends Partial<Surroundings> {
  /** Names what is dialled: targets themselves are no part of a machine. */
  readonly dialId: string
  /** For people. */
  readonly address: string
  /** Whether it leads to this device itself: being offline means nothing to it. */
  readonly isLocal?: boolean
  /** Whether it leads to no peer: it is shown as such. */
  readonly isIntroduction?: boolean
}

export interface DialOutput {
  readonly dialId: string
}

export interface DialContext extends Required<DialInput> {
  /** Retries since it was up for long enough: how long the next may wait grows with it. */
  readonly attempt: number
  /** Connections in a row that ended early. */
  readonly early: number
  /** How long the wait under way takes, in milliseconds. */
  readonly wait: number
  readonly isOut: boolean
  /** Whether the outage has lasted for more than its first minute. */
  readonly isLong: boolean
  /** Why it can't be reached: the outage's first reason, which is the one that is reported. */
  readonly problem?: Problem | undefined
}

export type DialEvent =
  | { type: 'dial.up' }
  /** `chance`, from 0 to below 1, says which part of the longest wait is taken; machines roll no dice. */
  | { type: 'dial.lost'; chance?: number }
  | { type: 'dial.failed'; problem: Problem; chance?: number }
  /** The machine's own: the outage's first minute is over. */
  | { type: 'outage.long' }
  | NetworkEvent
  | { type: 'retry' }
  | { type: 'stop' }

/** An outage is young for so long. */
export const FIRST_MINUTE_MS = 60_000
/** What has been up for so long ended the outage: one that ends sooner goes on with it, as where each connection is refused. */
export const SETTLED_MS = 5_000
/** What has been up for so long was good: its loss is the first one. */
export const STABLE_MS = 60_000

const chanceOf = (event: DialEvent): number => ('chance' in event ? (event.chance ?? 1) : 1)

export const dialMachine = setup({
  types: {
    context: {} as DialContext,
    input: {} as DialInput,
    output: {} as DialOutput,
    events: {} as DialEvent,
  },
  actors: {
    /** Dials when told `dial`, ends that or what came of it when told `drop`; tells `dial.up`, `dial.lost`, `dial.failed`. */
    dial: unprovidedCallback<{ dialId: string }>('dial'),
  },
  guards: {
    isRemote: ({ context }) => !context.isLocal,
    isReachable: ({ context }) => context.isOnline || context.isLocal,
    isOffline: ({ context }) => !context.isOnline && !context.isLocal,
    /** A person is told once an outage. */
    isFirstFailure: ({ context }) => context.problem === undefined,
    isLongUnseen: ({ context }) => context.isHidden && context.isLong,
  },
  actions: {
    /** Tells a person that it can't be reached. */
    report: (_, _params: { problem?: Problem | undefined }) => {},
    dial: enqueueActions(({ enqueue }) => enqueue.sendTo('dial', { type: 'dial' })),
    drop: enqueueActions(({ enqueue }) => enqueue.sendTo('dial', { type: 'drop' })),
    notice: assign(({ event }) => surroundingsAfter(event)),
    /** The person knows better than the device. */
    believe: assign({ isOnline: true }),
    beginOutage: enqueueActions(({ context, enqueue }) => {
      if (context.isOut) return
      enqueue.assign({ isOut: true, isLong: false })
      enqueue.raise({ type: 'outage.long' }, { id: 'firstMinute', delay: FIRST_MINUTE_MS })
    }),
    endOutage: assign({ isOut: false, isLong: false }),
    growOld: assign({ isLong: true }),
    recordUp: assign({ problem: undefined }),
    recordGood: assign({ early: 0 }),
    recordLoss: assign(({ context, event }) => {
      const attempt = context.early + 1
      const wait = backoff({ attempt, isLong: context.isLong, chance: chanceOf(event) })
      return { attempt, early: attempt, wait }
    }),
    recordFailure: assign(({ context, event }) => {
      if (event.type !== 'dial.failed') return {}
      const attempt = context.attempt + 1
      const wait = backoff({ attempt, isLong: context.isLong, chance: chanceOf(event) })
      return { attempt, wait, problem: context.problem ?? event.problem }
    }),
  },
  delays: {
    wait: ({ context }) => context.wait,
    settled: SETTLED_MS,
    stable: STABLE_MS,
  },
}).createMachine({
  id: 'dial',
  description: 'One address that is kept connected, until it is told to stop.',
  context: ({ input }) => ({
    isLocal: false,
    isIntroduction: false,
    isOnline: true,
    isHidden: false,
    ...input,
    attempt: 0,
    early: 0,
    wait: 0,
    isOut: false,
    isLong: false,
  }),
  invoke: { id: 'dial', src: 'dial', input: ({ context }) => ({ dialId: context.dialId }) },
  entry: 'beginOutage',
  initial: 'dialling',
  on: {
    'outage.long': { actions: 'growOld' },
    'network.online': { actions: 'notice' },
    'network.offline': { actions: 'notice' },
    'page.hidden': { actions: 'notice' },
    'page.visible': { actions: 'notice' },
    stop: '.stopped',
  },
  states: {
    dialling: {
      description:
        'The address is being tried. The first try is made even offline, so that a person hears of it.',
      entry: 'dial',
      on: {
        'dial.up': { target: 'connected', actions: 'recordUp' },
        'dial.failed': [
          {
            guard: 'isFirstFailure',
            target: 'waiting',
            actions: ['recordFailure', { type: 'report', params: ({ context }) => context }],
          },
          { target: 'waiting', actions: 'recordFailure' },
        ],
        'network.offline': [
          { guard: 'isRemote', target: 'suspended', actions: ['notice', 'drop'] },
          { actions: 'notice' },
        ],
        // Another network: what was begun on the one before would only time out.
        'network.online': [
          { guard: 'isRemote', target: 'dialling', reenter: true, actions: 'notice' },
          { actions: 'notice' },
        ],
      },
    },
    connected: {
      description:
        'The address has answered. The connection stays until it breaks, whatever the network says.',
      on: { 'dial.lost': { target: 'waiting', actions: ['recordLoss', 'beginOutage'] } },
      after: {
        settled: { actions: [cancel('firstMinute'), 'endOutage'] },
        stable: { actions: 'recordGood' },
      },
    },
    waiting: {
      description: 'The next try comes after a moment, a longer one after each failure.',
      always: [
        { guard: 'isOffline', target: 'suspended' },
        { guard: 'isLongUnseen', target: 'suspended' },
      ],
      on: {
        retry: 'dialling',
        'network.online': { target: 'dialling', actions: 'notice' },
        'page.visible': { target: 'dialling', actions: 'notice' },
      },
      after: { wait: 'dialling' },
    },
    suspended: {
      description:
        'Trying is of no use: the device is offline, or nobody has seen the page for long. It goes on as soon as that changes.',
      on: {
        retry: { target: 'dialling', actions: 'believe' },
        'network.online': { target: 'dialling', actions: 'notice' },
        'page.visible': [
          { guard: 'isReachable', target: 'dialling', actions: 'notice' },
          { actions: 'notice' },
        ],
      },
    },
    stopped: {
      type: 'final',
      description: 'Nobody wants the address any more. What was dialled is ended.',
    },
  },
  output: ({ context }) => ({ dialId: context.dialId }),
})
