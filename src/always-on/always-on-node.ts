import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { createDeduplication } from '../actors/deduplication.js'
import { createHeartbeat } from '../actors/heartbeat.js'
import type { Link } from '../actors/link.js'
import { createReplication } from '../actors/replication.js'
import { createTraces, makeInspectable } from '../actors/tracing.js'
import { createCrypto } from '../adapters/crypto/sodium-crypto.js'
import { memoryStorage } from '../adapters/storage/memory-storage.js'
import type { Storage } from '../adapters/storage/storage.js'
import { openSwarm, type Swarm, type SwarmOptions } from '../adapters/transport/swarm.js'
import { checkSwarmOptions } from '../adapters/transport/swarm-options.js'
import type { Connection } from '../adapters/transport/transport.js'
import { type PeerOutput, peerMachine } from '../machines/peer.js'
import { isMemberProven } from '../protocol/claim.js'
import { HyphaError } from '../protocol/errors.js'
import { type Checks, checkOptions } from '../protocol/given.js'
import { parseHyphalink } from '../protocol/hyphalink.js'
import {
  MAX_ALWAYS_ON_CONNECTIONS,
  MAX_ALWAYS_ON_SWARM_CONNECTIONS,
  MAX_CONNECTIONS_PER_HYPHA,
  MAX_HYPHA_BYTES,
  MAX_PLACES,
  MAX_SIGNALLING_MESSAGE_BYTES,
  MAX_SIGNALLING_SOCKETS,
  PEER_REPORTS_PER_MINUTE,
} from '../protocol/limits.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
import { checkClaimCode, createClaimCode, drawClaimCode, openClaimCode } from './claim-code.js'
import { createClaiming } from './claiming.js'
import { createHosts, listeningHost } from './hosts.js'
import { createHttpServer, type HttpServer } from './http-server.js'
import { createHyphas } from './hyphas.js'
import { CLOSED_DOOR, checkInspectorHost, createInspectorRoom } from './inspector.js'
import { createMeetings } from './meetings.js'
import { ALWAYS_ON_CHECKS, INSPECT_CHECKS, TLS_CHECKS } from './options.js'
import { createPages } from './pages.js'
import { createPeers } from './peers.js'
import { openPlaces } from './places.js'
import { createProving } from './proving.js'
import { createReception } from './reception.js'
import { createRelay } from './relay.js'
import { createSignalling } from './signalling.js'
import type { Status } from './status-page.js'
import { createTcpServer, type TcpServer } from './tcp-server.js'
import { createWaiting } from './waiting.js'
import { createWebApp } from './web-app.js'

export type AlwaysOnStatus = Status

export interface AlwaysOnNodeOptions {
  /** For HTTP and WebSocket; 0 is any free one. */
  readonly port: number
  /** The address to listen on. This machine alone unless given. */
  readonly host?: string
  /**
   * Names by which people reach it, as `hypha.example` through a proxy, and by which pages are called that may use its
   * signalling. By other names than these, `host`, those of its certificate, this machine's and bare addresses it answers nobody.
   */
  readonly hosts?: readonly string[]
  /** For native nodes over TCP, which is not confidential beyond this machine; 0 is any free one. None unless given. */
  readonly tcpPort?: number
  /** In memory unless given. Opened and closed with the node. */
  readonly storage?: Storage
  /** How many hyphas may have a place. 1 unless given. */
  readonly claim?: number
  /** What a person types to claim a place from another machine. Drawn unless given, and then kept in `storage`. */
  readonly claimCode?: string
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
  /**
   * Serves an inspector at `/inspect`, for this machine alone: shows what this node does, and what other nodes publish.
   * `page` is the folder of its page; the built one of this package unless given.
   */
  readonly inspect?: boolean | { readonly page?: string }
  /** What went wrong while it goes on, with a sentence for its keeper. Holds no hyphalink. */
  onError?(error: Error): void
}

