import { fromPromise } from 'xstate'
import type { openKeyring } from '../adapters/crypto/keyring.js'
import type { Recalled } from '../machines/node.js'
import { HyphaError } from '../protocol/errors.js'
import { type NodeServices, rememberFailure } from './services.js'

/** Looks in the storage for the hypha of last time: its keys, or its link, are in the vault then. */
export const createRecall = (services: NodeServices, open: typeof openKeyring) =>
  fromPromise<Recalled, undefined>(({ signal }) =>
    rememberFailure(services, async () => {
      if (signal.aborted) return { found: false }
      const { vault, storage, memory } = services
      await storage.open?.()
      const node = await memory.recall()
      if (!node) return { found: false }
      const { hyphalink, by, secrets, request, declined = [] } = node
      services.declined.recall(declined)
      await services.takenBack.recall().catch(services.report)
      await services.heard.recall().catch(services.report)
      if (!services.isNamed) services.name = node.name
      if (secrets) {
        const keyring = open(await services.crypto(), secrets, hyphalink)
        if (!keyring) {
          throw new HyphaError(
            'STORAGE_DAMAGED',
            'The keys in this storage are damaged. Sign in with the passphrase: the entries are still here.',
          )
        }
        vault.keyring = keyring
      } else vault.hyphalink = hyphalink
      services.cameBy = by
      return { found: true, name: services.name, ...(request === undefined ? {} : { requestId: request }) }
    }),
  )
