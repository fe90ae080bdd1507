import type { InspectorEvent, MessageEvent, ShownEvent } from '../../../src/ui-bridge/inspector/events.js'
import { clean } from './clean.js'
import { stateInWords } from './picture.js'
import type { Item } from './track.js'

/** Kinds of what happens, as the log tells them apart. */
export const KINDS = ['event', 'state', 'actor', 'message', 'quiet'] as const
export type Kind = (typeof KINDS)[number]

export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  event: 'Events',
  state: 'States',
  actor: 'Actors',
  message: 'Messages',
  quiet: 'Quiet',
}

export const KIND_HINTS: Readonly<Record<Kind, string>> = {
  event: 'An event was sent to an actor',
  state: 'A machine went from one state to another',
  actor: 'An actor was born, or died',
  message: 'A sealed message passed a node',
  quiet: 'Beginnings, and what led to no other state',
}

const isInner = (type: string): boolean =>
  type === 'xstate.init' || type.startsWith('xstate.snapshot.') || type.startsWith('xstate.promise.')

export const kindOf = (event: InspectorEvent): Kind => {
  switch (event.type) {
    case '@xstate.event':
      return isInner(event.event.type) ? 'quiet' : 'event'
    case '@xstate.snapshot':
      return event.transitions.some(({ targets }) => targets.length > 0) ? 'state' : 'quiet'
    case 'hypha.message':
      return 'message'
    default:
      return 'actor'
  }
}

/** XState's own names, as people say them. */
export const eventInWords = ({ type }: ShownEvent): string => {
  if (type === 'xstate.init') return 'begins'
  if (type === 'xstate.stop') return 'is stopped'
  const [, kind, actor] = /^xstate\.(done|error|snapshot)\.actor\.(.+)$/.exec(type) ?? []
  if (actor !== undefined)
    return kind === 'snapshot' ? `${clean(actor)} changed` : `${kind} · ${clean(actor)}`
  const snapshot = /^xstate\.snapshot\.(.+)$/.exec(type)?.[1]
  if (snapshot !== undefined) return `${clean(snapshot)} changed`
  const delay = /^xstate\.after\.([^.]+)\./.exec(type)?.[1]
  if (delay !== undefined) return `after ${clean(delay)}`
  return clean(type)
}

const MESSAGE_KINDS: Readonly<Record<NonNullable<MessageEvent['kind']>, string>> = {
  request: 'request',
  decision: 'decision',
  acknowledgement: 'acknowledgement',
  cancel: 'cancellation',
  presence: 'presence',
  app: 'app message',
  'legacy-request': 'request of 2019',
}

export const messageInWords = ({ kind }: MessageEvent): string =>
  kind ? `sealed ${MESSAGE_KINDS[kind]}` : 'sealed message'

const WHATS: Readonly<Record<MessageEvent['what'], string>> = {
  sent: 'sent',
  received: 'received',
  relayed: 'passed on',
  duplicate: 'seen before',
  refused: 'refused',
}

export const whatInWords = ({ what }: MessageEvent): string => WHATS[what]

/** What a line of the log says, without who it is about. */
export const itemInWords = ({ event }: Item): string => {
  switch (event.type) {
    case '@xstate.actor':
      return 'is born'
    case 'hypha.death':
      return 'is no more'
    case '@xstate.event':
      return eventInWords(event.event)
    case '@xstate.snapshot':
      return (
        (kindOf(event) === 'state' && stateInWords(event.snapshot)) || `took in ${eventInWords(event.event)}`
      )
    case 'hypha.message':
      return `${messageInWords(event)} ${whatInWords(event)}`
  }
}

/** Keys and ids are long: their beginning tells them apart. */
export const shortId = (text: string): string => text.replace(/[0-9a-f]{12,}/gi, (id) => `${id.slice(0, 6)}…`)

export { clean }
