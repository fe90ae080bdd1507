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
  /**
   * Peers at a time. One more takes the place of one of an address that has more of them, and is closed as it comes when there
   * is no such address.
   */
  readonly maxConnections: number
  /** Whether a peer keeps its connection whoever comes. */
  isSpared?(connection: Connection): boolean
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
  const { host, port, onConnection, onError = () => {}, maxConnections, isSpared } = options
  const events = { connection: onConnection, error: onError, ...(isSpared ? { isSpared } : {}) }
  const { address, close } = await listenTcp({ host, port }, { maxConnections, ...events })
  return { ...address, close }
}
