import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { sourceOf, sourceOfAddress } from '../adapters/transport/request-source.js'
import { createShares } from '../protocol/shares.js'
import { MAX_HTTP_CONNECTIONS, MAX_HTTP_REQUESTS } from './limits.js'

/**
 * Connections that are none of peers: each address has its share of those that ask for nothing, and of those that are being
 * answered. Whoever comes is let in, and who has most makes room.
 */
export const watchSockets = (server: Server) => {
  const sockets = new Set<Socket>()
  /** By address and port: of TLS there are two objects for one connection. */
  const byEnds = new Map<string, Socket>()
  const silent = createShares<Socket>()
  const asking = createShares<Socket>()
  const endsOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress}:${remotePort}`
  const socketOf = (request: IncomingMessage) => byEnds.get(endsOf(request.socket))

  const enter = (shares: typeof silent, socket: Socket, source: string, max: number) => {
    if (shares.size >= max) {
      const found = shares.oneTooMany(source)
      if (found) {
        shares.delete(found.holder)
        found.holder.destroy()
      }
    }
    shares.add(socket, source)
  }
  const rest = (socket: Socket, source: string) => enter(silent, socket, source, MAX_HTTP_CONNECTIONS)

  server.on('connection', (socket) => {
    const ends = endsOf(socket)
    sockets.add(socket)
    byEnds.set(ends, socket)
    rest(socket, sourceOfAddress(socket.remoteAddress))
    socket.once('close', () => {
      sockets.delete(socket)
      if (byEnds.get(ends) === socket) byEnds.delete(ends)
      silent.delete(socket)
      asking.delete(socket)
    })
  })
  return {
    sockets,
    /** It is being answered, until the response closes. */
    asks: (request: IncomingMessage, response: ServerResponse) => {
      const socket = socketOf(request)
      if (!socket || asking.has(socket)) return
      const source = sourceOf(request)
      silent.delete(socket)
      enter(asking, socket, source, MAX_HTTP_REQUESTS)
      response.once('close', () => {
        if (!asking.has(socket)) return
        asking.delete(socket)
        if (!socket.destroyed) rest(socket, source)
      })
    },
    /** It is a WebSocket's from now on. */
    leaves: (request: IncomingMessage) => {
      const socket = socketOf(request)
      if (socket) silent.delete(socket)
    },
  }
}
