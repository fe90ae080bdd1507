import { HyphaError } from '../../protocol/errors.js'
import type { tcp as tcpOfNode } from './tcp-transport.js'

export type { TcpOptions, TcpTransport } from './tcp-transport.js'

/** There is no TCP in a page: whoever calls this is told what to use. */
export const tcp: typeof tcpOfNode = () => {
  throw new HyphaError(
    'OPTION_INVALID',
    'A browser has no TCP. Use webSocket(url) of an always-on node, which TCP nodes reach too.',
  )
}
