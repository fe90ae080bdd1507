import type { Socket } from 'node:net'
import { isLoopbackAddress } from './loopback.js'
import { sourceOfAddress } from './request-source.js'
import { formatTcpAddress } from './tcp-address.js'
import type { Connection } from './transport.js'

/** How sockets of both directions are made: nothing waits for more to send, and a peer that vanished is noticed. */
export const tcpSocketOptions = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  allowHalfOpen: false,
}

/** A connection over a TCP socket that is connected. */
export const tcpConnection = (
  socket: Socket,
  direction: Connection['direction'],
  more: Pick<Connection, 'claimCode' | 'onCodeRefused' | 'isCodeRefused'> = {},
): Connection => {
  const local = isLoopbackAddress(socket.remoteAddress)
  const address = formatTcpAddress({ host: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 })
  const source = direction === 'incoming' ? { source: sourceOfAddress(socket.remoteAddress) } : {}
  return {
    stream: socket,
    transport: 'tcp',
    direction,
    address,
    ...source,
    confidential: local,
    local,
    ...more,
  }
}
