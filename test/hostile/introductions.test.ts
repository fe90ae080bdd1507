import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import wrtc from '@roamhq/wrtc'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Connection, TransportHost } from '../../src/adapters/transport/transport.js'
import { type WebRTCTransport, webRTC } from '../../src/adapters/transport/web-rtc-transport.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { toHex } from '../../src/protocol/bytes.js'
import {
  decodeIntroduction,
  encodeIntroduction,
  type Heard,
  introductionContext,
  type PeerSignal,
} from '../../src/protocol/introduction.js'
import { WEB_RTC_OFFER_BURST } from '../../src/protocol/limits.js'
import {
  decodeFromSignalling,
  decodeToSignalling,
  encodeSignalling,
  type FromSignalling,
} from '../../src/protocol/signalling.js'
import { createTransportHost } from '../../src/testing/contracts/transport-host.js'

const key = new Uint8Array(32).fill(7)
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const until = (check: () => unknown) => expect.poll(check, { timeout: 30_000, interval: 10 })

type Passed = Extract<FromSignalling, { type: 'message' }> & { readonly to: string }

/** A signalling server that introduces as it should, and keeps all that passes to say it again. */
const serveRecorder = async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const members = new Map<string, WebSocket>()
  const passed: Passed[] = []
  const say = (to: string, message: FromSignalling) => members.get(to)?.send(encodeSignalling(message))
  server.on('connection', (socket) => {
    let id = ''
    socket.on('message', (bytes: Buffer) => {
      const message = decodeToSignalling(bytes)
      if (message?.type === 'join') {
        id = message.id
        socket.send(encodeSignalling({ type: 'joined', members: [...members.keys()] }))
        members.set(id, socket)
      } else if (message?.type === 'send') {
        const news = { type: 'message', from: id, sealed: message.sealed } as const
        passed.push({ ...news, to: message.to })
        say(message.to, news)
      }
    })
    socket.on('close', () => members.delete(id))
  })
  ends.push(async () => {
    for (const socket of members.values()) socket.terminate()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, members, passed, say }
}

const start = async (transport: WebRTCTransport) => {
  const connections: Connection[] = []
  const errors: Error[] = []
  const host = createTransportHost({
    connection: (connection) => {
      connection.stream.resume()
      connections.push(connection)
    },
    error: (error) => void errors.push(error),
  })
  ends.push(transport.stop)
  await transport.start(key, host)
  return {
    transport,
    host,
    connections,
    errors,
    open: () => connections.filter(({ stream }) => !stream.destroyed),
  }
}

test('a server that says a node has left, and repeats what it said, moves nobody and cuts no link', async () => {
  const server = await serveRecorder()
  const a = await start(webRTC({ signalling: server.url }))
  await until(() => server.members.size).toBe(1)
  const [first = ''] = server.members.keys()
  const b = await start(webRTC({ signalling: server.url }))
  await until(() => [a.open().length, b.open().length]).toEqual([1, 1])
  const [link] = a.open()
  // Each end in turn: whoever was offered to has the offer.
  const heard = [...server.passed]
  for (const { from, to } of heard) server.say(to, { type: 'went', id: from })
  for (const { to, ...message } of heard) server.say(to, message)
  const before = a.transport.ignored + b.transport.ignored
  server.say(first, { type: 'message', from: 'ee'.repeat(16), sealed: Buffer.from('the last') })
  await until(() => a.transport.ignored + b.transport.ignored).toBe(before + heard.length + 1)
  const echo = new Promise((resolve) => b.open()[0]?.stream.once('data', resolve))
  link?.stream.write('still here')
  expect(String(await echo)).toBe('still here')
  expect([a.connections.length, b.connections.length]).toEqual([1, 1])
})

/** One with the person's key, at a signalling server: it says what it wants to who comes. */
const insider = async (url: string, host: TransportHost, signals: readonly PeerSignal[]) => {
  const id = 'ee'.repeat(16)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/signalling`)
  ends.push(async () => socket.terminate())
  await once(socket, 'open')
  let counter = 0
  const tell = (to: string) => {
    for (const signal of signals) {
      const introduction = {
        type: 'signal',
        attempt: toHex(Uint8Array.of(...new Array(7).fill(1), ++counter)),
        signal,
      } as const
      const bytes = encodeIntroduction({ session: 'dd'.repeat(16), counter, introduction })
      const sealed = host.seal?.seal(bytes, introductionContext(key, id, to)) ?? bytes
      socket.send(encodeSignalling({ type: 'send', to, sealed }))
    }
  }
  /** What is said to it. */
  const said: Heard['introduction'][] = []
  socket.on('message', (bytes: Buffer) => {
    const message = decodeFromSignalling(bytes)
    if (message?.type === 'joined') message.members.forEach(tell)
    if (message?.type !== 'message') return
    const opened = host.seal?.open(message.sealed, introductionContext(key, message.from, id))
    const heard = opened && decodeIntroduction(opened)
    if (heard) said.push(heard.introduction)
  })
  socket.send(encodeSignalling({ type: 'join', room: toHex(key), id }))
  return said
}

const honest = [
  'v=0',
  'o=- 5481065643702231877 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:cXnh',
  'a=ice-pwd:RgiJi1mRQ5xZyDVPTnEn1TpV',
  `a=fingerprint:sha-256 ${new Array(32).fill('AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
]

test('an offer of more than a data channel is not taken, and the next node is met', async () => {
  const server = await createAlwaysOnNode({ port: 0 })
  ends.push(server.close)
  const a = await start(webRTC({ signalling: server.url }))
  await until(() => server.status().signalling).toBe(1)
  const offers = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1'].map(
    (more): PeerSignal => ({ type: 'offer', sdp: `${[...honest, more].join('\r\n')}\r\n` }),
  )
  const said = await insider(server.url, a.host, offers)
  // Each was answered, and a person hears of the first: none of them connects anything.
  await until(() => said.filter(({ type }) => type === 'failed').length).toBe(offers.length)
  expect(a.errors.map(({ message }) => message)).toEqual([
    expect.stringContaining("this end can't use the WebRTC description that the other end sent"),
  ])
  expect(a.errors).toMatchObject([{ code: 'DIRECT_LINK_REFUSED' }])
  const b = await start(webRTC({ signalling: server.url }))
  await until(() => [a.open().length, b.open().length]).toEqual([1, 1])
})

test('offers without end are taken now and then', async () => {
  const server = await createAlwaysOnNode({ port: 0 })
  ends.push(server.close)
  let count = 0
  class Counted extends wrtc.RTCPeerConnection {
    constructor(...given: ConstructorParameters<typeof wrtc.RTCPeerConnection>) {
      super(...given)
      count++
    }
  }
  const a = await start(webRTC({ signalling: server.url, wrtc: { ...wrtc, RTCPeerConnection: Counted } }))
  await until(() => server.status().signalling).toBe(1)
  const sdp = `${honest.join('\r\n')}\r\n`
  await insider(server.url, a.host, new Array<PeerSignal>(200).fill({ type: 'offer', sdp }))
  const b = await start(webRTC({ signalling: server.url }))
  await until(() => [a.open().length, b.open().length]).toEqual([1, 1])
  expect(count).toBeGreaterThan(WEB_RTC_OFFER_BURST)
  expect(count).toBeLessThan(3 * WEB_RTC_OFFER_BURST)
})
