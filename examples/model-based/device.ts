/** A device as the node machine sees it: what can happen to it in a browser, and what has to be so for it to happen. */
import type { AnyMachineSnapshot } from 'xstate'
import { nodeMachine } from '../../src/machines/index.js'
import { type AnyEvent, type Path, type Paths, pathsOf, type World } from '../../src/testing/index.js'

/** What a storage keeps, as the next page will find it. */
export type Kept = 'nothing' | 'origin' | 'reader' | 'asker' | 'writer'

/** What is around the machine. */
interface Around {
  readonly kept: Kept
  readonly way: 'signUp' | 'signIn' | undefined
  /** Whether the person has typed wrong words once. */
  readonly hasErred: boolean
  /** How far this device's own question is. */
  readonly question: 'none' | 'shown' | 'approved' | 'ended'
  readonly outcome: 'authorised' | 'declined' | 'cancelled' | undefined
  /** How far a third device is that asks this one. */
  readonly guest: 'none' | 'asks' | 'approved' | 'answered'
  readonly road: 'unchanged' | 'off' | 'on again'
}

const done = (actorId: string, output?: unknown): AnyEvent => ({
  type: `xstate.done.actor.${actorId}`,
  actorId,
  output,
})
const failed = (actorId: string): AnyEvent => ({
  type: `xstate.error.actor.${actorId}`,
  actorId,
  error: new Error('The words are wrong.'),
})

/** Everything that a person, their other devices and the browser make happen. Nothing of it is sent: the app does that. */
const EVENTS: readonly AnyEvent[] = [
  { type: 'signUp', domain: 'localhost' },
  { type: 'signIn', domain: 'localhost', requestId: 'question' },
  { type: 'requestAuthorisation', requestId: 'question' },
  { type: 'cancelRequest' },
  { type: 'answer.acknowledged', by: 'laptop' },
  { type: 'answer.approved', by: 'laptop' },
  { type: 'answer.declined', by: 'laptop' },
  { type: 'database.authorised' },
  { type: 'request.received' },
  { type: 'request.cancelled', id: 'guest' },
  { type: 'authorise', id: 'guest' },
  { type: 'decline', id: 'guest' },
  { type: 'writer.authorised', writerKey: 'guest' },
  { type: 'setTransport', id: 'webRTC', on: false },
  { type: 'setTransport', id: 'webRTC', on: true },
  // What comes of it, in the machine's own words.
  done('recall', { found: false }),
  done('recall', { found: true }),
  done('recall', { found: true, requestId: 'question' }),
  done('deriveKeys'),
  failed('deriveKeys'),
  done('openDatabase', { role: 'origin', hasChannel: true }),
  done('openDatabase', { role: 'reader', hasChannel: true }),
  done('openDatabase', { role: 'writer', hasChannel: true }),
  { type: 'transports.ready' },
  done('remember'),
  done('request', { outcome: 'authorised' }),
  done('request', { outcome: 'declined' }),
  done('request', { outcome: 'cancelled' }),
]

const roleOf = ({ kept, way }: Around): string =>
  kept === 'asker' ? 'reader' : kept !== 'nothing' ? kept : way === 'signUp' ? 'origin' : 'reader'

/** States that a person sees for as long as they like. */
export const RESTING: readonly unknown[] = [
  'signedOut',
  'origin',
  'readOnly',
  'awaitingAuthorisation',
  'writer',
]

const allows = (around: Around, event: AnyEvent, { value }: AnyMachineSnapshot): boolean => {
  const { kept, way, hasErred, question, outcome, guest, road } = around
  const output = event.output as { found?: boolean; requestId?: string; role?: string; outcome?: string }
  switch (event.type) {
    case 'xstate.done.actor.recall':
      return output.found === (kept !== 'nothing') && (output.requestId !== undefined) === (kept === 'asker')
    case 'xstate.error.actor.deriveKeys':
      return way === 'signIn' && !hasErred
    case 'xstate.done.actor.openDatabase':
      return output.role === roleOf(around)
    case 'cancelRequest':
      return value === 'awaitingAuthorisation' && (question === 'none' || question === 'shown')
    case 'answer.acknowledged':
      return question === 'none'
    case 'answer.approved':
    case 'answer.declined':
      return question === 'shown'
    case 'database.authorised':
      return value === 'awaitingAuthorisation' && question === 'approved'
    case 'xstate.done.actor.request':
      return output.outcome === outcome
    case 'request.received':
      return (value === 'origin' || value === 'writer') && guest === 'none'
    case 'request.cancelled':
    case 'authorise':
    case 'decline':
      return guest === 'asks'
    case 'writer.authorised':
      return guest === 'approved'
    case 'setTransport':
      return RESTING.includes(value) && value !== 'signedOut' && road === (event.on ? 'off' : 'unchanged')
    default:
      return true
  }
}

const after = (around: Around, event: AnyEvent, { value }: AnyMachineSnapshot): Around => {
  switch (event.type) {
    case 'signUp':
    case 'signIn':
      return { ...around, way: event.type }
    case 'xstate.error.actor.deriveKeys':
      return { ...around, way: undefined, hasErred: true }
    case 'requestAuthorisation':
      return { ...around, question: 'none' }
    case 'answer.acknowledged':
      return { ...around, question: 'shown' }
    case 'answer.approved':
      return { ...around, question: 'approved' }
    case 'answer.declined':
      return { ...around, question: 'ended', outcome: 'declined' }
    case 'cancelRequest':
      return { ...around, question: 'ended', outcome: 'cancelled' }
    case 'database.authorised':
      return { ...around, question: 'ended', outcome: 'authorised' }
    case 'request.received':
      return { ...around, guest: 'asks' }
    case 'authorise':
      return { ...around, guest: 'approved' }
    case 'decline':
    case 'request.cancelled':
    case 'writer.authorised':
      // Another one may come.
      return { ...around, guest: 'none' }
    case 'setTransport':
      return { ...around, road: event.on ? 'on again' : 'off' }
    default:
      return value === 'readOnly' || value === 'writer' ? { ...around, outcome: undefined } : around
  }
}

const world = (kept: Kept): World<Around> => ({
  start: {
    kept,
    way: undefined,
    hasErred: false,
    question: 'none',
    outcome: undefined,
    guest: 'none',
    road: 'unchanged',
  },
  allows,
  after,
})

const input = {
  name: 'Phone',
  transports: ['webSocket', 'webRTC'].map((id) => ({ id, name: id, on: true })),
  // A page always looks whether its storage keeps something.
  recalls: true,
}

/** What decides about the machine's transitions, of all that it keeps in mind. */
const remember = ({ role, requestId, recalls, hasChannel }: AnyMachineSnapshot['context']): unknown => [
  role,
  requestId !== undefined,
  recalls,
  hasChannel,
]

/** Few long ways that together take every transition which a person with a new device can bring about. */
export const waysOfANewDevice = (): Paths =>
  pathsOf(nodeMachine, { input, events: EVENTS, remember, world: world('nothing'), as: 'tours', longest: 25 })

/** The way back of a page that was loaded again. */
export const wayBack = (kept: Kept): Path => {
  const { paths } = pathsOf(nodeMachine, {
    input,
    events: EVENTS,
    remember,
    world: world(kept),
    stopWhen: ({ value }) => RESTING.includes(value) && value !== 'signedOut',
  })
  const [path] = paths
  if (!path || paths.length > 1)
    throw new Error(`There are ${paths.length} ways back of what is kept as ${kept}.`)
  return path
}
