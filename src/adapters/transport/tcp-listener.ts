import { createServer, type Socket } from 'node:net'
import { announce, type Listener } from './announce.js'
import { listenFailed } from './listen-failed.js'
import { streamClosed } from './stream-closed.js'
import { formatTcpAddress, type TcpAddress } from './tcp-address.js'
import { tcpConnection, tcpSocketOptions } from './tcp-connection.js'

export interface TcpListener {
  /** Where it listens, with the port that it got. */
  readonly address: TcpAddress
  /** Ends listening and every connection that came in; resolves when no handle is left. */
  close(): Promise<void>
}

/**
 * Listens for raw TCP. More connections than `maxConnections` are closed as they come.
 * @throws HyphaError LISTEN_FAILED
 */
export const listenTcp = async (
  address: TcpAddress,
  maxConnections: number,
  host: Listener,
): Promise<TcpListener> => {
  const sockets = new Set<Socket>()
  const server = createServer(tcpSocketOptions)
  server.maxConnections = maxConnections
  server.on('connection', (socket) => {
    // A peer that was gone before we looked has no address any more.
    if (socket.remoteAddress === undefined) return socket.destroy()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    announce(tcpConnection(socket, 'incoming'), host)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFailed(formatTcpAddress(address), error)))
    server.listen({ host: address.host, port: address.port }, resolve)
  })
  server.removeAllListeners('error')
  server.on('error', (error) => host.error(listenFailed(formatTcpAddress(address), error)))

  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : address.port
  return {
    address: { host: typeof bound === 'object' && bound ? bound.address : address.host, port },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const ends = [...sockets].map(streamClosed)
      for (const socket of sockets) socket.destroy()
      await Promise.all([closed, ...ends])
    },
  }
}
