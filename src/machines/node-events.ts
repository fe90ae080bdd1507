import type { NodeEvent } from './node-types.js'
import type { PromptsEvent } from './prompts.js'
import type { RequestOutput } from './request.js'

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
