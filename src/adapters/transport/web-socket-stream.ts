import { Duplex } from 'node:stream'
import { HyphaError } from '../../protocol/errors.js'
import { WEB_SOCKET_MESSAGE_BYTES } from '../../protocol/limits.js'
import type { MessageSocket } from './web-socket.js'

/** Cuts and joins what was written into messages: few, and none too large for the other end. */
export const toMessages = (chunks: readonly Uint8Array[], size = WEB_SOCKET_MESSAGE_BYTES): Uint8Array[] => {
  const messages: Uint8Array[] = []
  let parts: Uint8Array[] = []
  let length = 0
  const flush = () => {
    if (parts.length > 0) messages.push(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
    parts = []
    length = 0
  }
  for (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      const part = chunk.subarray(offset, offset + size - length)
      parts.push(part)
      length += part.length
      offset += part.length
      if (length === size) flush()
    }
  }
  flush()
  return messages
}

/**
 * Bytes over a WebSocket's binary messages, whose boundaries mean nothing. Ends as a socket does: destroying it ends the
 * link at once, ending it sends what was written first. A text frame ends it with PEER_MISBEHAVED.
 */
export const webSocketStream = (socket: MessageSocket): Duplex => {
  let closed = false
  let onClosed: (() => void) | undefined

  const send = (chunks: readonly Uint8Array[], callback: (error?: Error | null) => void) => {
    const messages = toMessages(chunks)
    const last = messages.pop()
    // Messages leave in order, so the last one's room is room for all.
    for (const message of messages) socket.send(message, () => {})
    if (last) socket.send(last, callback)
    else callback()
  }

  const stream = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: WEB_SOCKET_MESSAGE_BYTES,
    writableHighWaterMark: WEB_SOCKET_MESSAGE_BYTES,
    read: () => socket.resume(),
    write: (chunk: Uint8Array, _encoding, callback) => send([chunk], callback),
    writev: (chunks, callback) =>
      send(
        chunks.map(({ chunk }) => chunk as Uint8Array),
        callback,
      ),
    final: (callback) => {
      socket.close(1000)
      callback()
    },
    destroy: (error, callback) => {
      if (closed) return callback(error)
      onClosed = () => callback(error)
      socket.terminate()
    },
  })

  socket.listen({
    message: (bytes) => {
      if (bytes.length > 0 && !stream.destroyed && !stream.push(bytes)) socket.pause()
    },
    text: () => {
      socket.close(1003)
      stream.destroy(
        new HyphaError(
          'PEER_MISBEHAVED',
          'The peer sent text where only bytes belong. The connection was closed.',
        ),
      )
    },
    error: (error) => stream.destroy(error),
    close: () => {
      closed = true
      if (onClosed) onClosed()
      else stream.push(null)
    },
  })
  return stream
}
