import { assign, raise, setup } from 'xstate'
import { unprovidedPromise } from './unprovided.js'

export interface RequestInput {
  /** 16 bytes, hex: one request is one id for as long as the person wants it. */
  readonly requestId: string
}

export type RequestOutcome = 'authorised' | 'declined' | 'cancelled'

export interface RequestOutput {
  readonly outcome: RequestOutcome
  readonly reason?: string
}

export type RequestEvent =
  | { type: 'peer.appeared' }
  | { type: 'acknowledged'; by: string }
  | { type: 'approved'; by: string }
  | { type: 'declined'; by: string }
  | { type: 'authorised' }
  | { type: 'cancel' }
  | { type: 'renew' }

/** A request lives ten minutes at a time; it is renewed a minute before. */
export const RENEWAL_DELAY_MS = 9 * 60_000
/** Unheard requests are repeated this often, in case a writer came by a road that told nobody. */
export const REPEAT_DELAY_MS = 30_000

export const requestMachine = setup({
  types: {
    context: {} as RequestInput & {
      /** Once there is one. */
      readonly outcome?: RequestOutcome
      readonly heard: boolean
      /** A device came while the question was being sent, perhaps too late to be among those it went to. */
      readonly missed: boolean
      readonly answeredBy?: string
      readonly failure?: string
    },
    input: {} as RequestInput,
    output: {} as RequestOutput,
    events: {} as RequestEvent,
  },
  actors: {
    /** Signs a new message under the request's id, seals it and sends it to every peer. */
    sendRequest: unprovidedPromise<void, RequestInput>('sendRequest'),
    /** Sends the last message again, the same plaintext under a fresh nonce. */
    repeatRequest: unprovidedPromise<void, RequestInput>('repeatRequest'),
    sendCancel: unprovidedPromise<void, RequestInput>('sendCancel'),
  },
  guards: {
    isUnheard: ({ context }) => !context.heard,
    hasMissed: ({ context }) => context.missed,
  },
  actions: {
    settle: assign((_, { outcome }: { outcome: RequestOutcome }) => ({ outcome })),
    hear: assign({ heard: true }),
    noteMissed: assign({ missed: true }),
    forgetMissed: assign({ missed: false }),
    renew: raise({ type: 'renew' }),
    recordAnswer: assign(({ event }) =>
      event.type === 'approved' || event.type === 'declined' ? { answeredBy: event.by, heard: true } : {},
    ),
    recordFailure: assign(({ event }) => ({
      failure:
        'error' in event && event.error instanceof Error
          ? event.error.message
          : 'The request could not be sent.',
    })),
  },
  delays: { renewal: RENEWAL_DELAY_MS, repeat: REPEAT_DELAY_MS },
}).createMachine({
  id: 'request',
  description:
    'This node asks to be authorised: from the question to a person’s answer on any device that may already write.',
  context: ({ input }) => ({ ...input, heard: false, missed: false }),
  initial: 'asking',
  states: {
    asking: {
      type: 'parallel',
      description: 'The person wants this device to be let in.',
      on: {
        authorised: 'authorised',
        declined: { target: 'declined', actions: 'recordAnswer' },
        cancel: 'cancelling',
      },
      states: {
        sending: {
          description: 'Getting the question to devices that may answer it.',
          initial: 'requesting',
          states: {
            requesting: {
              description: 'The question is signed, sealed and sent to every peer.',
              entry: 'forgetMissed',
              invoke: {
                id: 'sendRequest',
                src: 'sendRequest',
                input: ({ context }) => ({ requestId: context.requestId }),
                onDone: [{ guard: 'hasMissed', target: 'repeating' }, { target: 'waiting' }],
                onError: { target: '#request.cancelled', actions: 'recordFailure' },
              },
              on: { 'peer.appeared': { actions: 'noteMissed' } },
            },
            waiting: {
              description:
                'The question is out. It is asked again when a device comes that may not have heard it.',
              on: { 'peer.appeared': 'repeating', renew: 'requesting' },
              after: { repeat: { target: 'repeating', guard: 'isUnheard' } },
            },
            repeating: {
              description: 'The same question once more, for a device that has just come.',
              entry: 'forgetMissed',
              on: { 'peer.appeared': { actions: 'noteMissed' }, renew: 'requesting' },
              invoke: {
                id: 'repeatRequest',
                src: 'repeatRequest',
                input: ({ context }) => ({ requestId: context.requestId }),
                onDone: [{ guard: 'hasMissed', target: 'repeating', reenter: true }, { target: 'waiting' }],
                // It was out once, and what is wrong with it shows when it is renewed.
                onError: 'waiting',
              },
            },
          },
        },
        lifetime: {
          description: 'A question lives ten minutes at a time.',
          initial: 'current',
          states: {
            current: {
              description: 'The question is valid. Before it gets too old it is renewed under the same id.',
              after: { renewal: { target: 'current', reenter: true, actions: 'renew' } },
            },
          },
        },
        hearing: {
          description: 'What is known of the devices that may answer.',
          initial: 'unheard',
          states: {
            unheard: {
              description: 'No device has said yet that it shows the question.',
              on: {
                acknowledged: { target: 'shown', actions: 'hear' },
                approved: { target: 'answered', actions: 'recordAnswer' },
              },
            },
            shown: {
              description: 'At least one device shows the question to the person.',
              on: { approved: { target: 'answered', actions: 'recordAnswer' } },
            },
            answered: {
              description: 'A device says yes. What counts is the database: its authorisation is on the way.',
            },
          },
        },
      },
    },
    cancelling: {
      description: 'The person thought better of it: the devices that show the question are told.',
      invoke: {
        id: 'sendCancel',
        src: 'sendCancel',
        input: ({ context }) => ({ requestId: context.requestId }),
        onDone: 'cancelled',
        onError: 'cancelled',
      },
      on: { authorised: 'authorised' },
    },
    authorised: {
      type: 'final',
      description: 'The database counts this node among its writers.',
      entry: { type: 'settle', params: { outcome: 'authorised' } },
    },
    declined: {
      type: 'final',
      description: 'A person said no.',
      entry: { type: 'settle', params: { outcome: 'declined' } },
    },
    cancelled: {
      type: 'final',
      description: 'The question was taken back, or could not be sent.',
      entry: { type: 'settle', params: { outcome: 'cancelled' } },
    },
  },
  output: ({ context }) => ({
    outcome: context.outcome ?? 'cancelled',
    ...(context.failure === undefined ? {} : { reason: context.failure }),
  }),
})
