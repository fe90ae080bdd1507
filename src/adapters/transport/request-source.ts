import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { isLoopbackAddress } from './loopback.js'

/** Of IPv6 the network: a household has that much of it. */
const networkOf = (address: string): string => {
  const [head = '', tail] = address.split('::', 2)
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')}::/64`
}

/** Which address a connection counts for where each address has its share: an IPv4 address, or a network of IPv6. */
export const sourceOfAddress = (address: string | undefined): string => {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  switch (isIP(plain)) {
    case 4:
      return plain
    case 6:
      return isLoopbackAddress(plain) ? plain : networkOf(plain)
    default:
      return 'unknown'
  }
}

/** `203.0.113.7`, `203.0.113.7:4000`, `[2001:db8::1]:4000`, as proxies write it. */
const withoutPort = (text: string): string =>
  /^\[([^\]]*)\]/.exec(text)?.[1] ?? (/^[\d.]+:\d+$/.test(text) ? text.replace(/:\d+$/, '') : text)

/**
 * Which address a request counts for. A proxy of this machine says for whom it speaks, as the last of X-Forwarded-For: what
 * is before that, and what anybody else says, is made up as easily.
 */
export const sourceOf = ({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string => {
  if (!isLoopbackAddress(socket.remoteAddress)) return sourceOfAddress(socket.remoteAddress)
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)
    ?.trim()
  return sourceOfAddress(forwarded ? withoutPort(forwarded) : socket.remoteAddress)
}
