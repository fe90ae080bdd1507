import { type Transport, tcp, webSocket } from '../index.js'
import { type Roads, TCP } from './roads.js'

/** One transport a road. The claim code is for this time only. */
export const toTransports = ({ connect, listen }: Roads, claimCode?: string): Transport[] => {
  const code = claimCode ? { claimCode } : {}
  const addresses = connect.filter((road) => road.startsWith(TCP)).map((road) => road.slice(TCP.length))
  return [
    ...connect.filter((road) => !road.startsWith(TCP)).map((url) => webSocket(url, code)),
    ...(addresses.length > 0 || listen !== undefined
      ? [tcp({ connect: addresses, ...(listen === undefined ? {} : { listen }), ...code })]
      : []),
  ]
}
