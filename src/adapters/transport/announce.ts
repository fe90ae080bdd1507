import type { Connection, TransportHost } from './transport.js'

/** Who is told of links, and of what goes wrong with them. */
export type Listener = Pick<TransportHost, 'connection' | 'error'>

/**
 * Hands a new connection to its owner. An owner that fails to take it loses that connection and nothing else, and an
 * error on it that nobody listens for doesn't end the process: `close` still follows.
 */
export const announce = (connection: Connection, host: Listener): void => {
  connection.stream.on('error', () => {})
  try {
    host.connection(connection)
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error))
    connection.stream.destroy(reason)
    host.error(reason)
  }
}
