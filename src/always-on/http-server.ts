import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { acceptWebSocket } from '../adapters/transport/accept-web-socket.js'
import { announce } from '../adapters/transport/announce.js'
import { listenFailed } from '../adapters/transport/listen-failed.js'
import { streamClosed } from '../adapters/transport/stream-closed.js'
import { formatTcpAddress } from '../adapters/transport/tcp-address.js'
import type { Connection } from '../adapters/transport/transport.js'
import { HyphaError } from '../protocol/errors.js'
import { MAX_WEB_SOCKET_FRAGMENTS, MAX_WEB_SOCKET_MESSAGE_BYTES } from '../protocol/limits.js'
import {
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_IDLE_MS,
  HTTP_KEEP_ALIVE_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  MAX_HTTP_CONNECTIONS,
  MAX_HTTP_HEADER_BYTES,
  MAX_HTTP_HEADERS,
} from './limits.js'
import { SECURITY_HEADERS } from './security-headers.js'

export interface HttpServerOptions {
  /** 0 is any free port. */
  readonly port: number
  readonly host: string
  /** PEM. With it the server speaks https and wss only. */
  readonly tls?: { readonly key: string | Uint8Array; readonly cert: string | Uint8Array }
  /** Answers a request whose URL is well-formed. What it throws or rejects with becomes a 500. */
  routes(request: IncomingMessage, response: ServerResponse): void | Promise<void>
  /** A peer came by WebSocket. Who is told owns the connection. */
  onConnection(connection: Connection): void
  /** What the server could not do; it goes on. */
  onError?(error: Error): void
  /** Peers at a time; one more is refused with 503. */
  readonly maxConnections: number
  /** Paths whose WebSockets are no peers. */
  readonly doors?: readonly Door[]
}

/** Takes the WebSockets of one path, counted for themselves: neither they nor peers crowd out the other. */
export interface Door {
  /** `/signalling`, without a final slash. */
  readonly path: string
  readonly maxSockets: number
  readonly maxMessageBytes: number
  /** Who may not is refused with 403. Everybody may unless given. */
  mayEnter?(request: IncomingMessage): boolean
  /** @param raw what the socket's bytes come over */
  add(socket: WebSocket, raw: Duplex): void
}

export interface HttpServer {
  /** `http://127.0.0.1:4000`, without a final slash. */
  readonly url: string
  readonly port: number
  /** Ends every connection, and resolves when no handle is left. */
  close(): Promise<void>
}

/** How long a client has to send its headers, and a slow one to finish: checked this often. */
const CHECK_EVERY_MS = 1_000

const limits = {
  headersTimeout: HTTP_HEADERS_TIMEOUT_MS,
  requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
  keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
  connectionsCheckingInterval: CHECK_EVERY_MS,
  maxHeaderSize: MAX_HTTP_HEADER_BYTES,
  noDelay: true,
  keepAlive: true,
  requireHostHeader: false,
}

/** Whether a request target is a path that can be decoded: not `*`, not `/%zz`, not another server's URL. */
const isWellFormed = ({ url: target }: IncomingMessage): boolean => {
  if (!target?.startsWith('/')) return false
  try {
    decodeURIComponent(target.split('?', 1)[0] ?? '')
    return URL.canParse(target, 'http://localhost')
  } catch {
    return false
  }
}

/** Node's own answer to who names none has no headers of ours. */
const hasHost = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.host !== undefined || httpVersion === '1.0'

const pathOf = ({ url = '/' }: IncomingMessage): string =>
  (url.split('?', 1)[0] ?? '').replace(/(.)\/$/, '$1')

const REASONS = {
  400: 'Bad Request',
  403: 'Forbidden',
  408: 'Request Timeout',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
} as const

const BARE_HEADERS = Object.entries(SECURITY_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

/** Answers on a bare socket and closes it. */
const refuse = (socket: Duplex, status: keyof typeof REASONS): void => {
  socket.on('error', () => socket.destroy())
  if (!socket.writable) return void socket.destroy()
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n${BARE_HEADERS}${status === 503 ? 'Retry-After: 10\r\n' : ''}\r\n`,
  )
}

const answerError = (response: ServerResponse, status: 400 | 500): void => {
  if (response.headersSent || response.destroyed) return void response.destroy()
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    Connection: 'close',
  })
  response.end(status === 400 ? 'This request is malformed.\n' : 'Something went wrong here.\n')
}

const createServer = (tls: HttpServerOptions['tls']): Server => {
  if (!tls) return createPlainServer(limits)
  try {
    const options = { key: Buffer.from(tls.key), cert: Buffer.from(tls.cert) }
    return createTlsServer({
      ...limits,
      ...options,
      handshakeTimeout: HTTP_HEADERS_TIMEOUT_MS,
      minVersion: 'TLSv1.2',
    })
  } catch (error) {
    // The cause is left out: it might quote the key.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new HyphaError(
      'OPTION_INVALID',
      `The TLS key and certificate can't be used (${code}). Give both as PEM, the key without a passphrase.`,
    )
  }
}

