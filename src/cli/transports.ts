import { hyperswarm, type Transport, tcp, webSocket } from '../index.js'
import { bootstrapOf, isSwarm, type Roads, TCP } from './roads.js'

/** One transport a road, or a kind of roads. The claim code is for this time only. */
export const toTransports = ({ connect, listen }: Roads, claimCode?: string): Transport[] => {
  const code = claimCode ? { claimCode } : {}
  const addresses = connect.filter((road) => road.startsWith(TCP)).map((road) => road.slice(TCP.length))
  const swarms = connect.filter(isSwarm)
  const bootstrap = bootstrapOf(swarms)
  const urls = connect.filter((road) => !road.startsWith(TCP) && !isSwarm(road))
  return [
    ...urls.map((url) => webSocket(url, code)),
    ...(addresses.length > 0 || listen !== undefined
      ? [tcp({ connect: addresses, ...(listen === undefined ? {} : { listen }), ...code })]
      : []),
    ...(swarms.length > 0 ? [hyperswarm(bootstrap.length > 0 ? { bootstrap } : {})] : []),
  ]
}
