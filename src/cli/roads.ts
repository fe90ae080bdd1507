import { parseTcpAddress } from '../adapters/transport/tcp-address.js'
import { UsageError } from './exit-codes.js'

/** How a node meets others, and what it is called. */
export interface Roads {
  /** URLs of always-on nodes, `tcp:host:port`, `swarm`, and `swarm:host:port` with a node of the DHT to begin with. */
  readonly connect: readonly string[]
  /** `host:port`, where other nodes reach this one over TCP. */
  readonly listen?: string
  readonly name?: string
}

export const NO_ROADS: Roads = { connect: [] }

export const TCP = 'tcp:'
export const SWARM = 'swarm'
const SWARM_FROM = 'swarm:'
const NONE = 'none'

const check = (road: string): void => {
  try {
    if (road === SWARM) return
    if (road.startsWith(SWARM_FROM)) {
      parseTcpAddress(road.slice(SWARM_FROM.length))
      return
    }
    if (road.startsWith(TCP)) {
      parseTcpAddress(road.slice(TCP.length))
      return
    }
    const { protocol, username, password } = new URL(road)
    if (/^(https?|wss?):$/.test(protocol) && !username && !password) return
  } catch {
    // Said below.
  }
  // Not repeated: there may be a password in it.
  throw new UsageError(
    '--connect takes the URL of an always-on node, as in https://example.org, tcp:host:port, or swarm.',
  )
}

export interface RoadOptions {
  readonly connect?: readonly string[]
  readonly listen?: string
  readonly name?: string
}

/**
 * What was kept, with what is given now in its place.
 * @throws UsageError
 */
export const changeRoads = (kept: Roads, given: RoadOptions): Roads => {
  const connect = (given.connect ?? kept.connect).filter((road) => road !== NONE)
  connect.forEach(check)
  const listen = given.listen ?? kept.listen
  const name = given.name ?? kept.name
  if (listen !== undefined && listen !== NONE) {
    try {
      parseTcpAddress(listen, { listen: true })
    } catch (error) {
      throw new UsageError(
        error instanceof Error ? `--listen: ${error.message}` : '--listen takes host:port.',
      )
    }
  }
  return {
    connect,
    ...(listen === undefined || listen === NONE ? {} : { listen }),
    ...(name === undefined ? {} : { name }),
  }
}

export const isSwarm = (road: string): boolean => road === SWARM || road.startsWith(SWARM_FROM)

/** Where a swarm's DHT begins, of its roads; none for the public one. */
export const bootstrapOf = (roads: readonly string[]): string[] =>
  roads.filter((road) => road !== SWARM).map((road) => road.slice(SWARM_FROM.length))

export const isWithoutRoads = ({ connect, listen }: Roads): boolean =>
  connect.length === 0 && listen === undefined
