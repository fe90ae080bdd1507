import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Keyring } from '../adapters/crypto/keyring.js'
import type { Database } from '../adapters/database/database.js'
import { isMemberProven } from '../protocol/claim.js'
import { HyphaError } from '../protocol/errors.js'
import { HOST } from '../protocol/extensions.js'
import { decodeHostMessage, encodeHostMessage } from '../protocol/host-message.js'
import type { Link } from './link.js'

/** What is said between an always-on node and a node, beside replication: either end's part. */
export interface HostTalk {
  /** Both have shaken hands. */
  met?(link: Link): void
  heard(link: Link, bytes: Uint8Array): void
}

/** Whether anything of the hypha is here: everything begins with its origin's first block. */
export const hasNothing = ({ progress }: Pick<Database, 'progress'>): boolean =>
  (progress[0]?.downloaded ?? 0) === 0

const NONCE_BYTES = 32

const hyphaOf = ({ discoveryKey, hyphalink }: Database) => ({ discoveryKey, hyphalink })

const unknown = (address: string): HyphaError =>
  new HyphaError(
    'HYPHA_UNKNOWN',
    `${address}: nothing of this hypha is there. Check that the domain and the passphrase are those of your other devices, and that they use this always-on node. If the device where you signed up has not been connected there yet, connect it: this one goes on by itself then.`,
    { address },
  )

/**
 * A node's part: it proves to whom it has dialled that it is the person's, and tells the person when nothing is there. Of who
 * dials it, it asks the same.
 */
export const createHostTalk = (services: {
  session: () => { readonly keyring: Keyring | undefined; readonly database: Database } | undefined
  crypto: () => Promise<Pick<Crypto, 'randomBytes' | 'verify'>>
  report: (error: HyphaError) => void
}): HostTalk => ({
  met: (link) => {
    if (link.connection.direction !== 'incoming') return
    const ask = ({ randomBytes }: Pick<Crypto, 'randomBytes'>) => {
      const nonce = randomBytes(NONCE_BYTES)
      link.hostNonce = nonce
      // Who is asked is told nothing: it has what it has.
      link.replication?.send(HOST, encodeHostMessage({ type: 'ask', nonce, isEmpty: false }))
    }
    services.crypto().then(ask, services.report)
  },
  heard: (link, bytes) => {
    const { direction, discoveryKey, address } = link.connection
    const message = decodeHostMessage(bytes)
    const session = services.session()
    if (!session) return
    const { keyring, database } = session
    const { hostNonce: nonce } = link
    if (message?.type === 'proof' && nonce) {
      link.hostNonce = undefined
      const check = (crypto: Pick<Crypto, 'verify'>) => {
        link.isProven = isMemberProven(message, { ...hyphaOf(database), nonce }, crypto)
      }
      services.crypto().then(check, services.report)
      return
    }
    // Whom nobody chose to meet could hand the proof on.
    if (message?.type !== 'ask' || direction !== 'outgoing' || discoveryKey) return
    const proof = keyring?.proveMembership(message.nonce)
    if (proof) link.replication?.send(HOST, encodeHostMessage({ type: 'proof', ...proof }))
    if (message.isEmpty && hasNothing(database)) services.report(unknown(address))
  },
})