/**
 * One port for pages and peers: HTTP, and WebSocket by upgrade on any path. Whatever a client sends, it loses its own
 * connection at most.
 * @throws HyphaError LISTEN_FAILED, OPTION_INVALID
 */
export const createHttpServer = async (options: HttpServerOptions): Promise<HttpServer> => {
  const { host, tls, routes, onConnection, onError = () => {}, maxConnections, doors = [] } = options
  const server = createServer(tls)
  server.maxHeadersCount = MAX_HTTP_HEADERS
  // An upgraded socket is none of HTTP's business any more: ws lifts this.
  server.timeout = HTTP_IDLE_MS
  server.maxConnections = doors.reduce(
    (sum, { maxSockets }) => sum + maxSockets,
    maxConnections + MAX_HTTP_CONNECTIONS,
  )
  const takeUpgrades = (maxPayload: number): WebSocketServer =>
    new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload,
      maxFragments: MAX_WEB_SOCKET_FRAGMENTS,
    })
      // What is no WebSocket handshake; ws itself would answer with a page.
      .on('wsClientError', (_error, socket) => refuse(socket, 400))
  const upgrades = takeUpgrades(MAX_WEB_SOCKET_MESSAGE_BYTES)
  /** A path of its own each; any other leads to peers. */
  const rooms = new Map(
    doors.map((door) => [door.path, { door, upgrades: takeUpgrades(door.maxMessageBytes), inside: 0 }]),
  )
  const sockets = new Set<Socket>()
  const streams = new Set<Duplex>()

  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  server.on('request', (request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    if (!isWellFormed(request) || !hasHost(request)) return answerError(response, 400)
    const answer = async () => routes(request, response)
    answer().catch((error: unknown) => {
      onError(error instanceof Error ? error : new Error(String(error)))
      answerError(response, 500)
    })
  })

  server.on('checkExpectation', ({ socket }) => refuse(socket, 417))

  server.on('upgrade', (request, socket, head) => {
    if (!isWellFormed(request)) return refuse(socket, 400)
    const room = rooms.get(pathOf(request))
    if (room) {
      const { door, upgrades: entrance } = room
      if (door.mayEnter && !door.mayEnter(request)) return refuse(socket, 403)
      if (room.inside >= door.maxSockets) return refuse(socket, 503)
      entrance.handleUpgrade(request, socket, head, (webSocket) => {
        room.inside++
        webSocket.once('close', () => room.inside--)
        door.add(webSocket, socket)
      })
      return
    }
    if (streams.size >= maxConnections) return refuse(socket, 503)
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = acceptWebSocket(webSocket, request)
      const { stream } = connection
      streams.add(stream)
      stream.once('close', () => streams.delete(stream))
      announce(connection, { connection: onConnection, error: onError })
    })
  })

  server.on('clientError', (error: Error & { code?: string }, socket) => {
    if (error.code === 'HPE_HEADER_OVERFLOW') refuse(socket, 431)
    else refuse(socket, error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400)
  })

  const wanted = formatTcpAddress({ host, port: options.port })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFailed(wanted, error)))
    server.listen({ host, port: options.port }, resolve)
  })
  server.removeAllListeners('error')
  server.on('error', onError)

  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : options.port
  // One can't go to "every address": this machine's own is among them.
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  let closing: Promise<void> | undefined

  return {
    url: `${tls ? 'https' : 'http'}://${formatTcpAddress({ host: shown, port })}`,
    port,
    close: () => {
      closing ??= (async () => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()))
        const ends = [...streams, ...sockets].map(streamClosed)
        for (const stream of streams) stream.destroy()
        for (const socket of sockets) socket.destroy()
        await Promise.all([closed, ...ends])
      })()
      return closing
    },
  }
}
