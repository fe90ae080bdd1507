import type { NodeEvent } from './node-types.js'
import type { RequestEvent } from './request.js'

/** What a node's event means to its request, which knows nothing of channels and databases. */
export const newsForRequest = (event: NodeEvent): RequestEvent | undefined => {
  switch (event.type) {
    case 'peer.appeared':
      return { type: 'peer.appeared' }
    case 'answer.acknowledged':
      return { type: 'acknowledged', by: event.by }
    case 'answer.approved':
      return { type: 'approved', by: event.by }
    case 'answer.declined':
      return { type: 'declined', by: event.by }
    case 'database.authorised':
      return { type: 'authorised' }
    case 'cancelRequest':
      return { type: 'cancel' }
    default:
      return undefined
  }
}
