import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { createTokenBucket } from '../../protocol/rate-limit.js'
import { createFeed, type Source } from './feed.js'
import {
  INSPECTOR_BYTE_BURST,
  INSPECTOR_BYTES_PER_SECOND,
  INSPECTOR_HEARTBEAT_MS,
  INSPECTOR_HELLO_TIMEOUT_MS,
  INSPECTOR_MESSAGE_BURST,
  INSPECTOR_MESSAGES_PER_SECOND,
  MAX_INSPECTOR_PUBLISHERS,
  MAX_INSPECTOR_UNKNOWN,
  MAX_INSPECTOR_UNKNOWN_BYTES,
  MAX_INSPECTOR_VIEWERS,
} from './limits.js'
import { createShelf, type Shelf, type ShelfOptions } from './shelf.js'
import { createViewing } from './viewing.js'
import { type Hello, type HubMessage, parseHello, parseHubMessage, randomToken } from './wire.js'

export interface InspectorHub {
  /** What viewers and publishers have to say: 128 random bits, base64url. */
  readonly token: string
  /** Takes a WebSocket that has opened, in the same tick, and what its bytes come over. */
  add(socket: WebSocket, raw: Duplex): void
  /** A node of this process. @returns what ends it; what was recorded stays */
  publish(inspection: Source): () => void
  /** What speaks for nodes elsewhere: takes messages in, as a publisher's socket does. @returns false for what is refused */
  attach(): { take(message: HubMessage): boolean; end(): void }
  /** Ends every connection that it took. */
  close(): void
}

export interface InspectorHubOptions extends ShelfOptions {
  /** A random one unless given. */
  readonly token?: string
  /** Other ones, for tests. */
  readonly helloTimeoutMs?: number
  readonly heartbeatMs?: number
}

/** Takes as long for every text, as far as the engine lets us. */
const isSame = (given: string, token: string): boolean => {
  let difference = given.length ^ token.length
  for (let i = 0; i < token.length; i++) difference |= given.charCodeAt(i) ^ token.charCodeAt(i)
  return difference === 0
}

const GOODBYE_MS = 1_000

/** See HUB_CLOSE. */
const MALFORMED = 4400
const WRONG_TOKEN = 4401
const TOO_LATE = 4408
const TAKEN = 4409
const NO_ROOM = 4429

/**
 * Where recordings of nodes come in, and go out to who looks on. Whoever sends what it should not loses its own connection.
 * Nothing of it listens: `add` takes sockets that somebody accepted.
 */
