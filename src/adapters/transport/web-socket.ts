import {
  CONNECT_TIMEOUT_MS,
  MAX_WEB_SOCKET_FRAGMENTS,
  MAX_WEB_SOCKET_MESSAGE_BYTES,
} from '../../protocol/limits.js'
import { WebSocket } from '../ws.js'

/** What a stream needs of a WebSocket, whichever platform it comes from. */
export interface MessageSocket {
  /** Says who hears the socket. Called once, before anything can have arrived. */
  listen(handlers: MessageSocketHandlers): void
  /** Sends a binary message; `sent` is called when there is room for the next. */
  send(bytes: Uint8Array, sent: (error?: Error | null) => void): void
  /** No more messages, please; a platform that can't hold them back goes on. */
  pause(): void
  resume(): void
  /** Ends it politely, after what was sent. */
  close(code: number): void
  /** Ends it at once, before it has opened too. */
  terminate(): void
}

export interface MessageSocketHandlers {
  message(bytes: Uint8Array): void
  /** A text frame: not ours. */
  text(): void
  error(error: Error): void
  /** The last thing heard. */
  close(): void
}

/** A WebSocket of the `ws` library, of either direction. */
export const messageSocket = (socket: WebSocket): MessageSocket => ({
  listen: ({ message, text, error, close }) => {
    socket.on('message', (data, isBinary) => {
      if (!isBinary) text()
      else if (data instanceof ArrayBuffer) message(new Uint8Array(data))
      else message(Array.isArray(data) ? Buffer.concat(data) : data)
    })
    socket.on('error', error)
    socket.on('close', close)
  },
  send: (bytes, sent) => socket.send(bytes, { binary: true, compress: false }, sent),
  pause: () => socket.pause(),
  resume: () => socket.resume(),
  close: (code) => socket.close(code),
  terminate: () => socket.terminate(),
})

/** Dials a WebSocket with this platform's own; `opened` rejects with the reason if it doesn't open. */
export const openWebSocket = (url: string): { socket: MessageSocket; opened: Promise<void> } => {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAX_WEB_SOCKET_MESSAGE_BYTES,
    maxFragments: MAX_WEB_SOCKET_FRAGMENTS,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
  })
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('It closed before it had opened')))
  })
  return { socket: messageSocket(socket), opened }
}
