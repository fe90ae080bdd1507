import { fromPromise } from 'xstate'
import type { Remembering } from '../machines/node.js'
import type { NodeServices } from './services.js'

/**
 * Stores what the node needs to be here again: after everything that can fail at opening, so that nobody comes back to a hypha
 * whose passphrase was never shown.
 */
export const createRemember = (services: NodeServices) =>
  fromPromise<void, Remembering>(async ({ input }) => {
    const { session, memory, name } = services
    const { entrance, requestId } = input
    if (!session || entrance.by === 'storage') return
    const { database, keyring } = session
    const secrets = keyring?.secrets()
    await memory.remember({
      hyphalink: database.hyphalink,
      by: entrance.by,
      name,
      ...(secrets ? { secrets } : {}),
      ...(requestId === undefined ? {} : { request: requestId }),
    })
  })
