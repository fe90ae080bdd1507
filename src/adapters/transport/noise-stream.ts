import type { Duplex } from 'node:stream'
import type { NoiseSocket } from 'hyperswarm'
import { type Carrier, messageStream } from './message-stream.js'

const carrierOf = (socket: NoiseSocket): Carrier => ({
  listen: ({ message, close }) => {
    socket.on('data', message)
    // A peer that ends without having said so is gone.
    socket.on('end', () => socket.destroy())
    // Why a road broke is told by nobody on it: that it did, by `close`.
    socket.on('error', () => {})
    socket.on('close', close)
    if (socket.destroyed) close()
  },
  // How much is under way is bounded by the window, and hyperswarm has buffers for that.
  isFull: () => false,
  send: (bytes) => void socket.write(Uint8Array.from(bytes)),
  close: () => socket.destroy(),
})

/**
 * Bytes over a socket of hyperswarm, which keeps messages whole and in order, and encrypts them. It takes all that a peer
 * sends, whether anybody reads it or not: so each end sends no more than the other has room for.
 */
export const noiseStream = (socket: NoiseSocket): Duplex => messageStream(carrierOf(socket))
