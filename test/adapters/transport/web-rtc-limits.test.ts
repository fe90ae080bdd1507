import { EventEmitter, once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { TransportHost } from '../../../src/adapters/transport/transport.js'
import { createAttempt } from '../../../src/adapters/transport/web-rtc-peer.js'
import { webRTC } from '../../../src/adapters/transport/web-rtc-transport.js'
import {
  decodeIntroduction,
  encodeIntroduction,
  type Heard,
  type Introduction,
  introductionContext,
} from '../../../src/protocol/introduction.js'
import { MAX_WEB_RTC_PEERS, WEB_RTC_TIMEOUT_MS } from '../../../src/protocol/limits.js'
import { decodeToSignalling, encodeSignalling } from '../../../src/protocol/signalling.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'

const key = new Uint8Array(32).fill(7)
const host = createTransportHost({ connection: () => {} })
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const end of ends.splice(0).reverse()) await end()
})

/** As simple-peer, to which nobody answers. */
const lonelyPeer = () => {
  const peer = Object.assign(new EventEmitter(), {
    isDestroyed: false,
    signal: () => {},
    read: () => null,
    send: () => {},
    destroy: () => {
      peer.isDestroyed = true
      peer.emit('close')
    },
  })
  return peer
}

test('an attempt that connects with nobody ends in time, and not before', async () => {
  vi.useFakeTimers()
  const peer = lonelyPeer()
  const attempt = createAttempt({
    platform: { createPeer: () => peer },
    initiator: true,
    iceServers: [],
    onSignal: () => {},
  })
  const failed = attempt.connected.catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(WEB_RTC_TIMEOUT_MS - 1)
  expect(peer.isDestroyed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(peer.isDestroyed).toBe(true)
  expect(await failed).toMatchObject({ message: expect.stringContaining('in time') })
})

/** A signalling service in whose rooms are whoever a test says. */
const serveRooms = async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  ends.push(async () => {
    for (const client of server.clients) client.terminate()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  const port = typeof address === 'object' && address?.port
  /** Who hears what is sent to an id. */
  const ears = new Map<string, (introduction: Heard['introduction'] | undefined) => void>()

  const enter = async (): Promise<{ socket: WebSocket; id: string }> => {
    const [socket]: WebSocket[] = await once(server, 'connection')
    return new Promise((resolve) =>
      socket!.on('message', (bytes: Buffer) => {
        const message = decodeToSignalling(bytes)
        if (message?.type === 'join') {
          const { id } = message
          socket!.send(encodeSignalling({ type: 'joined', members: [] }), () =>
            resolve({ socket: socket!, id }),
          )
        } else if (message?.type === 'send') {
          // Sealed for show, with the context before it.
          const at = Buffer.from(message.sealed).indexOf('{"v"')
          ears.get(message.to)?.(decodeIntroduction(message.sealed.subarray(at))?.introduction)
        }
      }),
    )
  }
  return { url: `http://127.0.0.1:${port}`, ears, enter }
}

test('a node meets so many others over WebRTC, in all rooms together, and no more', async () => {
  const rooms = [await serveRooms(), await serveRooms()]
  const dialled = new Set<string>()
  const onlyRooms: TransportHost = {
    ...host,
    dial: (target) => {
      if (!target.address.startsWith('webRTC:')) return host.dial(target)
      dialled.add(target.address)
      return { retry: () => {}, stop: async () => void dialled.delete(target.address) }
    },
  }
  const transport = webRTC({ signalling: rooms.map(({ url }) => url) })
  const entering = rooms.map(({ enter }) => enter())
  await transport.start(key, onlyRooms)
  ends.push(transport.stop)
  const entered = await Promise.all(entering)

  let counter = 0
  /** Of the many, every second is in the other room. */
  const other = (number: number) => {
    const session = number.toString(16).padStart(8, '0').padEnd(32, '0')
    const id = session
    const { socket, id: to } = entered[number % 2]!
    const { ears } = rooms[number % 2]!
    const say = (introduction: Introduction) => {
      const bytes = encodeIntroduction({ session, counter: ++counter, introduction })
      const sealed = host.seal!.seal(bytes, introductionContext(key, id, to))
      socket.send(encodeSignalling({ type: 'message', from: id, sealed }))
    }
    /** A node that was there: it says welcome to who came, and has been heard when it is answered. */
    const welcome = () =>
      new Promise<void>((resolve) => {
        ears.set(id, (introduction) => introduction?.type === 'welcome' && resolve())
        say({ type: 'welcome' })
        say({ type: 'hello' })
      })
    const leave = () => socket.send(encodeSignalling({ type: 'went', id }))
    return { address: `webRTC:${session.slice(0, 8)}`, welcome, leave }
  }
  const others = Array.from({ length: MAX_WEB_RTC_PEERS }, (_, number) => other(number))
  for (const { welcome } of others) await welcome()
  expect(dialled.size).toBe(MAX_WEB_RTC_PEERS)

  const late = other(MAX_WEB_RTC_PEERS)
  await late.welcome()
  expect(dialled.size).toBe(MAX_WEB_RTC_PEERS)
  expect(dialled.has(late.address)).toBe(false)

  // One goes, and there is room for one.
  others[0]!.leave()
  await late.welcome()
  expect(dialled.has(others[0]!.address)).toBe(false)
  expect(dialled.has(late.address)).toBe(true)
  expect(dialled.size).toBe(MAX_WEB_RTC_PEERS)
})
