import { isIP, isIPv6 } from 'node:net'
import { HyphaError } from '../../protocol/errors.js'

export interface TcpAddress {
  readonly host: string
  readonly port: number
}

/** `host:port`, with an IPv6 host in brackets. */
export const formatTcpAddress = ({ host, port }: TcpAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/**
 * Reads `host:port`. Port 0, any free port, makes sense only where one listens.
 * @throws HyphaError ADDRESS_INVALID
 */
export const parseTcpAddress = (address: string, { listen = false } = {}): TcpAddress => {
  const invalid = (problem: string) =>
    new HyphaError(
      'ADDRESS_INVALID',
      `"${String(address).slice(0, 100)}" is not an address: ${problem}. Write it as host:port, and an IPv6 host in brackets, as in [::1]:4000.`,
    )
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address) ?? []
  const host = bracketed ?? plain
  if (host === undefined) throw invalid('it has no host and port')
  const port = Number(digits)
  if (port > 65_535 || (port === 0 && !listen)) throw invalid(`there is no port ${digits}`)
  if (bracketed !== undefined && !isIPv6(bracketed)) throw invalid('what is in brackets is not IPv6')
  if (plain !== undefined && !isIP(plain)) {
    if (!/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i.test(plain) || plain.length > 253)
      throw invalid('its host is not a name')
    if (/^[\d.]+$/.test(plain)) throw invalid('its host is not a whole IPv4 address')
  }
  return { host, port }
}
