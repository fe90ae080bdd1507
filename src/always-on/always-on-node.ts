import { createDeduplication } from '../actors/deduplication.js'
import { createHeartbeat } from '../actors/heartbeat.js'
import type { Link } from '../actors/link.js'
import { createReplication } from '../actors/replication.js'
import { createTraces, makeInspectable } from '../actors/tracing.js'
import { createCrypto } from '../adapters/crypto/sodium-crypto.js'
import { memoryStorage } from '../adapters/storage/memory-storage.js'
import type { Storage } from '../adapters/storage/storage.js'
import { openSwarm, type Swarm, type SwarmOptions } from '../adapters/transport/swarm.js'
import { type PeerOutput, peerMachine } from '../machines/peer.js'
import { HyphaError } from '../protocol/errors.js'
import { parseHyphalink } from '../protocol/hyphalink.js'
import {
  MAX_ALWAYS_ON_CONNECTIONS,
  MAX_ALWAYS_ON_SWARM_CONNECTIONS,
  MAX_CONNECTIONS_PER_HYPHA,
  MAX_HYPHA_BYTES,
  MAX_PLACES,
  MAX_SIGNALLING_SOCKETS,
  PEER_REPORTS_PER_MINUTE,
} from '../protocol/limits.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
import { createClaimCode } from './claim-code.js'
import { createClaiming } from './claiming.js'
import { createHttpServer, type HttpServer } from './http-server.js'
import { createHyphas } from './hyphas.js'
import { createMeetings } from './meetings.js'
import { createPages } from './pages.js'
import { createPeers } from './peers.js'
import { openPlaces } from './places.js'
import { createReception } from './reception.js'
import { createRelay } from './relay.js'
import { createSignalling } from './signalling.js'
import type { Status } from './status-page.js'
import { createTcpServer, type TcpServer } from './tcp-server.js'
import { createWebApp } from './web-app.js'

export type AlwaysOnStatus = Status

export interface AlwaysOnNodeOptions {
  /** For HTTP and WebSocket; 0 is any free one. */
  readonly port: number
  /** The address to listen on. This machine alone unless given. */
  readonly host?: string
  /** For native nodes over TCP, which is not confidential beyond this machine; 0 is any free one. None unless given. */
  readonly tcpPort?: number
  /** In memory unless given. Opened and closed with the node. */
  readonly storage?: Storage
  /** How many hyphas may claim a place. 1 unless given. */
  readonly claim?: number
  /** Hyphalinks that are kept from the start, beside those that claim. */
  readonly hyphas?: readonly string[]
  /**
   * Meets other always-on nodes, and native nodes with `hyperswarm()`, of each hypha that is kept here. Needs the package
   * `hyperswarm`. `bootstrap`: nodes of the DHT to begin with, as `host:port`; the public ones unless given.
   */
  readonly swarm?: boolean | SwarmOptions
  /** PEM; with it the port speaks https and wss only. */
  readonly tls?: { readonly key: string | Uint8Array; readonly cert: string | Uint8Array }
  /** Bytes of one hypha beyond which it is not replicated. */
  readonly maxHyphaBytes?: number
  /** Connections in all, over WebSocket and as many over TCP. 512 unless given. */
  readonly maxConnections?: number
  /** Connections of one hypha at a time. 64 unless given. */
  readonly maxConnectionsPerHypha?: number
  /** The folder of the web app that is served at `/`. The built one of this package unless given. */
  readonly webApp?: string
  /** What went wrong while it goes on, with a sentence for its keeper. Holds no hyphalink. */
  onError?(error: Error): void
}

export interface AlwaysOnNode {
  /** `http://127.0.0.1:4280` */
  readonly url: string
  readonly tcpPort: number | undefined
  /** What a person types to claim a place from another machine. Undefined when nothing can be claimed. */
  readonly claimCode: string | undefined
  status(): AlwaysOnStatus
  /** Ends every connection and releases every port and file. Resolves when no handle is left. */
  close(): Promise<void>
}

const checkCount = (what: string, count: number, most: number): number => {
  if (Number.isSafeInteger(count) && count >= 0 && count <= most) return count
  throw new HyphaError('OPTION_INVALID', `${what} is a whole number from 0 to ${most}.`)
}

/**
 * Starts an always-on node: it stores and relays hyphas for the nodes of their persons, and holds none of their secrets.
 * @throws HyphaError LISTEN_FAILED, OPTION_INVALID, HYPHALINK_INVALID, STORAGE_FAILED, STORAGE_LOCKED,
 *   TRANSPORT_UNAVAILABLE, ADDRESS_INVALID
 */
