import type { Duplex } from 'node:stream'
import { SECURITY_HEADERS } from './security-headers.js'

const REASONS = {
  400: 'Bad Request',
  403: 'Forbidden',
  408: 'Request Timeout',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
} as const

const BARE_HEADERS = Object.entries(SECURITY_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

/** Answers on a bare socket and closes it. */
export const refuse = (socket: Duplex, status: keyof typeof REASONS): void => {
  socket.on('error', () => socket.destroy())
  if (!socket.writable) return void socket.destroy()
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n${BARE_HEADERS}${status === 503 ? 'Retry-After: 10\r\n' : ''}\r\n`,
  )
}
