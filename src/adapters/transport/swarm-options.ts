import { type Checks, checkOptions } from '../../protocol/given.js'
import type { SwarmOptions } from './swarm.js'
import { parseTcpAddress } from './tcp-address.js'

const SWARM_CHECKS: Checks<SwarmOptions> = {
  bootstrap: (value) =>
    Array.isArray(value) ? undefined : "an array of addresses, as in ['192.168.1.2:49737']",
}

/** @throws HyphaError OPTION_INVALID, ADDRESS_INVALID */
export const checkSwarmOptions = (call: string, options: SwarmOptions): void => {
  const given: unknown = options
  // What a test network is made of brings more along.
  const isNetwork = typeof given === 'object' && given !== null && 'bootstrap' in given
  checkOptions(call, isNetwork ? { bootstrap: given.bootstrap } : given, SWARM_CHECKS)
  for (const address of options.bootstrap ?? []) parseTcpAddress(address)
}
