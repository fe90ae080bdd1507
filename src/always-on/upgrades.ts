import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { acceptWebSocket } from '../adapters/transport/accept-web-socket.js'
import { announce } from '../adapters/transport/announce.js'
import { sourceOf } from '../adapters/transport/request-source.js'
import type { Connection } from '../adapters/transport/transport.js'
import { WebSocketServer } from '../adapters/ws.js'
import { MAX_WEB_SOCKET_FRAGMENTS, MAX_WEB_SOCKET_MESSAGE_BYTES } from '../protocol/limits.js'
import { createShares, hasFairRoom } from '../protocol/shares.js'
import { refuse } from './refuse.js'

export interface EntranceOptions {
  /** A peer came by WebSocket. Who is told owns the connection. */
  onConnection(connection: Connection): void
  /** What the server could not do; it goes on. */
  onError?(error: Error): void
  /**
   * Peers at a time. One more takes the place of one of an address that has more of them, and is refused with 503 when there
   * is no such address.
   */
  readonly maxConnections: number
  /** Whether a peer keeps its connection whoever comes. */
  isSpared?(connection: Connection): boolean
}

/** Takes the WebSockets of one path, counted for themselves: neither they nor peers crowd out the other. */
export interface Door {
  /** `/signalling`, without a final slash. */
  readonly path: string
  readonly maxSockets: number
  readonly maxMessageBytes: number
  /** Who may not is refused with 403. Everybody may unless given. */
  mayEnter?(request: IncomingMessage): boolean
  /** Asked when there is no room: whether it has made some. One more is refused with 503 unless given. */
  makeRoom?(source: string): boolean
  /** @param raw what the socket's bytes come over @param source which address it counts for */
  add(socket: WebSocket, raw: Duplex, source: string): void
}

const pathOf = ({ url = '/' }: IncomingMessage): string =>
  (url.split('?', 1)[0] ?? '').replace(/(.)\/$/, '$1')

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

/** Peers by WebSocket: as many as there may be, and each address its share of them when there are as many. */
export const createEntrance = (options: EntranceOptions) => {
  const { onConnection, onError = () => {}, maxConnections, isSpared } = options
  const upgrades = takeUpgrades(MAX_WEB_SOCKET_MESSAGE_BYTES)
  const peers = createShares<Connection>()
  const streams = new Set<Duplex>()

  const hasRoom = (source: string) =>
    hasFairRoom(peers, { max: maxConnections, source, isSpared, end: ({ stream }) => stream.destroy() })
  return {
    streams,
    take: (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const source = sourceOf(request)
      if (!hasRoom(source)) return refuse(socket, 503)
      upgrades.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = acceptWebSocket(webSocket, request)
        const { stream } = connection
        streams.add(stream)
        peers.add(connection, source)
        stream.once('close', () => {
          streams.delete(stream)
          peers.delete(connection)
        })
        announce(connection, { connection: onConnection, error: onError })
      })
    },
  }
}

/** The WebSockets of doors, each of which has its own path. */
export const createRooms = (doors: readonly Door[]) => {
  const rooms = new Map(
    doors.map((door) => [door.path, { door, upgrades: takeUpgrades(door.maxMessageBytes), inside: 0 }]),
  )
  /** Whether it was for one of them. */
  return (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    const room = rooms.get(pathOf(request))
    if (!room) return false
    const { door, upgrades } = room
    const source = sourceOf(request)
    if (door.mayEnter && !door.mayEnter(request)) refuse(socket, 403)
    else if (room.inside >= door.maxSockets && !door.makeRoom?.(source)) refuse(socket, 503)
    else
      upgrades.handleUpgrade(request, socket, head, (webSocket) => {
        room.inside++
        webSocket.once('close', () => room.inside--)
        door.add(webSocket, socket, source)
      })
    return true
  }
}
