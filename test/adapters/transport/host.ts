import { redial } from '../../../src/adapters/transport/redial.js'
import type { Connection, TransportHost } from '../../../src/adapters/transport/transport.js'

/** A host for transports without a node around them: it keeps addresses connected, and tells what comes. */
export const createHost = (heard: {
  connection(connection: Connection): void
  error?(error: Error): void
}): TransportHost => {
  const { connection, error = () => {} } = heard
  return { connection, error, dial: (target) => redial(target, { onError: error }) }
}
