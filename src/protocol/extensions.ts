/** Extension messages of the replication protocol, sorted: hypercore-protocol negotiates them in this order. */

/** The 2019 system's sealed channel. */
export const SECURE_EPHEMERAL = 'secure-ephemeral'
/** DEP-0000: the same in the open. */
export const EPHEMERAL = 'ephemeral'
/** An always-on node's hint of how many others are there. */
export const RELAY = 'hypha-relay'

export const EXTENSIONS: readonly string[] = [EPHEMERAL, RELAY, SECURE_EPHEMERAL]
