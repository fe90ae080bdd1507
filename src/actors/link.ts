import type { Replication } from '../adapters/database/database.js'
import type { Connection } from '../adapters/transport/transport.js'
import type { PeerCounters } from '../machines/peer.js'

import type { Beat } from './heartbeat.js'
import type { Pairing } from './pairing.js'

/** Says whether something arrives for the first time on any connection of this node. */
export interface Gate {
  /** True the first time for an id. Remembers it. */
  admit(id: string): boolean
  /** Whether it was admitted before. */
  has(id: string): boolean
  /** Takes an admission back, for what could not be used now and may come again. */
  forget(id: string): void
}

/**
 * What the three actors of one peer connection share. Machines know it by its id only; streams and counters stay here,
 * out of events.
 */
export interface Link {
  readonly id: string
  readonly connection: Connection
  /** Which of the node's transports it came by. Set by the actor that runs the transport. */
  transportId?: string
  /** The hypha that is replicated, or asked for, over it. Set by the replication actor. */
  discoveryKey?: Uint8Array
  /** While the database replicates over this link. Set by the replication actor. */
  replication?: Replication | undefined
  /** While deduplication runs for this link. Set by the deduplication actor. */
  gate?: Gate
  /** Takes extension messages. Set by the messaging actor. */
  onExtension?: (name: string, bytes: Uint8Array) => void
  /** While the database replicates over it, or might. Set by the replication actor. */
  beat?: Beat
  /** Once the other end has proven which node it is. Set by the replication actor. */
  pairing?: Pairing
  /** The nonce that the other end of an incoming link may sign, to prove that it is one of the person's nodes. */
  hostNonce?: Uint8Array | undefined
  /** It has. */
  isProven?: boolean
  /** Another link has taken over: nothing more is sent over this one. */
  isRetired?: boolean
  /** The nonce of the always-on node that offers a place on this link: at both of its ends. */
  placeNonce?: Uint8Array
  /** Whether a claim on this link takes the always-on node's code. */
  placeTakesCode?: boolean
  readonly counters: { -readonly [Name in keyof PeerCounters]: number }
}

export const createLink = (id: string, connection: Connection): Link => ({
  id,
  connection,
  counters: {
    blocksReceived: 0,
    blocksSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    messagesReceived: 0,
    messagesSent: 0,
    messagesRefused: 0,
    duplicates: 0,
  },
})
