import { createServer, type Socket } from 'node:net'
import { createShares, hasFairRoom } from '../../protocol/shares.js'
import { announce, type Listener } from './announce.js'
import { listenFailed } from './listen-failed.js'
import { sourceOfAddress } from './request-source.js'
import { streamClosed } from './stream-closed.js'
import { formatTcpAddress, type TcpAddress } from './tcp-address.js'
import { tcpConnection, tcpSocketOptions } from './tcp-connection.js'
import type { Connection } from './transport.js'

export interface TcpListener {
  /** Where it listens, with the port that it got. */
  readonly address: TcpAddress
  /** Ends listening and every connection that came in; resolves when no handle is left. */
  close(): Promise<void>
}

export interface TcpListenerOptions extends Listener {
  /**
   * Connections at a time. One more takes the place of one of an address that has more of them, and is closed as it comes when
   * there is no such address.
   */
  readonly maxConnections: number
  /** Whether a peer keeps its connection whoever comes. */
  isSpared?(connection: Connection): boolean
}

/**
 * Listens for raw TCP.
 * @throws HyphaError LISTEN_FAILED
 */
export const listenTcp = async (address: TcpAddress, host: TcpListenerOptions): Promise<TcpListener> => {
  const { maxConnections, isSpared } = host
  const sockets = new Set<Socket>()
  const peers = createShares<Connection>()
  const server = createServer(tcpSocketOptions)
  server.on('connection', (socket) => {
    // A peer that was gone before we looked has no address any more.
    if (socket.remoteAddress === undefined) return socket.destroy()
    const source = sourceOfAddress(socket.remoteAddress)
    const end = ({ stream }: Connection) => stream.destroy()
    if (!hasFairRoom(peers, { max: maxConnections, source, isSpared, end })) return socket.destroy()
    const connection = tcpConnection(socket, 'incoming')
    sockets.add(socket)
    peers.add(connection, source)
    socket.once('close', () => {
      sockets.delete(socket)
      peers.delete(connection)
    })
    announce(connection, host)
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
