import { WebSocket } from '../../adapters/ws.js'
import { CONNECT_TIMEOUT_MS } from '../../protocol/limits.js'
import { MAX_INSPECTOR_HELLO_BYTES } from './limits.js'

export interface TextSocket {
  /** Sends one message; `taken` is called when there is room for the next, and never after the end. */
  send(text: string, taken: () => void): void
  /** After what was sent. */
  close(): void
  /** At once. */
  terminate(): void
}

export interface TextSocketHandlers {
  opened(): void
  /** The last thing heard, also of one that never opened. @param code of the WebSocket's close, 1006 without one */
  closed(code: number): void
}

/** A WebSocket for who only talks, of this platform's own. */
export const openTextSocket = (url: string, { opened, closed }: TextSocketHandlers): TextSocket => {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAX_INSPECTOR_HELLO_BYTES,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
  })
  socket.on('open', opened)
  // What an error means the close after it says.
  socket.on('error', () => {})
  socket.on('close', closed)
  return {
    send: (text, taken) => socket.send(text, { compress: false }, (error) => error || taken()),
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
  }
}
