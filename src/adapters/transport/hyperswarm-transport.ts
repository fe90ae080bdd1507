import { createTransport } from './create-transport.js'
import { openSwarm, type SwarmOptions, type SwarmPart } from './swarm.js'
import { checkSwarmOptions } from './swarm-options.js'
import type { Transport } from './transport.js'

export type HyperswarmOptions = SwarmOptions

/** As {@link hyperswarm}, in a part of it: who only looks and who is only found meet as a dialler and a listener do. */
export const hyperswarmPart = (options: HyperswarmOptions, part: SwarmPart): Transport => {
  checkSwarmOptions('hyperswarm()', options)
  return createTransport('hyperswarm', async (discoveryKey, host) => {
    const swarm = await openSwarm(options, (error) => host.error(error))
    swarm.join(discoveryKey, host, part)
    return () => swarm.close()
  })
}

/**
 * Connects native nodes and always-on nodes of one hypha wherever they are, through the Hyperswarm DHT and NATs, without an
 * address. Needs the package `hyperswarm`. It dials and dials again by itself: that happens inside the swarm.
 */
export const hyperswarm = (options: HyperswarmOptions = {}): Transport => hyperswarmPart(options, {})
