/** Extension messages of the replication protocol, sorted: hypercore-protocol negotiates them in this order. */

/** The 2019 system's sealed channel. */
export const SECURE_EPHEMERAL = 'secure-ephemeral'
/** DEP-0000: the same in the open. */
export const EPHEMERAL = 'ephemeral'
/** Sealed frames as of `secure-ephemeral`, each with many messages of an app. */
export const PACK = 'hypha-messages'
/** An always-on node's hints of how many others are there; and what either end has taken of packs. */
export const RELAY = 'hypha-relay'

/** Which of several links between two nodes is used: nodes speak it, always-on nodes don't. */
export const LINK = 'hypha-link'
/** What an always-on node and a node tell each other on meeting: see `host-message.ts`. */
export const HOST = 'hypha-host'
/** Whether the other end is there, and how far away. */
export const PING = 'hypha-ping'
/** By which a peer proves that it holds what a node wrote: see `held-proof.ts`. */
export const PROOF = 'hypha-proof'

/** What carries messages. */
export const EXTENSIONS: readonly string[] = [EPHEMERAL, PACK, RELAY, SECURE_EPHEMERAL]
