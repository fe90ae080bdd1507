import { fromPromise } from 'xstate'
import type { Entrance } from '../machines/node.js'
import type { NodeServices } from './services.js'

/**
 * Stores what the node needs to be here again: after everything that can fail at opening, so that nobody comes back to a hypha
 * whose passphrase was never shown.
 */
export const createRemember = (services: NodeServices) =>
  fromPromise<void, Entrance>(async ({ input }) => {
    const { session, memory, name } = services
    if (!session || input.by === 'storage') return
    const { database, keyring } = session
    const secrets = keyring?.secrets()
    await memory.remember({
      hyphalink: database.hyphalink,
      by: input.by,
      name,
      ...(secrets ? { secrets } : {}),
    })
  })
