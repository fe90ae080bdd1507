import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { MAX_WEB_SOCKET_MESSAGE_BYTES } from '../../src/protocol/limits.js'

/** More than this on its way to one end, and the other end waits. */
const HIGH_WATER_BYTES = 256 * 1024

/**
 * A page can't listen, so this does for it: what is dialled at one port is joined with a WebSocket that the page opens to
 * another, both ways, with backpressure. Two ports, as a browser opens one WebSocket at a time to each.
 */
export interface WebSocketRoad {
  /** Where a transport dials. Refused while nobody listens. */
  readonly url: string
  /**
   * Where the page listens: at `/listen` it hears an id for each that has dialled, and opens `/<id>`. It may say `hold` and
   * `release`, heard back when done: bytes from those that dialled wait meanwhile.
   */
  readonly listenUrl: string
  close(): Promise<void>
}

interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

interface Listening {
  readonly control: WebSocket
  readonly waiting: Map<string, WebSocket>
}

const refuse = ({ socket }: Upgrade): void =>
  void socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')

const listen = async (onUpgrade: (upgrade: Upgrade) => void) => {
  const server = createServer((_request, response) => void response.writeHead(404).end())
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {})
    onUpgrade({ request, socket, head })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

export const createWebSocketRoad = async (): Promise<WebSocketRoad> => {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: MAX_WEB_SOCKET_MESSAGE_BYTES,
  })
  const dialled = new Set<WebSocket>()
  let isHeld = false
  let listening: Listening | undefined
  let count = 0

  const accept = ({ request, socket, head }: Upgrade): Promise<WebSocket> =>
    new Promise((resolve) => sockets.handleUpgrade(request, socket, head, resolve))

  const pipe = (from: WebSocket, to: WebSocket) => {
    from.on('message', (bytes, isBinary) => {
      if (to.readyState !== to.OPEN) return
      to.send(bytes, { binary: isBinary }, () => {
        if (to.bufferedAmount <= HIGH_WATER_BYTES && !(isHeld && dialled.has(from))) from.resume()
      })
      if (to.bufferedAmount > HIGH_WATER_BYTES) from.pause()
    })
    from.on('error', () => {})
    from.on('close', () => {
      dialled.delete(from)
      // Its end is read too, which waits behind whatever else it sent. Held, it waits on: a peer that goes without having read.
      if (!(isHeld && dialled.has(to))) to.resume()
      to.close(1000)
    })
  }

  const setHeld = (held: boolean): void => {
    isHeld = held
    for (const socket of dialled) held ? socket.pause() : socket.resume()
  }

  // Joined later: a browser dials each address once at a time, and holds back a page that dials much at once.
  const onDialled = async (upgrade: Upgrade) => {
    if (!listening) return refuse(upgrade)
    const { control, waiting } = listening
    const socket = await accept(upgrade)
    socket.pause()
    const id = String(++count)
    waiting.set(id, socket)
    control.send(id)
  }

  const onListen = async (upgrade: Upgrade) => {
    const control = await accept(upgrade)
    const mine: Listening = { control, waiting: new Map() }
    listening = mine
    control.on('error', () => {})
    control.on('message', (said) => {
      setHeld(String(said) === 'hold')
      control.send(String(said))
    })
    control.on('close', () => {
      if (listening === mine) listening = undefined
      setHeld(false)
      for (const socket of mine.waiting.values()) socket.terminate()
    })
  }

  const onAnswer = async (upgrade: Upgrade, id: string) => {
    const from = listening?.waiting.get(id)
    if (!from) return refuse(upgrade)
    listening?.waiting.delete(id)
    const to = await accept(upgrade)
    dialled.add(from)
    pipe(from, to)
    pipe(to, from)
    if (!isHeld) from.resume()
  }

  const entrance = await listen((upgrade) => void onDialled(upgrade))
  const back = await listen((upgrade) => {
    const path = upgrade.request.url ?? '/'
    void (path === '/listen' ? onListen(upgrade) : onAnswer(upgrade, path.slice(1)))
  })
  return {
    url: `http://127.0.0.1:${entrance.port}`,
    listenUrl: `ws://127.0.0.1:${back.port}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      await Promise.all([entrance.close(), back.close()])
    },
  }
}
