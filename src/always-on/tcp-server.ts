import { listenTcp } from '../adapters/transport/tcp-listener.js'
import type { Connection } from '../adapters/transport/transport.js'

export interface TcpServerOptions {
  /** 0 is any free port. */
  readonly port: number
  readonly host: string
  /** A peer came. Who is told owns the connection. */
  onConnection(connection: Connection): void
  /** What the server could not do; it goes on. */
  onError?(error: Error): void
  /** Peers at a time; one more is closed as it comes. */
  readonly maxConnections: number
}

export interface TcpServer {
  readonly host: string
  readonly port: number
  /** Ends every connection, and resolves when no handle is left. */
  close(): Promise<void>
}

/**
 * A port for native peers, beside the one for pages.
 * @throws HyphaError LISTEN_FAILED
 */
export const createTcpServer = async (options: TcpServerOptions): Promise<TcpServer> => {
  const { host, port, onConnection, onError = () => {}, maxConnections } = options
  const events = { connection: onConnection, error: onError }
  const { address, close } = await listenTcp({ host, port }, maxConnections, events)
  return { ...address, close }
}
