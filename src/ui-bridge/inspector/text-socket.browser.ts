import type { TextSocket, TextSocketHandlers } from './text-socket.js'

export type { TextSocket, TextSocketHandlers } from './text-socket.js'

/** More than this waiting to leave, and the writer waits too. */
const HIGH_WATER_BYTES = 1024 * 1024
/** How often one looks whether there is room again: nothing in a browser says so. */
const LOOK_MS = 20

/** A WebSocket for who only talks, of this platform's own. */
export const openTextSocket = (url: string, { opened, closed }: TextSocketHandlers): TextSocket => {
  const socket = new WebSocket(url)
  socket.addEventListener('open', opened)
  socket.addEventListener('close', ({ code }) => closed(code))
  const whenTaken = (taken: () => void) => {
    if (socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > HIGH_WATER_BYTES) setTimeout(whenTaken, LOOK_MS, taken)
    else taken()
  }
  return {
    send: (text, taken) => {
      if (socket.readyState !== WebSocket.OPEN) return
      socket.send(text)
      queueMicrotask(() => whenTaken(taken))
    },
    close: () => socket.close(1000),
    terminate: () => socket.close(1000),
  }
}
