import type { Socket } from 'node:net'
import { MAX_LINE_BYTES } from './protocol.js'

const NEWLINE = 0x0a

/** Cuts what arrives into lines. One that is too long is told of once, and nothing is read after it. */
export const readLines = (
  socket: Socket,
  onLine: (line: Uint8Array) => void,
  onTooLong: () => void,
  maxBytes = MAX_LINE_BYTES,
): void => {
  let parts: Buffer[] = []
  let length = 0
  let isOver = false
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk
    while (!isOver && !socket.destroyed) {
      const end = rest.indexOf(NEWLINE)
      const part = end < 0 ? rest : rest.subarray(0, end)
      length += part.length
      if (length > maxBytes) {
        isOver = true
        parts = []
        onTooLong()
        return
      }
      if (part.length > 0) parts.push(part)
      if (end < 0) return
      const line = Buffer.concat(parts)
      parts = []
      length = 0
      onLine(line)
      rest = rest.subarray(end + 1)
    }
  })
}

export const writeLine = (socket: Socket, message: object): void => {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(message)}\n`)
}
