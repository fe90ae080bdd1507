/**
 * What may be shown of machines, by field: all others are left out, of machines and events that aren't known here everything
 * but their names. The compiler sees to it that a new field is decided about.
 */
import type { ContextFrom } from 'xstate'
import type { DialEvent, DialOutput, dialMachine } from '../../machines/dial.js'
import type { NodeEvent, nodeMachine, OpenedHypha, Recalled } from '../../machines/node.js'
import type { PeerCounters, PeerEvent, PeerInput, PeerOutput, peerMachine } from '../../machines/peer.js'
import type { PromptEvent, PromptInput, PromptOutput, promptMachine } from '../../machines/prompt.js'
import type { PromptsEvent, promptsMachine } from '../../machines/prompts.js'
import type { RequestEvent, RequestOutput, requestMachine } from '../../machines/request.js'
import type { TransportEvent, TransportWish, transportMachine } from '../../machines/transport.js'
import type { TransportsEvent, transportsMachine } from '../../machines/transports.js'
import type { ShownEvent } from './events.js'
import {
  actors,
  type Fields,
  fields,
  flag,
  list,
  name,
  number,
  problem,
  type Show,
  stub,
  text,
} from './show.js'

type KeysOf<T> = T extends unknown ? keyof T : never
type FieldsOf<T> = { readonly [Field in Exclude<KeysOf<T>, 'type'> & string]: Show | null }

/** Never shown. The words that two screens compare: with `requireWords` the one must not have them. */
const never = null

const LINK = {
  linkId: name,
  transport: name,
  direction: name,
  address: name,
} satisfies FieldsOf<PeerInput>

const PROMPT = {
  id: name,
  nodeName: name,
  writerKey: stub,
  receivedAt: number,
  words: never,
  legacy: flag,
} satisfies FieldsOf<PromptInput>

const TRANSPORTS = list(fields({ id: name, name, on: flag } satisfies FieldsOf<TransportWish>))

const COUNTERS = fields({
  blocksReceived: number,
  blocksSent: number,
  bytesReceived: number,
  bytesSent: number,
  messagesReceived: number,
  messagesSent: number,
  messagesRefused: number,
  duplicates: number,
} satisfies FieldsOf<PeerCounters>)

const SURROUNDINGS = { isOnline: flag, isHidden: flag }

type Machines = {
  readonly node: typeof nodeMachine
  readonly peer: typeof peerMachine
  readonly prompt: typeof promptMachine
  readonly prompts: typeof promptsMachine
  readonly request: typeof requestMachine
  readonly transport: typeof transportMachine
  readonly transports: typeof transportsMachine
  readonly dial: typeof dialMachine
}

const CONTEXTS: { readonly [Id in keyof Machines]: FieldsOf<ContextFrom<Machines[Id]>> } = {
  node: {
    name,
    transports: TRANSPORTS,
    recalls: flag,
    // With the passphrase the domain makes the keys: how it came in is enough.
    entrance: fields({ by: name }),
    role: name,
    hasChannel: flag,
    requestId: name,
    lastOutcome: name,
    lastReason: text,
    peers: actors,
    synced: flag,
    tries: number,
    problem,
  },
  peer: { ...LINK, reason: name, problem, counters: COUNTERS },
  prompt: { ...PROMPT, outcome: name, problem, meanwhile: name },
  prompts: { prompts: actors },
  request: {
    requestId: name,
    outcome: name,
    heard: flag,
    missed: flag,
    answeredBy: stub,
    failure: text,
  },
  transport: { id: name, name, on: flag, ...SURROUNDINGS, dials: actors, problem },
  transports: {
    transports: TRANSPORTS,
    refs: actors,
    unsettled: list(name),
    isWatching: flag,
    ...SURROUNDINGS,
  },
  dial: {
    dialId: name,
    address: name,
    isLocal: flag,
    isIntroduction: flag,
    ...SURROUNDINGS,
    attempt: number,
    early: number,
    wait: number,
    isOut: flag,
    isLong: flag,
    problem,
  },
}

type OwnEvent =
  | NodeEvent
  | PeerEvent
  | PromptEvent
  | PromptsEvent
  | RequestEvent
  | TransportEvent
  | TransportsEvent
  | DialEvent

type OwnTypes = Exclude<OwnEvent['type'], `xstate.${string}`>

const NOTHING = {}

