import { connect, type Socket } from 'node:net'
import { type Checks, checkOptions, invalid, isString } from '../../protocol/given.js'
import { CONNECT_TIMEOUT_MS, MAX_CONNECTIONS_PER_LISTENER } from '../../protocol/limits.js'
import { createClaimCodeOnce } from './claim-code-once.js'
import { createTransport } from './create-transport.js'
import { linkTarget } from './link-target.js'
import { isLoopbackHost } from './loopback.js'
import { streamClosed } from './stream-closed.js'
import { formatTcpAddress, parseTcpAddress, type TcpAddress } from './tcp-address.js'
import { tcpConnection, tcpSocketOptions } from './tcp-connection.js'
import { listenTcp, type TcpListener } from './tcp-listener.js'
import type { Connection, Transport } from './transport.js'

export interface TcpOptions {
  /** Peers to dial: `host:port`, an IPv6 host in brackets. */
  readonly connect?: readonly string[]
  /** Where to listen: `host:port`; port 0 is any free one. */
  readonly listen?: string
  /** The code that an always-on node printed, to claim a place there. */
  readonly claimCode?: string
}

export interface TcpTransport extends Transport {
  /** The address that it listens on, with the actual port, while it does. */
  readonly listening: string | undefined
}

const dialTcp = async (address: TcpAddress, signal: AbortSignal): Promise<Socket> => {
  const socket = connect({ ...tcpSocketOptions, ...address })
  const giveUp = () => socket.destroy(new Error('Dialling ended'))
  const timer = setTimeout(
    () => socket.destroy(Object.assign(new Error('It did not answer in time'), { code: 'ETIMEDOUT' })),
    CONNECT_TIMEOUT_MS,
  )
  signal.addEventListener('abort', giveUp)
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).on('error', reject))
    return socket
  } catch (error) {
    await streamClosed(socket)
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }
}

const CHECKS: Checks<TcpOptions> = {
  connect: (value) =>
    Array.isArray(value) ? undefined : "an array of addresses, as in ['192.168.1.2:4000']",
  listen: isString,
  claimCode: isString,
}

/**
 * Connects native nodes over TCP: dials the given addresses, and listens on one.
 * @throws HyphaError ADDRESS_INVALID, OPTION_INVALID
 */
export const tcp = (options: TcpOptions = {}): TcpTransport => {
  if (typeof options === 'string')
    throw invalid(
      "tcp() takes { connect: ['host:port'] } to dial, { listen: 'host:port' } to listen, or both.",
    )
  checkOptions('tcp()', options, CHECKS)
  const { connect: addresses = [], listen, claimCode } = options
  if (listen === undefined && addresses.length === 0)
    throw invalid('Give tcp() addresses to connect to, an address to listen on, or both.')
  // From an array with holes too.
  const targets = [...addresses].map((address) => parseTcpAddress(address))
  const place = listen === undefined ? undefined : parseTcpAddress(listen, { listen: true })
  let listener: TcpListener | undefined

  const transport = createTransport('tcp', async (_discoveryKey, host) => {
    if (place)
      listener = await listenTcp(place, {
        maxConnections: MAX_CONNECTIONS_PER_LISTENER,
        connection: (connection) => host.connection(connection),
        error: (error) => host.error(error),
        ...(host.isSpared
          ? { isSpared: (connection: Connection) => host.isSpared?.(connection) === true }
          : {}),
      })

    const dials = targets.map((target) => {
      const code = createClaimCodeOnce(claimCode)
      const dial = async (signal: AbortSignal): Promise<Connection> =>
        tcpConnection(await dialTcp(target, signal), 'outgoing', code())
      return host.dial(
        linkTarget({ address: formatTcpAddress(target), isLocal: isLoopbackHost(target.host), dial }, host),
      )
    })

    return async () => {
      const open = listener
      listener = undefined
      await Promise.all([open?.close(), ...dials.map((dial) => dial.stop())])
    }
  })

  return {
    ...transport,
    get listening() {
      return listener && formatTcpAddress(listener.address)
    },
  }
}
