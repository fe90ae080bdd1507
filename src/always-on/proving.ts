import type { HostTalk } from '../actors/host-talk.js'
import type { Link } from '../actors/link.js'
import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Connection } from '../adapters/transport/transport.js'
import { isMemberProven } from '../protocol/claim.js'
import { HyphaError } from '../protocol/errors.js'
import { HOST } from '../protocol/extensions.js'
import { decodeHostMessage, encodeHostMessage } from '../protocol/host-message.js'
import type { HostedHypha } from './hyphas.js'

const NONCE_BYTES = 32

/**
 * An always-on node's part of what it and a node tell each other: it asks who has come, and says whether anything of the hypha
 * is here. Whoever doesn't answer is a stranger, or of an older version: served all the same, and the first to make room.
 */
export const createProving = (options: {
  readonly crypto: Pick<Crypto, 'randomBytes' | 'verify'>
  readonly hyphaOf: (link: Link) => HostedHypha | undefined
  readonly onProven: (connection: Connection) => void
}): HostTalk => {
  const { crypto, hyphaOf, onProven } = options
  /** By link, while its answer may come. */
  const nonces = new WeakMap<Link, Uint8Array>()
  return {
    met: (link) => {
      const hypha = hyphaOf(link)
      if (!hypha) return
      const nonce = crypto.randomBytes(NONCE_BYTES)
      nonces.set(link, nonce)
      link.replication?.send(HOST, encodeHostMessage({ type: 'ask', nonce, isEmpty: hypha.isEmpty }))
    },
    heard: (link, bytes) => {
      const message = decodeHostMessage(bytes)
      const nonce = nonces.get(link)
      const hypha = hyphaOf(link)
      // Of another always-on node, in a swarm: both ask, and neither can answer.
      if (message?.type === 'ask' && link.connection.discoveryKey) return
      nonces.delete(link)
      if (hypha && nonce && message?.type === 'proof') {
        const { discoveryKey, hyphalink } = hypha.database
        if (isMemberProven(message, { nonce, discoveryKey, hyphalink }, crypto)) {
          hypha.seats.prove(link.connection)
          onProven(link.connection)
          hypha.members.count(link)
          return
        }
      }
      link.connection.stream.destroy(
        new HyphaError('PEER_MISBEHAVED', 'A peer sent a proof that does not hold, and was disconnected.'),
      )
    },
  }
}