export interface AlwaysOnNode {
  /** `http://127.0.0.1:4280` */
  readonly url: string
  readonly tcpPort: number | undefined
  /** What a person types to claim a place from another machine. Undefined when nothing can be claimed. */
  readonly claimCode: string | undefined
  /** `http://127.0.0.1:4280/inspect#token=...`: who has it sees what the nodes do. Undefined without `inspect`. */
  readonly inspectorUrl: string | undefined
  status(): AlwaysOnStatus
  /** Ends every connection and releases every port and file. Resolves when no handle is left. */
  close(): Promise<void>
}

const NONCE_BYTES = 32

const checkCount = (what: string, count: number, most: number, least = 0): number => {
  if (Number.isSafeInteger(count) && count >= least && count <= most) return count
  throw new HyphaError('OPTION_INVALID', `${what} is a whole number from ${least} to ${most}.`)
}

/** None unless given. */
const checkLimit = (what: string, count: number | undefined): void => {
  if (count !== undefined) checkCount(what, count, Number.MAX_SAFE_INTEGER, 1)
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
  checkOptions('createAlwaysOnNode()', options, ALWAYS_ON_CHECKS satisfies Checks<AlwaysOnNodeOptions>)
  const { tls, hyphas: links = [], onError: tellOwner = () => {} } = options
  const host = listeningHost(options.host)
  if (typeof tls === 'object') checkOptions('The option tls', tls, TLS_CHECKS)
  if (typeof options.inspect === 'object') checkOptions('The option inspect', options.inspect, INSPECT_CHECKS)
  if (typeof options.swarm === 'object') checkSwarmOptions('The option swarm', options.swarm)
  checkLimit('maxHyphaBytes', options.maxHyphaBytes)
  checkLimit('maxConnections', options.maxConnections)
  checkLimit('maxConnectionsPerHypha', options.maxConnectionsPerHypha)
  const port = checkCount('The port', options.port, 65_535)
  const tcpPort =
    options.tcpPort === undefined ? undefined : checkCount('The TCP port', options.tcpPort, 65_535)
  const claim = checkCount('The number of places', options.claim ?? 1, MAX_PLACES)
  const hyphalinks = links.map(parseHyphalink)
  const givenCode = options.claimCode === undefined ? undefined : checkClaimCode(options.claimCode)
  const names = createHosts({ host, hosts: options.hosts ?? [], tls })
  if (options.inspect) checkInspectorHost(host)
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
  const openStored = async () => {
    const places = await openPlaces(claim, storage, crypto.hash)
    const code =
      givenCode ??
      (claim > 0 ? await openClaimCode(storage, crypto, onError) : drawClaimCode(crypto.randomBytes))
    if (options.swarm) swarm = await openSwarm(options.swarm === true ? {} : options.swarm, onError)
    return { places, code }
  }
  const { places, code } = await openStored().catch(async (error: unknown) => {
    await storage.close()
    throw error
  })
  let meet: ReturnType<typeof createMeetings> | undefined
  const hyphas = createHyphas({
    storage,
    hash: crypto.hash,
    maxBytes: options.maxHyphaBytes ?? MAX_HYPHA_BYTES,
    maxConnections: options.maxConnectionsPerHypha ?? MAX_CONNECTIONS_PER_HYPHA,
    onFilled: (hyphalink) => waiting.filled(hyphalink),
    meet: (key) => meet?.(key),
    onError,
  })
  const waiting = createWaiting({ places, hyphas, hash: crypto.hash, now, onError })
  const claimCode = createClaimCode(code, crypto)
  const reception = createReception({ crypto, hyphas, places, waiting, claimCode, now })

  const traces = createTraces()
  const linksById = new Map<string, Link>()
  const proven = new WeakSet<Connection>()
  const hyphaOf = ({ discoveryKey }: Link) => discoveryKey && hyphas.get(discoveryKey)
  const machine = peerMachine.provide({
    actors: {
      replication: createReplication({
        links: linksById,
        database: (discoveryKey) => discoveryKey && hyphas.get(discoveryKey)?.database,
        heartbeat: createHeartbeat(),
        hostTalk: createProving({ crypto, hyphaOf, onProven: (connection) => void proven.add(connection) }),
        greet: reception.greet,
      }),
      messaging: createRelay({ links: linksById, hyphaOf, hash: crypto.hash, traces, now }),
      deduplication: createDeduplication({ links: linksById, seen: (link) => hyphaOf(link)?.seen, now }),
      claiming: createClaiming({ links: linksById, decide: reception.decide, onError }),
    },
  })
  const peers = createPeers({ links: linksById, machine, onEnded, onError })

  const signalling = createSignalling({
    now,
    newNonce: (discoveryKey) => (hyphas.get(discoveryKey) ? crypto.randomBytes(NONCE_BYTES) : undefined),
    isProven: (proof, about) => {
      const hypha = hyphas.get(about.discoveryKey)
      return (
        hypha !== undefined &&
        isMemberProven(proof, { ...about, hyphalink: hypha.database.hyphalink }, crypto)
      )
    },
  })
  if (swarm)
    meet = createMeetings({
      swarm,
      hyphaOf: hyphas.get,
      maxConnections: MAX_ALWAYS_ON_SWARM_CONNECTIONS,
      onConnection: peers.add,
      onError,
    })

  const status = (): Status => ({
    hyphas: hyphas.size,
    connections: peers.connected,
    signalling: signalling.members,
    places: { total: places.total, taken: places.taken.length },
    uptime: Math.floor((performance.now() - startedAt) / 1_000),
  })

  const inspector = options.inspect
    ? createInspectorRoom(options.inspect === true ? undefined : options.inspect.page)
    : undefined
  let http: HttpServer | undefined
  let tcp: TcpServer | undefined
  const release = async () => {
    peers.close()
    signalling.close()
    waiting.close()
    inspector?.close()
    await Promise.all([http?.close(), tcp?.close()])
    await hyphas.close()
    await swarm?.close()
    await storage.close()
  }

  try {
    for (const hyphalink of hyphalinks) await hyphas.open(hyphalink)
    // One that is damaged keeps its place, and the others are kept all the same.
    const kept = [...places.taken, ...places.waiting.map(({ hyphalink }) => hyphalink)]
    for (const hyphalink of kept) await hyphas.open(hyphalink).catch(onError)
    const signallingDoor = {
      path: '/signalling',
      maxSockets: MAX_SIGNALLING_SOCKETS,
      maxMessageBytes: MAX_SIGNALLING_MESSAGE_BYTES,
      mayEnter: names.isOwnPage,
      makeRoom: () => true,
      add: (socket: WebSocket, _raw: Duplex, source: string) => signalling.add(socket, source),
    }
    const common = {
      host,
      maxConnections: options.maxConnections ?? MAX_ALWAYS_ON_CONNECTIONS,
      isSpared: (connection: Connection) => proven.has(connection),
      onConnection: peers.add,
      onError,
    }
    http = await createHttpServer({
      ...common,
      port,
      hosts: names,
      ...(tls ? { tls } : {}),
      doors: [signallingDoor, inspector?.door ?? CLOSED_DOOR],
      routes: createPages(status, createWebApp(options.webApp), inspector),
    })
    if (tcpPort !== undefined) tcp = await createTcpServer({ ...common, port: tcpPort })
  } catch (error) {
    await release()
    throw error
  }

  let closing: Promise<void> | undefined
  const given: AlwaysOnNode = {
    url: http.url,
    tcpPort: tcp?.port,
    claimCode: claim > 0 ? code : undefined,
    inspectorUrl: inspector?.urlAt(http.url),
    status,
    close: () => {
      closing ??= release()
      return closing
    },
  }
  const node = makeInspectable(given, {
    kind: 'always-on',
    name: () => 'always-on',
    observe: (observer) => {
      const stops = [traces.listen((trace) => observer.message(trace)), peers.observe(observer)]
      return () => {
        for (const stop of stops) stop()
      }
    },
  })
  inspector?.show(node)
  return node
}