export const createAlwaysOnNode = async (options: AlwaysOnNodeOptions): Promise<AlwaysOnNode> => {
  if (typeof options !== 'object' || options === null) {
    throw new HyphaError(
      'OPTION_INVALID',
      'createAlwaysOnNode() takes an object of options, as in { port: 4280 }.',
    )
  }
  const { host = '127.0.0.1', tls, hyphas: links = [], onError: tellOwner = () => {} } = options
  const port = checkCount('The port', options.port, 65_535)
  const tcpPort =
    options.tcpPort === undefined ? undefined : checkCount('The TCP port', options.tcpPort, 65_535)
  const claim = checkCount('The number of places', options.claim ?? 1, MAX_PLACES)
  const hyphalinks = links.map(parseHyphalink)
  const storage = options.storage ?? memoryStorage()
  const crypto = await createCrypto()
  const now = () => Date.now()
  const startedAt = performance.now()

  const onError = (error: unknown) => tellOwner(error instanceof Error ? error : new Error(String(error)))
  const reports = createTokenBucket({ rate: PEER_REPORTS_PER_MINUTE / 60, burst: PEER_REPORTS_PER_MINUTE })
  const onEnded = ({ problem }: PeerOutput) => {
    // A peer that leaves, or was refused, is no trouble; one that attacks could fill a log.
    if (problem?.code === 'PEER_MISBEHAVED' && reports.take(now())) {
      onError(new HyphaError('PEER_MISBEHAVED', problem.message))
    }
  }

  await storage.open?.()
  let swarm: Swarm | undefined
  const places = await openPlaces(claim, storage, crypto.hash)
    .then(async (opened) => {
      if (options.swarm) swarm = await openSwarm(options.swarm === true ? {} : options.swarm, onError)
      return opened
    })
    .catch(async (error: unknown) => {
      await storage.close()
      throw error
    })
  const maxConnectionsPerHypha = options.maxConnectionsPerHypha ?? MAX_CONNECTIONS_PER_HYPHA
  let meet: ReturnType<typeof createMeetings> | undefined
  const hyphas = createHyphas({
    storage,
    hash: crypto.hash,
    maxBytes: options.maxHyphaBytes ?? MAX_HYPHA_BYTES,
    meet: (key) => meet?.(key),
    onError,
  })
  const claimCode = createClaimCode(crypto)
  const reception = createReception({
    crypto,
    hyphas,
    places,
    claimCode,
    maxConnectionsPerHypha,
    now,
  })

  const traces = createTraces()
  const linksById = new Map<string, Link>()
  const hyphaOf = ({ discoveryKey }: Link) => discoveryKey && hyphas.get(discoveryKey)
  const machine = peerMachine.provide({
    actors: {
      replication: createReplication({
        links: linksById,
        database: (discoveryKey) => discoveryKey && hyphas.get(discoveryKey)?.database,
        heartbeat: createHeartbeat(),
        greet: reception.greet,
      }),
      messaging: createRelay({ links: linksById, hyphaOf, hash: crypto.hash, traces, now }),
      deduplication: createDeduplication({ links: linksById, seen: (link) => hyphaOf(link)?.seen, now }),
      claiming: createClaiming({ links: linksById, decide: reception.decide, onError }),
    },
  })
  const peers = createPeers({ links: linksById, machine, onEnded, onError })

  const signalling = createSignalling({ now })
  if (swarm)
    meet = createMeetings({
      swarm,
      hyphaOf: hyphas.get,
      maxConnectionsPerHypha,
      maxConnections: MAX_ALWAYS_ON_SWARM_CONNECTIONS,
      onConnection: peers.add,
      onError,
    })

  const status = (): Status => ({
    hyphas: hyphas.size,
    connections: peers.connected,
    signalling: signalling.members,
    places: { total: places.total, taken: places.claimed.length },
    uptime: Math.floor((performance.now() - startedAt) / 1_000),
  })

  let http: HttpServer | undefined
  let tcp: TcpServer | undefined
  const release = async () => {
    peers.close()
    signalling.close()
    await Promise.all([http?.close(), tcp?.close()])
    await hyphas.close()
    await swarm?.close()
    await storage.close()
  }

  try {
    for (const hyphalink of hyphalinks) await hyphas.open(hyphalink)
    // One that is damaged keeps its place, and the others are kept all the same.
    for (const hyphalink of places.claimed) await hyphas.open(hyphalink).catch(onError)
    const common = {
      host,
      maxConnections: options.maxConnections ?? MAX_ALWAYS_ON_CONNECTIONS,
      onConnection: peers.add,
      onError,
    }
    http = await createHttpServer({
      ...common,
      port,
      ...(tls ? { tls } : {}),
      signalling: { maxSockets: MAX_SIGNALLING_SOCKETS, add: signalling.add },
      routes: createPages(status, createWebApp(options.webApp)),
    })
    if (tcpPort !== undefined) tcp = await createTcpServer({ ...common, port: tcpPort })
  } catch (error) {
    await release()
    throw error
  }

  let closing: Promise<void> | undefined
  const node: AlwaysOnNode = {
    url: http.url,
    tcpPort: tcp?.port,
    claimCode: claim > 0 ? claimCode.code : undefined,
    status,
    close: () => {
      closing ??= release()
      return closing
    },
  }
  return makeInspectable(node, {
    kind: 'always-on',
    name: () => 'always-on',
    observe: (observer) => {
      const stops = [traces.listen((trace) => observer.message(trace)), peers.observe(observer)]
      return () => {
        for (const stop of stops) stop()
      }
    },
  })
}
