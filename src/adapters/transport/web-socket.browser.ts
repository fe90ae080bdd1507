import { CONNECT_TIMEOUT_MS, MAX_WEB_SOCKET_MESSAGE_BYTES } from '../../protocol/limits.js'
import type { MessageSocket, MessageSocketHandlers } from './web-socket.js'

export type { MessageSocket, MessageSocketHandlers } from './web-socket.js'

/** More than this waiting to leave, and the writer waits too. */
const HIGH_WATER_BYTES = 1024 * 1024
/** How often one looks whether there is room again: nothing in a browser says so. */
const LOOK_MS = 5

const LOST = new Error('The connection broke')

/** A browser's own WebSocket. */
export const messageSocket = (socket: WebSocket): MessageSocket => {
  let handlers: MessageSocketHandlers | undefined
  let waiting: ((error?: Error) => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false

  const look = () => {
    if (!waiting) return
    if (socket.bufferedAmount > HIGH_WATER_BYTES) {
      clearTimeout(timer)
      timer = setTimeout(look, LOOK_MS)
      return
    }
    const go = waiting
    waiting = undefined
    go()
  }
  const end = () => {
    if (ended) return
    ended = true
    clearTimeout(timer)
    const stuck = waiting
    waiting = undefined
    handlers?.close()
    // A stream whose write nobody answers would never close.
    stuck?.(LOST)
  }

  socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (ended) return
    // A hidden page's timers come once a minute, its messages at once.
    look()
    if (!(data instanceof ArrayBuffer)) handlers?.text()
    else if (data.byteLength <= MAX_WEB_SOCKET_MESSAGE_BYTES) handlers?.message(Buffer.from(data))
    else handlers?.error(new Error('A message is too large'))
  })
  socket.addEventListener('error', () => {
    if (!ended) handlers?.error(LOST)
  })
  socket.addEventListener('close', end)

  return {
    listen: (given) => {
      handlers = given
    },
    send: (bytes, sent) => {
      if (ended || socket.readyState !== WebSocket.OPEN) return queueMicrotask(() => sent(LOST))
      // A copy if it is of shared memory, which a socket doesn't take.
      socket.send(bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice())
      waiting = sent
      queueMicrotask(look)
    },
    // The platform can't hold messages back.
    pause: () => {},
    resume: () => {},
    close: (code) => socket.close(code === 1000 ? code : 3000 + (code % 1000)),
    terminate: () => {
      socket.close()
      queueMicrotask(end)
    },
  }
}

/** Dials a WebSocket with this platform's own; `opened` rejects with the reason if it doesn't open. */
export const openWebSocket = (url: string): { socket: MessageSocket; opened: Promise<void> } => {
  const socket = new WebSocket(url)
  const opened = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not answer in time')), CONNECT_TIMEOUT_MS)
    const fail = () => {
      clearTimeout(timer)
      // No browser says why, so that pages can't look around in a network.
      reject(new Error('the browser does not say why'))
    }
    socket.addEventListener('open', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.addEventListener('error', fail)
    socket.addEventListener('close', fail)
  })
  return { socket: messageSocket(socket), opened }
}
