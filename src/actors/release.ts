import { fromPromise } from 'xstate'
import type { NodeServices } from './services.js'

/** Gives back what an open hypha holds: transports, files, keys. May run twice; the second time finds nothing. */
export const createRelease = (services: NodeServices) =>
  fromPromise<void, undefined>(async () => {
    const { session, vault } = services
    services.session = undefined
    await Promise.allSettled(services.transports.map((transport) => transport.stop()))
    for (const link of services.links.values()) link.connection.stream.destroy()
    services.links.clear()
    await session?.database.close()
    vault.keyring?.wipe()
    delete vault.keyring
    delete vault.passphrase
    delete vault.hyphalink
  })
