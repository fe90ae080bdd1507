import { Duplex } from 'node:stream'
import type { NoiseSocket } from 'hyperswarm'
import { NOISE_MESSAGE_BYTES } from '../../protocol/limits.js'
import { toMessages } from './web-socket-stream.js'

/** hyperswarm's sockets are streams of another library: close to Node's, but not what our pipes and tests know. */
export const noiseStream = (socket: NoiseSocket): Duplex => {
  let closed = socket.destroyed
  let problem: Error | undefined
  let onDrained: (() => void) | undefined
  let onClosed: (() => void) | undefined

  const drained = () => {
    const go = onDrained
    onDrained = undefined
    go?.()
  }

  const send = (chunks: readonly Uint8Array[], callback: () => void) => {
    let hasRoom = true
    // The socket encrypts a copy, but later: whose bytes these are may use them again once the callback was called.
    for (const message of toMessages(chunks, NOISE_MESSAGE_BYTES))
      hasRoom = socket.write(Uint8Array.from(message))
    if (hasRoom) callback()
    else onDrained = callback
  }

  const stream = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: NOISE_MESSAGE_BYTES,
    writableHighWaterMark: NOISE_MESSAGE_BYTES,
    read: () => socket.resume(),
    write: (chunk: Uint8Array, _encoding, callback) => send([chunk], callback),
    writev: (chunks, callback) =>
      send(
        chunks.map(({ chunk }) => chunk as Uint8Array),
        callback,
      ),
    final: (callback) => {
      socket.end()
      callback()
    },
    destroy: (error, callback) => {
      onDrained = undefined
      if (closed) return callback(error)
      onClosed = () => callback(error)
      socket.destroy()
    },
  })

  socket.on('data', (bytes: Uint8Array) => {
    if (!stream.destroyed && !stream.push(bytes)) socket.pause()
  })
  socket.on('drain', drained)
  socket.on('end', () => {
    if (!stream.destroyed) stream.push(null)
  })
  socket.on('error', (error: Error) => {
    problem = error
  })
  socket.on('close', () => {
    closed = true
    if (onClosed) onClosed()
    else if (!stream.destroyed) {
      if (stream.readableEnded || stream.writableFinished) stream.push(null)
      else stream.destroy(problem)
    }
  })
  return stream
}
