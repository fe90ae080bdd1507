import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { listenFailed } from '../adapters/transport/listen-failed.js'
import { streamClosed } from '../adapters/transport/stream-closed.js'
import { formatTcpAddress } from '../adapters/transport/tcp-address.js'
import { HyphaError } from '../protocol/errors.js'
import type { Hosts } from './hosts.js'
import { watchSockets } from './http-sockets.js'
import {
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_IDLE_MS,
  HTTP_KEEP_ALIVE_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  MAX_HTTP_HEADER_BYTES,
  MAX_HTTP_HEADERS,
} from './limits.js'
import { refuse } from './refuse.js'
import { SECURITY_HEADERS } from './security-headers.js'
import { createEntrance, createRooms, type Door, type EntranceOptions } from './upgrades.js'

export interface HttpServerOptions extends EntranceOptions {
  /** 0 is any free port. */
  readonly port: number
  readonly host: string
  /** PEM. With it the server speaks https and wss only. */
  readonly tls?: { readonly key: string | Uint8Array; readonly cert: string | Uint8Array }
  /** Answers a request whose URL is well-formed. What it throws or rejects with becomes a 500. */
  routes(request: IncomingMessage, response: ServerResponse): void | Promise<void>
  /** Requests by other names are refused with 421. It answers for every name unless given. */
  readonly hosts?: Pick<Hosts, 'answersFor'>
  /** Paths whose WebSockets are no peers. */
  readonly doors?: readonly Door[]
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

const SENTENCES = {
  400: 'This request is malformed.\n',
  421: 'This server does not answer for the name that it was called by. Whoever runs it can add the name, as in: hypha always-on --host hypha.example\n',
  500: 'Something went wrong here.\n',
} as const

const answerError = (response: ServerResponse, status: keyof typeof SENTENCES): void => {
  if (response.headersSent || response.destroyed) return void response.destroy()
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    Connection: 'close',
  })
  response.end(SENTENCES[status])
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
  const { host, tls, routes, hosts, onError = () => {}, doors = [] } = options
  const server = createServer(tls)
  server.maxHeadersCount = MAX_HTTP_HEADERS
  // An upgraded socket is none of HTTP's business any more: ws lifts this.
  server.timeout = HTTP_IDLE_MS
  const { sockets, asks, leaves } = watchSockets(server)
  const { streams, take } = createEntrance(options)
  const takeIntoRoom = createRooms(doors)
  const faultOf = (request: IncomingMessage): 400 | 421 | undefined => {
    if (!isWellFormed(request) || !hasHost(request)) return 400
    return hosts && !hosts.answersFor(request) ? 421 : undefined
  }

  server.on('request', (request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    asks(request, response)
    const fault = faultOf(request)
    if (fault) return answerError(response, fault)
    const answer = async () => routes(request, response)
    answer().catch((error: unknown) => {
      onError(error instanceof Error ? error : new Error(String(error)))
      answerError(response, 500)
    })
  })

  server.on('checkExpectation', ({ socket }) => refuse(socket, 417))

  server.on('upgrade', (request, socket, head) => {
    leaves(request)
    const fault = faultOf(request)
    if (fault) refuse(socket, fault)
    else if (!takeIntoRoom(request, socket, head)) take(request, socket, head)
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
