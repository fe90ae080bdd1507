import { connect, type Socket } from 'node:net'
import { HyphaError } from '../../protocol/errors.js'
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

/** Connects native nodes over TCP: dials the given addresses, and listens on one. */
export const tcp = ({ connect: addresses = [], listen, claimCode }: TcpOptions = {}): TcpTransport => {
  if (!Array.isArray(addresses)) {
    throw new HyphaError('OPTION_INVALID', "connect is an array of addresses, as in ['192.168.1.2:4000'].")
  }
  let listener: TcpListener | undefined

  const transport = createTransport('tcp', async (_discoveryKey, host) => {
    if (listen === undefined && addresses.length === 0)
      throw new HyphaError(
        'OPTION_INVALID',
        'Give tcp() addresses to connect to, an address to listen on, or both.',
      )
    const targets = addresses.map((address) => parseTcpAddress(address))
    if (listen !== undefined)
      listener = await listenTcp(parseTcpAddress(listen, { listen: true }), {
        maxConnections: MAX_CONNECTIONS_PER_LISTENER,
        connection: (connection) => host.connection(connection),
        error: (error) => host.error(error),
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
