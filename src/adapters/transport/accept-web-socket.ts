import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import { isLoopbackAddress, isLoopbackHost } from './loopback.js'
import { sourceOf } from './request-source.js'
import { formatTcpAddress } from './tcp-address.js'
import type { Connection } from './transport.js'
import { messageSocket } from './web-socket.js'
import { webSocketStream } from './web-socket-stream.js'

/** Headers by which a proxy says that it speaks for somebody else. */
const PROXY_HEADERS = [
  'cf-connecting-ip',
  'client-ip',
  'forwarded',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-forwarded',
  'x-forwarded-by',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-original-forwarded-for',
  'x-original-host',
  'x-real-ip',
  'x-scheme',
]

/** Of a Host header: nothing but a name and a port. */
export const hostnameOf = (host: string): string | undefined =>
  /^(\[[^\]]*\]|[^[\]:@/\\?#]+)(:\d+)?$/.exec(host)?.[1]

/** What another program of this machine serves, a development server say, is as near as a program. */
const isPageOfThisMachine = (origin: string): boolean =>
  /^https?:/i.test(origin) && URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname)

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
  const hostname = hostnameOf(headers.host ?? '')
  const namedLocally = hostname !== undefined && isLoopbackHost(hostname)
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
    source: sourceOf(request),
    ...requestOrigin(request),
  }
}
