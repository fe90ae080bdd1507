import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import { isLoopbackAddress, isLoopbackHost } from './loopback.js'
import { formatTcpAddress } from './tcp-address.js'
import type { Connection } from './transport.js'
import { messageSocket } from './web-socket.js'
import { webSocketStream } from './web-socket-stream.js'

/** Headers by which a proxy says that it speaks for somebody else. */
const PROXY_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]

const hostOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).host : undefined)

/** What another program of this machine serves, a development server say, is as near as a program. */
const isPageOfThisMachine = (origin: string): boolean =>
  URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname)

/**
 * Who is at the other end of a request. A proxy's visitors and the pages of other sites come from loopback too, but they
 * are not this machine's own: these are told by the headers that proxies and browsers set.
 */
export const requestOrigin = (request: IncomingMessage): { local: boolean; confidential: boolean } => {
  const { socket, headers } = request
  const encrypted = socket instanceof TLSSocket
  const loopback = isLoopbackAddress(socket.remoteAddress)
  const proxied = PROXY_HEADERS.some((name) => headers[name] !== undefined)
  const forwardedProtocol = String(headers['x-forwarded-proto'] ?? '').toLowerCase()
  const host = hostOf(`http://${headers.host ?? ''}`)
  const namedLocally = host !== undefined && isLoopbackHost(new URL(`http://${host}`).hostname)
  const ownPage = headers.origin === undefined || isPageOfThisMachine(headers.origin)
  return {
    local: loopback && !proxied && namedLocally && ownPage,
    confidential:
      encrypted || (loopback && (!proxied || forwardedProtocol === 'https' || forwardedProtocol === 'wss')),
  }
}

/** A connection over a WebSocket that a server has accepted. Call it in the tick in which the socket opened. */
export const acceptWebSocket = (socket: WebSocket, request: IncomingMessage): Connection => {
  const { remoteAddress = 'unknown', remotePort = 0 } = request.socket
  return {
    stream: webSocketStream(messageSocket(socket)),
    transport: 'webSocket',
    direction: 'incoming',
    address: formatTcpAddress({ host: remoteAddress, port: remotePort }),
    ...requestOrigin(request),
  }
}
