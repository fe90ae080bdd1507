import { fromPromise } from 'xstate'
import { inTurn, type NodeServices } from './services.js'

/**
 * Gives back what an open hypha holds: transports, files, keys. What is still being opened is waited for, and then given
 * back too. May run twice; the second time finds nothing.
 */
export const createRelease = (services: NodeServices) =>
  fromPromise<void, undefined>(() =>
    inTurn(services, async () => {
      const { session, vault, links, memory } = services
      services.session = undefined
      session?.sync.close()
      session?.presence.close()
      try {
        // Whatever somebody's own transport does instead, the database is closed.
        await Promise.allSettled(services.transports.map(async ({ transport }) => transport.stop()))
        const ends = await Promise.allSettled(
          [...links.values()].map(async ({ connection }) => connection.stream.destroy()),
        )
        links.clear()
        await session?.notices.settled()
        await session?.database.close()
        await memory.settled()
        await services.takenBack.settled()
        await services.heard.close()
        const broken = ends.find((end) => end.status === 'rejected')
        if (broken) throw broken.reason
      } finally {
        vault.keyring?.wipe()
        delete vault.keyring
        delete vault.passphrase
        delete vault.hyphalink
      }
    }),
  )
