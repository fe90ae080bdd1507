import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { hostnameOf } from '../adapters/transport/accept-web-socket.js'
import { isLoopbackHost } from '../adapters/transport/loopback.js'
import { HyphaError } from '../protocol/errors.js'

/** The names that a server answers for. */
export interface Hosts {
  /**
   * Whether it is called by a name of its own. A web site can have its own name lead to this machine (DNS rebinding), and
   * would then read what is served here as if it were its own.
   */
  answersFor(request: IncomingMessage): boolean
  /** Whether it comes from a page of its own, one of this machine, or no page at all. */
  isOwnPage(request: IncomingMessage): boolean
}

export interface HostsOptions {
  /** Where it listens. */
  readonly host: string
  /** Names by which people reach it beside this machine's own, as through a proxy. */
  readonly hosts: readonly string[]
  readonly tls?: { readonly cert: string | Uint8Array } | undefined
}

const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')

const isOfThisMachine = (name: string): boolean => isLoopbackHost(name) || name.endsWith('.localhost')

/**
 * @throws HyphaError OPTION_INVALID
 */
const checkNames = (names: readonly string[]): readonly string[] => {
  // `*` is not one: a request never names it.
  const isName = (name: unknown) =>
    typeof name === 'string' &&
    hostnameOf(name) === name &&
    !/[\s*]/.test(name) &&
    URL.canParse(`http://${name}`)
  // As browsers write them, umlauts and all.
  if (Array.isArray(names) && names.every(isName))
    return names.map((name) => new URL(`http://${name}`).hostname)
  throw new HyphaError(
    'OPTION_INVALID',
    "hosts is an array of the names by which people reach this node, without scheme and port, as in ['hypha.example'].",
  )
}

/**
 * Where to listen. Empty would be every address of the machine: nobody means that who left a variable unset.
 * @throws HyphaError OPTION_INVALID
 */
export const listeningHost = (given = '127.0.0.1'): string => {
  const host = given.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0 || /^[^\s:/@[\]]+$/.test(host)) return host
  throw new HyphaError(
    'OPTION_INVALID',
    "host is the address to listen on, without scheme and port, as in '127.0.0.1'. '0.0.0.0' is every address of this machine.",
  )
}

const certificateOf = (tls: HostsOptions['tls']): X509Certificate | undefined => {
  try {
    return tls && new X509Certificate(Buffer.from(tls.cert))
  } catch {
    // Whoever listens with it says so.
    return undefined
  }
}

/** @throws HyphaError OPTION_INVALID */
export const createHosts = ({ host, hosts, tls }: HostsOptions): Hosts => {
  const machine = bare(hostname())
  const own = new Set([host, ...checkNames(hosts)].map(bare))
  const certificate = certificateOf(tls)
  const isKnown = (name: string): boolean =>
    isOfThisMachine(name) || own.has(name) || certificate?.checkHost(name) !== undefined
  const named = ({ headers }: IncomingMessage): string | undefined => {
    const name = hostnameOf(headers.host ?? '')
    return name === undefined ? undefined : bare(name)
  }
  return {
    answersFor: (request) => {
      // Long ago one named none; browsers always do.
      if (request.headers.host === undefined) return true
      const name = named(request)
      if (name === undefined) return false
      // No name can be made to be an address, and nobody else has this machine's.
      return isKnown(name) || isIP(name) !== 0 || name === machine || name === `${machine}.local`
    },
    isOwnPage: (request) => {
      const { origin } = request.headers
      if (origin === undefined) return true
      const page = URL.canParse(origin) ? bare(new URL(origin).hostname) : ''
      return page !== '' && (page === named(request) || isKnown(page))
    },
  }
}
