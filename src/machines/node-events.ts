import type { NodeContext, NodeEvent, OpenedHypha, Recalled } from './node-types.js'
import { toProblem } from './problem.js'
import type { PromptsEvent } from './prompts.js'
import type { RequestOutput } from './request.js'

/** Spawned when the database is open, and stopped on the way to `failed` and `closed`. */
export const CHILDREN = ['transports', 'channel', 'database', 'prompts'] as const

/** Whether what a node hears is about the questions to its person. */
export const isForPrompts = (event: NodeEvent): event is Extract<NodeEvent, PromptsEvent> => {
  switch (event.type) {
    case 'request.received':
    case 'request.renewed':
    case 'request.cancelled':
    case 'request.declinedElsewhere':
    case 'writer.authorised':
    case 'authorise':
    case 'decline':
      return true
    default:
      return false
  }
}

/** Which child an event of XState's own is about. */
export const childOf = (event: object): string => ('actorId' in event ? String(event.actorId) : '')

/** How a node's own request ended, in the event that tells of it. */
export const outcomeOf = (event: object): RequestOutput | undefined =>
  'output' in event ? (event.output as RequestOutput) : undefined

/** How a call leads to a hypha, and the request that comes with it. */
export const enteredBy = (event: NodeEvent): Pick<NodeContext, 'entrance' | 'requestId'> => {
  switch (event.type) {
    case 'signUp':
      return { entrance: { by: 'signUp', domain: event.domain }, requestId: undefined }
    case 'signIn':
      return { entrance: { by: 'signIn', domain: event.domain }, requestId: event.requestId }
    default:
      return { entrance: { by: 'hyphalink' }, requestId: undefined }
  }
}

/** Why something failed, in the event that it did. */
export const failedBy = (event: object): Pick<NodeContext, 'problem'> => ({
  problem: toProblem('error' in event ? event.error : undefined),
})

/** What is wrong, in the event that says so. */
export const problemOf = (event: NodeEvent): Pick<NodeContext, 'problem'> =>
  event.type === 'problem' || event.type === 'transports.failed' ? { problem: event.problem } : {}

/** The request that an app's call begins. */
export const askedBy = (event: NodeEvent): Pick<NodeContext, 'requestId'> =>
  event.type === 'requestAuthorisation' ? { requestId: event.requestId } : {}

/** The peers without the one whose machine ended; undefined where it was none of them. */
export const peersAfter = ({ peers }: NodeContext, event: object): NodeContext['peers'] | undefined => {
  const [, linkId] = /^peer:(.*)$/s.exec(childOf(event)) ?? []
  if (linkId === undefined || peers[linkId] === undefined) return undefined
  return Object.fromEntries(Object.entries(peers).filter(([other]) => other !== linkId))
}

/** Which transports are wanted after an event. */
export const wishesAfter = (
  { transports }: Pick<NodeContext, 'transports'>,
  event: NodeEvent,
): Pick<NodeContext, 'transports'> => ({
  transports: transports.map((transport) =>
    event.type === 'setTransport' && event.id === transport.id ? { ...transport, on: event.on } : transport,
  ),
})

/** Whether an event brings a link that a peer shall work on: not after the hypha was left, and not a second time. */
export const bringsLink = ({ role, peers }: NodeContext, event: NodeEvent): boolean =>
  role !== undefined && event.type === 'connection' && peers[event.link.linkId] === undefined

/** What the storage remembers, in the event that it was found. */
export const recalledBy = (context: NodeContext, event: object) => {
  const { name = context.name, requestId } = 'output' in event ? (event.output as Recalled) : {}
  return { entrance: { by: 'storage' as const }, recalls: false, name, requestId }
}

/** How a node's own request ended: as its machine says, or not well. */
export const endedBy = (event: object): Pick<NodeContext, 'lastOutcome' | 'lastReason'> => {
  if ('error' in event) return { lastOutcome: 'cancelled', lastReason: toProblem(event.error).message }
  return { lastOutcome: outcomeOf(event)?.outcome, lastReason: outcomeOf(event)?.reason }
}

/** What the database says this node is, in the event that it is open. */
export const openedBy = (event: object): Partial<Pick<NodeContext, 'role' | 'hasChannel' | 'requestId'>> => {
  const { role, hasChannel, requestId } = 'output' in event ? (event.output as OpenedHypha) : {}
  if (role === undefined) return {}
  return {
    role,
    hasChannel: hasChannel === true,
    ...(requestId === undefined ? {} : { requestId }),
  }
}
