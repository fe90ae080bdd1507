import { type ActorRefFrom, assign, enqueueActions, setup } from 'xstate'
import { MAX_PROMPTS, MAX_PROMPTS_WITH_PICKED } from './max-prompts.js'
import { type PromptEvent, type PromptInput, promptMachine } from './prompt.js'

export type PromptsEvent =
  /** `isPicked`: the person has asked for it by its words. */
  | { type: 'request.received'; request: PromptInput; isPicked?: boolean }
  | { type: 'request.renewed'; id: string }
  | { type: 'request.cancelled'; id: string }
  | { type: 'request.declinedElsewhere'; id: string }
  /** `by`: the writer that let it in; the hyphalink for the founding one. */
  | { type: 'writer.authorised'; writerKey: string; by?: string }
  | { type: 'mayAnswer' }
  | { type: 'authorise'; id: string }
  | { type: 'decline'; id: string }

type PromptRef = ActorRefFrom<typeof promptMachine>
type Prompts = Readonly<Record<string, PromptRef>>

export { MAX_PROMPTS }

const forWriter = (prompts: Prompts, writerKey: string): PromptRef | undefined =>
  Object.values(prompts).find((prompt) => prompt.getSnapshot().context.writerKey === writerKey)

/** Which prompt an event is about, and what it means there. */
const newsForPrompt = (prompts: Prompts, event: PromptsEvent): [PromptRef | undefined, PromptEvent?] => {
  switch (event.type) {
    case 'request.received':
      return [prompts[event.request.id], { type: 'renewed' }]
    case 'request.renewed':
      return [prompts[event.id], { type: 'renewed' }]
    case 'request.cancelled':
      return [prompts[event.id], { type: 'cancelled' }]
    case 'request.declinedElsewhere':
      return [prompts[event.id], { type: 'declinedElsewhere' }]
    case 'writer.authorised':
      return [forWriter(prompts, event.writerKey), { type: 'authorisedElsewhere' }]
    case 'authorise':
    case 'decline':
      return [prompts[event.id], { type: event.type }]
    default:
      return [undefined]
  }
}

/**
 * Whether a question is there already. A node that lost its own question (a page was loaded anew) asks under a new id, and its
 * screen shows new words: its signed request takes the older one's place, unless the person's answer is under way.
 */
const shownAs = (prompts: Prompts, request: PromptInput): 'none' | 'same' | 'older' | 'taken' => {
  const same = prompts[request.id]
  const older = forWriter(prompts, request.writerKey)
  if (same) return same === older ? 'same' : 'taken'
  if (!older) return 'none'
  return !request.legacy && older.getSnapshot().matches('pending') ? 'older' : 'taken'
}

export const promptsMachine = setup({
  types: {
    context: {} as { readonly prompts: Prompts },
    events: {} as PromptsEvent,
  },
  actors: { prompt: promptMachine },
  guards: {
    isShown: ({ context, event }) =>
      event.type === 'request.received' && shownAs(context.prompts, event.request) === 'same',
    replacesAnother: ({ context, event }) =>
      event.type === 'request.received' && shownAs(context.prompts, event.request) === 'older',
    hasRoom: ({ context, event }) =>
      event.type === 'request.received' &&
      Object.keys(context.prompts).length < (event.isPicked ? MAX_PROMPTS_WITH_PICKED : MAX_PROMPTS) &&
      shownAs(context.prompts, event.request) === 'none',
  },
  actions: {
    withdrawOlder: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'request.received') return
      const older = forWriter(context.prompts, event.request.writerKey)
      if (older) enqueue.sendTo(older, { type: 'cancelled' })
    }),
    openPrompt: assign(({ context, event, spawn }) => {
      if (event.type !== 'request.received') return {}
      const { request } = event
      const prompt = spawn('prompt', { id: `prompt:${request.id}`, input: request, syncSnapshot: true })
      return { prompts: { ...context.prompts, [request.id]: prompt } }
    }),
    tellPrompt: enqueueActions(({ context, event, enqueue }) => {
      const [prompt, news] = newsForPrompt(context.prompts, event)
      if (prompt && news) enqueue.sendTo(prompt, news)
    }),
    dropPrompt: enqueueActions(({ context, event, enqueue }) => {
      const [, id] = /^prompt:(.*)$/s.exec('actorId' in event ? String(event.actorId) : '') ?? []
      if (id === undefined || context.prompts[id] === undefined) return
      enqueue.stopChild(`prompt:${id}`)
      enqueue.assign({
        prompts: Object.fromEntries(Object.entries(context.prompts).filter(([other]) => other !== id)),
      })
    }),
  },
}).createMachine({
  id: 'prompts',
  description: 'The questions that wait for the person on this node, each with a life of its own.',
  context: { prompts: {} },
  initial: 'listening',
  on: {
    'request.received': [
      { guard: 'isShown', actions: 'tellPrompt' },
      { guard: 'replacesAnother', actions: ['withdrawOlder', 'openPrompt'] },
      { guard: 'hasRoom', actions: 'openPrompt' },
    ],
    'request.renewed': { actions: 'tellPrompt' },
    'request.cancelled': { actions: 'tellPrompt' },
    'request.declinedElsewhere': { actions: 'tellPrompt' },
    'writer.authorised': { actions: 'tellPrompt' },
    'xstate.done.actor.*': { actions: 'dropPrompt' },
    'xstate.error.actor.*': { actions: 'dropPrompt' },
  },
  states: {
    listening: {
      description: 'This node may not write yet. It keeps the questions that arrive and shows none.',
      on: { mayAnswer: 'answering' },
    },
    answering: {
      description: 'This node may write: its person is asked.',
      on: {
        authorise: { actions: 'tellPrompt' },
        decline: { actions: 'tellPrompt' },
      },
    },
  },
})