export const createInspectorHub = (options: InspectorHubOptions = {}): InspectorHub => {
  const {
    token = randomToken(),
    helloTimeoutMs = INSPECTOR_HELLO_TIMEOUT_MS,
    heartbeatMs = INSPECTOR_HEARTBEAT_MS,
  } = options
  const shelf: Shelf = createShelf(options)
  const viewing = createViewing(shelf)
  /** By whether they have been heard of since the last look. */
  const sockets = new Map<WebSocket, { isAlive: boolean }>()
  /** Those that have not said hello, the oldest first. */
  const unknown = new Set<WebSocket>()
  const publishers = new Map<string, WebSocket>()
  const sources = new Set<() => void>()
  let isClosed = false

  const refuse = (socket: WebSocket, code: number): void => {
    if (socket.readyState !== socket.OPEN) return
    socket.close(code)
    // Who doesn't answer the goodbye is not waited for.
    const timer = setTimeout(() => socket.terminate(), GOODBYE_MS)
    timer.unref()
    socket.once('close', () => clearTimeout(timer))
  }

  const beginPublishing = (socket: WebSocket, publisher: string): void => {
    const before = publishers.get(publisher)
    if (!before && publishers.size >= MAX_INSPECTOR_PUBLISHERS) return void refuse(socket, NO_ROOM)
    // It came back before its last connection was known to be broken.
    before?.terminate()
    publishers.set(publisher, socket)
    const owner = shelf.owner(publisher)
    const messages = createTokenBucket({
      rate: INSPECTOR_MESSAGES_PER_SECOND,
      burst: INSPECTOR_MESSAGE_BURST,
    })
    const bytes = createTokenBucket({ rate: INSPECTOR_BYTES_PER_SECOND, burst: INSPECTOR_BYTE_BURST })
    socket.once('close', () => {
      if (publishers.get(publisher) !== socket) return
      publishers.delete(publisher)
      owner.end()
    })
    socket.on('message', (data: Buffer) => {
      if (socket.readyState !== socket.OPEN || publishers.get(publisher) !== socket) return
      const now = performance.now()
      if (!messages.take(now) || !bytes.take(now, data.length)) return void refuse(socket, NO_ROOM)
      const message = parseHubMessage(data)
      if (!message) return void refuse(socket, MALFORMED)
      const answer = owner.take(message)
      if (answer === 'unknown') refuse(socket, MALFORMED)
      else if (answer === 'taken') refuse(socket, TAKEN)
      else if (answer === 'full') refuse(socket, NO_ROOM)
    })
  }

  const begin = (socket: WebSocket, hello: Hello): void => {
    if (hello.role === 'publisher') return void beginPublishing(socket, hello.publisher)
    if (viewing.size >= MAX_INSPECTOR_VIEWERS) return void refuse(socket, NO_ROOM)
    const viewer = viewing.add(socket)
    socket.once('close', viewer.end)
    // A viewer has nothing to say.
    socket.on('message', () => refuse(socket, MALFORMED))
  }

  const heartbeat = setInterval(() => {
    for (const [socket, state] of sockets) {
      if (!state.isAlive) {
        socket.terminate()
        continue
      }
      state.isAlive = false
      if (socket.readyState === socket.OPEN) socket.ping()
    }
  }, heartbeatMs)
  heartbeat.unref()

  return {
    token,
    add: (socket, raw) => {
      socket.on('error', () => socket.terminate())
      if (isClosed) return socket.terminate()
      const state = { isAlive: true }
      sockets.set(socket, state)
      unknown.add(socket)
      const [oldest] = unknown
      if (unknown.size > MAX_INSPECTOR_UNKNOWN) oldest?.terminate()

      const late = setTimeout(() => refuse(socket, TOO_LATE), helloTimeoutMs)
      late.unref()
      let received = 0
      // Strangers are not given the memory that a publisher's message takes. What comes together with a hello is not counted.
      const count = (chunk: Buffer) => {
        if (received > MAX_INSPECTOR_UNKNOWN_BYTES) socket.terminate()
        received += chunk.length
      }
      raw.on('data', count)
      const known = () => {
        clearTimeout(late)
        raw.off('data', count)
        unknown.delete(socket)
      }
      socket.once('close', () => {
        known()
        sockets.delete(socket)
      })
      const alive = () => {
        state.isAlive = true
      }
      socket.on('pong', alive).on('message', alive)
      socket.once('message', (data: Buffer) => {
        if (socket.readyState !== socket.OPEN) return
        const hello = parseHello(data)
        if (!hello) return refuse(socket, MALFORMED)
        if (!isSame(hello.token, token)) return refuse(socket, WRONG_TOKEN)
        known()
        begin(socket, hello)
      })
    },
    publish: (inspection) => {
      const owner = shelf.owner(randomToken())
      const drain = () => {
        for (let message = feed.next(); message; message = feed.next()) owner.take(message)
      }
      const feed = createFeed(inspection, drain)
      drain()
      const stop = () => {
        sources.delete(stop)
        feed.close()
        owner.end()
      }
      sources.add(stop)
      return stop
    },
    attach: () => {
      const owner = shelf.owner(randomToken())
      return { take: (message) => owner.take(message) === 'taken-in', end: owner.end }
    },
    close: () => {
      isClosed = true
      clearInterval(heartbeat)
      for (const stop of [...sources]) stop()
      for (const socket of sockets.keys()) socket.terminate()
    },
  }
}
