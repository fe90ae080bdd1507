import { assign, setup } from 'xstate'
import { type Problem, toProblem } from './problem.js'
import { unprovidedCallback } from './unprovided.js'

export interface PeerInput {
  /** Names the link that the actors work on: links themselves are no part of a machine. */
  readonly linkId: string
  readonly transport: string
  readonly direction: 'outgoing' | 'incoming'
  readonly address: string
}

export interface PeerOutput {
  readonly linkId: string
  readonly reason: 'closed' | 'claimed' | 'refused' | 'silent' | 'failed'
  readonly problem?: Problem
}

export interface PeerCounters {
  readonly blocksReceived: number
  readonly blocksSent: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly messagesReceived: number
  readonly messagesSent: number
  readonly messagesRefused: number
  readonly duplicates: number
}

export type PeerEvent =
  | { type: 'replication.handshake' }
  | { type: 'replication.proving' }
  | { type: 'replication.spare' }
  | { type: 'replication.used' }
  | { type: 'replication.unclaimed' }
  | { type: 'replication.claimed' }
  | { type: 'replication.refused'; problem: Problem }
  | { type: 'replication.ended'; problem?: Problem }
  | { type: 'summary'; counters: Partial<PeerCounters> }
  | { type: 'disconnect' }

/** Lets a link say what it is before it counts as dead. */
export const GREETING_DELAY_MS = 10_000

export const peerMachine = setup({
  types: {
    context: {} as PeerInput & {
      readonly reason: PeerOutput['reason']
      readonly problem?: Problem
      readonly counters: PeerCounters
    },
    input: {} as PeerInput,
    output: {} as PeerOutput,
    events: {} as PeerEvent,
  },
  actors: {
    replication: unprovidedCallback<{ linkId: string }>('replication'),
    messaging: unprovidedCallback<{ linkId: string }>('messaging'),
    deduplication: unprovidedCallback<{ linkId: string }>('deduplication'),
    claiming: unprovidedCallback<{ linkId: string }>('claiming'),
  },
  actions: {
    addToCounters: assign(({ context, event }) =>
      event.type === 'summary' ? { counters: { ...context.counters, ...event.counters } } : {},
    ),
    recordRefusal: assign(({ event }) =>
      event.type === 'replication.refused' ? { reason: 'refused' as const, problem: event.problem } : {},
    ),
    recordEnd: assign(({ event }) =>
      event.type === 'replication.ended' && event.problem
        ? { reason: 'failed' as const, problem: event.problem }
        : {},
    ),
    recordClaim: assign({ reason: 'claimed' }),
    recordSilence: assign({
      reason: 'silent',
      problem: {
        code: 'PEER_TIMED_OUT',
        message:
          'A peer connected and did not say what it wants. It was disconnected; nothing needs to be done.',
      },
    }),
    recordFailure: assign(({ event }) => ({
      reason: 'failed' as const,
      problem: toProblem('error' in event ? event.error : undefined),
    })),
  },
  delays: { greetingTimeout: GREETING_DELAY_MS },
}).createMachine({
  id: 'peer',
  description: 'One connection to one peer, from the first byte to the last. What goes wrong here ends here.',
  context: ({ input }) => ({
    ...input,
    reason: 'closed',
    counters: {
      blocksReceived: 0,
      blocksSent: 0,
      bytesReceived: 0,
      bytesSent: 0,
      messagesReceived: 0,
      messagesSent: 0,
      messagesRefused: 0,
      duplicates: 0,
    },
  }),
  invoke: {
    id: 'replication',
    src: 'replication',
    input: ({ context }) => ({ linkId: context.linkId }),
    onError: { target: '.ended', actions: 'recordFailure' },
  },
  initial: 'greeting',
  on: {
    'replication.ended': { target: '.ended', actions: 'recordEnd' },
    'replication.refused': { target: '.ended', actions: 'recordRefusal' },
    disconnect: { target: '.ended' },
    summary: { actions: 'addToCounters' },
  },
  states: {
    greeting: {
      description: 'The link is up. The first bytes will tell who is at the other end.',
      on: {
        'replication.handshake': 'connected',
        'replication.proving': 'proving',
        'replication.unclaimed': 'claiming',
      },
      after: { greetingTimeout: { target: 'ended', actions: 'recordSilence' } },
    },
    proving: {
      description:
        'The other end is a node, to which there may be other links. Both prove which one they are.',
      // Also the only link is one of several, before it is the one to use.
      on: { 'replication.spare': 'spare' },
      after: { greetingTimeout: { target: 'ended', actions: 'recordSilence' } },
    },
    spare: {
      description:
        'The link is one of several to the same node and is kept alive. It is used as soon as it is the best one.',
      on: { 'replication.used': 'connected' },
    },
    claiming: {
      description:
        'The always-on node has a free place. This node proves that it is one of the person’s and claims it.',
      invoke: {
        id: 'claiming',
        src: 'claiming',
        input: ({ context }) => ({ linkId: context.linkId }),
        onError: { target: 'ended', actions: 'recordFailure' },
      },
      on: { 'replication.claimed': { target: 'ended', actions: 'recordClaim' } },
      after: { greetingTimeout: { target: 'ended', actions: 'recordSilence' } },
    },
    connected: {
      description:
        'Both ends have shaken hands, and this is the link to use: the database replicates and messages pass.',
      invoke: [
        {
          id: 'deduplication',
          src: 'deduplication',
          input: ({ context }) => ({ linkId: context.linkId }),
          onError: { target: 'ended', actions: 'recordFailure' },
        },
        {
          id: 'messaging',
          src: 'messaging',
          input: ({ context }) => ({ linkId: context.linkId }),
          onError: { target: 'ended', actions: 'recordFailure' },
        },
      ],
    },
    ended: {
      type: 'final',
      description: 'The link is gone and everything that worked on it has stopped.',
    },
  },
  output: ({ context }) => ({
    linkId: context.linkId,
    reason: context.reason,
    ...(context.problem ? { problem: context.problem } : {}),
  }),
})
