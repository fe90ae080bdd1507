import { connect } from 'node:net'
import type { Connection, Transport, TransportHost } from '../../src/index.js'

/** A road that is dialled when the test says so, and never again by itself. */
export const byHand = () => {
  let host: TransportHost | undefined
  const transport: Transport = {
    name: 'by-hand',
    start: async (_discoveryKey, given) => {
      host = given
    },
    stop: async () => {
      host = undefined
    },
  }
  return {
    transport,
    /** Hands the node a connection at once, dialled or not. Resolves when it has closed. */
    dial: (address: string): Promise<void> => {
      const [hostname = '', port = ''] = address.split(':')
      const stream = connect({ host: hostname, port: Number(port), noDelay: true })
      stream.on('error', () => {})
      const connection: Connection = {
        stream,
        transport: 'by-hand',
        direction: 'outgoing',
        address,
        confidential: true,
      }
      const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()))
      stream.once('connect', () => host?.connection(connection))
      return closed
    },
  }
}
