import type { Connection, TransportEvents } from './transport.js'

/**
 * Hands a new connection to its owner. An owner that fails to take it loses that connection and nothing else, and an
 * error on it that nobody listens for doesn't end the process: `close` still follows.
 */
export const announce = (connection: Connection, events: TransportEvents): void => {
  connection.stream.on('error', () => {})
  try {
    events.connection(connection)
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error))
    connection.stream.destroy(reason)
    events.error(reason)
  }
}