const EVENTS: { readonly [Type in OwnTypes]: FieldsOf<Extract<OwnEvent, { type: Type }>> } = {
  signUp: { domain: never },
  signIn: { domain: never, requestId: name },
  open: NOTHING,
  recall: NOTHING,
  requestAuthorisation: { requestId: name },
  cancelRequest: NOTHING,
  authorise: { id: name },
  decline: { id: name },
  close: NOTHING,
  setTransport: { id: name, on: flag },
  write: NOTHING,
  'database.authorised': NOTHING,
  'database.synced': { synced: flag },
  'database.keyGone': NOTHING,
  'transports.ready': NOTHING,
  'transports.failed': { problem },
  connection: { link: fields(LINK) },
  'peer.appeared': NOTHING,
  'answer.acknowledged': { by: stub },
  'answer.approved': { by: stub },
  'answer.declined': { by: stub },
  'request.received': { request: fields(PROMPT), isPicked: flag },
  'request.renewed': { id: name },
  'request.cancelled': { id: name },
  'request.declinedElsewhere': { id: name },
  'writer.authorised': { writerKey: stub, by: stub },
  mayAnswer: NOTHING,
  problem: { problem },
  'problem.solved': NOTHING,
  'replication.handshake': NOTHING,
  'replication.proving': NOTHING,
  'replication.spare': NOTHING,
  'replication.used': NOTHING,
  'replication.unclaimed': NOTHING,
  'replication.claimed': NOTHING,
  'replication.refused': { problem },
  'replication.ended': { problem },
  summary: { counters: COUNTERS },
  disconnect: NOTHING,
  renewed: NOTHING,
  cancelled: NOTHING,
  authorisedElsewhere: NOTHING,
  declinedElsewhere: NOTHING,
  acknowledged: { by: stub },
  approved: { by: stub },
  declined: { by: stub },
  authorised: NOTHING,
  cancel: NOTHING,
  renew: NOTHING,
  turnOn: NOTHING,
  turnOff: NOTHING,
  'transport.started': NOTHING,
  'transport.failed': { problem },
  'transport.troubled': { problem },
  'transport.stopped': NOTHING,
  'dial.wanted': {
    dial: fields({ dialId: name, address: name, isLocal: flag, isIntroduction: flag }),
  },
  'dial.unwanted': { dialId: name },
  'dial.retry': { dialId: name },
  'network.online': NOTHING,
  'network.offline': NOTHING,
  'page.hidden': NOTHING,
  'page.visible': NOTHING,
  'dial.up': NOTHING,
  'dial.lost': { chance: number },
  'dial.failed': { problem, chance: number },
  'outage.long': NOTHING,
  retry: NOTHING,
  stop: NOTHING,
}

/** By the source of the actor that ends with it. */
const OUTPUTS: Readonly<Record<string, Show>> = {
  peer: fields({ linkId: name, reason: name, problem } satisfies FieldsOf<PeerOutput>),
  prompt: fields({ id: name, outcome: name } satisfies FieldsOf<PromptOutput>),
  request: fields({ outcome: name, reason: text } satisfies FieldsOf<RequestOutput>),
  dial: fields({ dialId: name } satisfies FieldsOf<DialOutput>),
  recall: fields({ found: flag, name, requestId: name } satisfies FieldsOf<Recalled>),
  openDatabase: fields({ role: name, hasChannel: flag, requestId: name } satisfies FieldsOf<OpenedHypha>),
}

const NO_CONTEXT: Readonly<Record<string, unknown>> = Object.freeze({})
const contexts = new Map(Object.entries(CONTEXTS).map(([id, shown]) => [id, fields(shown)]))
const events = new Map<string, Show>(
  Object.entries<Fields>(EVENTS).flatMap(([type, shown]) =>
    shown === NOTHING ? [] : [[type, fields(shown)]],
  ),
)

/** @param machine its id */
export const showContext = (machine: string, context: unknown): Readonly<Record<string, unknown>> =>
  (contexts.get(machine)?.(context) as Readonly<Record<string, unknown>> | undefined) ?? NO_CONTEXT

/** @param source of the actor whose output it is */
export const showOutput = (source: string | undefined, output: unknown): unknown =>
  source === undefined ? undefined : OUTPUTS[source]?.(output)

/** Events that carry nothing, made once each: there are few of ours, and as many as there are actors of XState's. */
const bare = new Map<string, ShownEvent>()
const MAX_BARE = 512
const bareEvent = (type: string): ShownEvent => {
  const known = bare.get(type)
  if (known) return known
  const event = Object.freeze({ type: String(name(type) ?? '') })
  if (bare.size < MAX_BARE) bare.set(type, event)
  return event
}

const OF_ENDINGS = /^xstate\.(?:(done|error)\.actor\.|promise\.reject$)/

/** How an actor ended: its output, or the error's code and sentence. */
const showEnding = (event: object, source: string | undefined): object => {
  const [output, error] = [
    Reflect.get(event, 'output'),
    Reflect.get(event, 'error') ?? Reflect.get(event, 'data'),
  ]
  const told = {
    actorId: name(Reflect.get(event, 'actorId')),
    output: showOutput(source, output),
    error: problem(error),
  }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
}

/** @param source of the actor that it comes from, if it comes from one */
export const showEvent = (event: unknown, source?: string): ShownEvent => {
  const given = typeof event === 'object' && event !== null ? Reflect.get(event, 'type') : ''
  const { type } = bareEvent(typeof given === 'string' ? given : '')
  const show = events.get(type)
  if (show) return Object.freeze({ type, ...(show(event) as object) })
  if (OF_ENDINGS.test(type)) return Object.freeze({ type, ...showEnding(event as object, source) })
  return bareEvent(type)
}
