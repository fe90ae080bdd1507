import { assign, setup } from 'xstate'
import { type Problem, toProblem } from './problem.js'
import { unprovidedPromise } from './unprovided.js'

/** What a person is asked about: a node that wants to write. All of it comes from that node and has been checked and cleaned. */
export interface PromptInput {
  readonly id: string
  readonly nodeName: string
  /** The key that would be authorised, hex. */
  readonly writerKey: string
  readonly receivedAt: number
  readonly words: readonly string[]
  /** A request of the 2019 system: not signed, and never answered with a message. */
  readonly legacy: boolean
}

export type PromptOutcome = 'authorised' | 'declined' | 'withdrawn' | 'expired'

export interface PromptOutput {
  readonly id: string
  readonly outcome: PromptOutcome
}

export type PromptEvent =
  | { type: 'authorise' }
  | { type: 'decline' }
  | { type: 'renewed' }
  | { type: 'cancelled' }
  | { type: 'authorisedElsewhere' }
  | { type: 'declinedElsewhere' }

/** A prompt outlives its request's ten minutes by the skew that clocks may have. */
export const PROMPT_LIFETIME_MS = 12 * 60_000

export const promptMachine = setup({
  types: {
    context: {} as PromptInput & {
      /** Once there is one. */
      readonly outcome?: PromptOutcome
      readonly problem?: Problem | undefined
      /** What came while the person's yes was being written: it counts if the writing fails. */
      readonly meanwhile?: PromptOutcome
    },
    input: {} as PromptInput,
    output: {} as PromptOutput,
    events: {} as PromptEvent,
  },
  actors: {
    /** Writes the authorisation to the database, then tells the asker. */
    authorise: unprovidedPromise<void, PromptInput>('authorise'),
    /** Tells the asker, and the other devices that show the prompt. */
    decline: unprovidedPromise<void, PromptInput>('decline'),
  },
  actions: {
    recordProblem: assign(({ event }) => ({
      problem: toProblem('error' in event ? event.error : undefined, 'AUTHORISATION_FAILED'),
    })),
    forgetProblem: assign({ problem: undefined }),
    settle: assign((_, { outcome }: { outcome: PromptOutcome }) => ({ outcome })),
    noteMeanwhile: assign(({ context, event }) => {
      if (event.type === 'authorisedElsewhere') return { meanwhile: 'authorised' as const }
      if (context.meanwhile === 'authorised') return {}
      return { meanwhile: event.type === 'cancelled' ? ('withdrawn' as const) : ('declined' as const) }
    }),
  },
  guards: {
    wasAuthorised: ({ context }) => context.meanwhile === 'authorised',
    wasDeclined: ({ context }) => context.meanwhile === 'declined',
    wasWithdrawn: ({ context }) => context.meanwhile === 'withdrawn',
  },
  delays: { lifetime: PROMPT_LIFETIME_MS },
}).createMachine({
  id: 'prompt',
  description: 'One question to the person: may this device write?',
  context: ({ input }) => input,
  initial: 'pending',
  states: {
    pending: {
      description:
        'The question is on screen. Nothing happens until the person answers, the asker takes it back or it gets too old.',
      on: {
        authorise: 'authorising',
        decline: 'declining',
        renewed: { target: 'pending', reenter: true },
        cancelled: 'withdrawn',
        authorisedElsewhere: 'authorised',
        declinedElsewhere: 'declined',
      },
      after: { lifetime: 'expired' },
    },
    authorising: {
      entry: 'forgetProblem',
      description: 'The person said yes: the authorisation is being written to the database.',
      invoke: {
        id: 'authorise',
        src: 'authorise',
        input: ({ context }) => context,
        onDone: 'authorised',
        onError: [
          { guard: 'wasAuthorised', target: 'authorised' },
          { guard: 'wasDeclined', target: 'declined' },
          { guard: 'wasWithdrawn', target: 'withdrawn' },
          { target: 'pending', actions: 'recordProblem' },
        ],
      },
      // A yes that is being written can't be taken back; these count only if it fails.
      on: {
        authorisedElsewhere: { actions: 'noteMeanwhile' },
        declinedElsewhere: { actions: 'noteMeanwhile' },
        cancelled: { actions: 'noteMeanwhile' },
      },
    },
    declining: {
      description: 'The person said no: the asker is told.',
      invoke: {
        id: 'decline',
        src: 'decline',
        input: ({ context }) => context,
        onDone: 'declined',
        onError: 'declined',
      },
    },
    authorised: {
      type: 'final',
      description: 'The device may write.',
      entry: { type: 'settle', params: { outcome: 'authorised' } },
    },
    declined: {
      type: 'final',
      description: 'The device was turned away.',
      entry: { type: 'settle', params: { outcome: 'declined' } },
    },
    withdrawn: {
      type: 'final',
      description: 'The asker took the question back.',
      entry: { type: 'settle', params: { outcome: 'withdrawn' } },
    },
    expired: {
      type: 'final',
      description: 'Nobody answered in time and the asker did not renew.',
      entry: { type: 'settle', params: { outcome: 'expired' } },
    },
  },
  output: ({ context }) => ({ id: context.id, outcome: context.outcome ?? 'withdrawn' }),
})
