import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection, Transport, TransportHost } from '../../../src/adapters/transport/transport.js'
import { type WebRTCTransport, webRTC } from '../../../src/adapters/transport/web-rtc-transport.js'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../../src/always-on/index.js'
import { createNode } from '../../../src/index.js'
import { toHex } from '../../../src/protocol/bytes.js'
import { encodeIntroduction, introductionContext } from '../../../src/protocol/introduction.js'
import { decodeFromSignalling, encodeSignalling } from '../../../src/protocol/signalling.js'
import { transportContract } from '../../../src/testing/contracts/transport.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'
import { createWebRTCPair } from './pairs.js'

describe('the webRTC transport', () => {
  for (const { name, run } of transportContract(createWebRTCPair)) test(name, run)
})

const key = new Uint8Array(32).fill(7)
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const serve = async (port = 0): Promise<AlwaysOnNode> => {
  const node = await createAlwaysOnNode({ port })
  ends.push(node.close)
  return node
}

const createEars = () => {
  const connections: Connection[] = []
  const host: TransportHost = createTransportHost({
    connection: (connection) => {
      connection.stream.resume()
      connections.push(connection)
    },
  })
  const open = () => connections.filter(({ stream }) => !stream.destroyed)
  return { connections, open, host }
}

const start = async (transport: WebRTCTransport | Transport) => {
  const ears = createEars()
  ends.push(transport.stop)
  await transport.start(key, ears.host)
  return ears
}

const until = (check: () => unknown) => expect.poll(check, { timeout: 30_000, interval: 10 })

test('a reader by hyphalink has none, and is told what to do', async () => {
  const { seal: _, ...host } = createEars().host
  await expect(webRTC({ signalling: 'http://127.0.0.1:1' }).start(key, host)).rejects.toMatchObject({
    code: 'NO_CHANNEL',
    message: expect.stringContaining('webSocket(url)'),
  })
})

test('what is given instead of WebRTC has to be one', () => {
  const wrtc = { RTCPeerConnection: 1, RTCSessionDescription: 2, RTCIceCandidate: 3 }
  expect(() => webRTC({ signalling: 'http://127.0.0.1:1', wrtc })).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining('@roamhq/wrtc') }),
  )
})

test.each([
  [{ signalling: [] }, 'OPTION_INVALID'],
  [{ signalling: 'example.org' }, 'ADDRESS_INVALID'],
  [{ signalling: 'http://localhost', iceServers: [{ urls: 'http://example.org' }] }, 'OPTION_INVALID'],
  [{ signalling: 'http://localhost', iceServers: [{ urls: [] }] }, 'OPTION_INVALID'],
])('%j is refused', (options, code) => {
  expect(() => webRTC(options)).toThrow(expect.objectContaining({ code }))
})

test('a link says what it is', async () => {
  const { url } = await serve()
  const near = await start(webRTC({ signalling: url }))
  await start(webRTC({ signalling: url }))
  await until(() => near.connections.length).toBe(1)
  expect(near.connections[0]).toMatchObject({
    transport: 'webRTC',
    direction: 'incoming',
    address: expect.stringMatching(/^webRTC:[0-9a-f]{8}$/),
    confidential: true,
    local: false,
    relayed: false,
  })
})

test('two nodes that find each other at two places at once have one link', async () => {
  const [first, second] = [await serve(), await serve()]
  const a = await start(webRTC({ signalling: [first.url, second.url] }))
  const b = await start(webRTC({ signalling: [second.url, first.url] }))
  await until(() => [a.open().length, b.open().length]).toEqual([1, 1])
  // Each is in both rooms by now, as the others in them see.
  await until(() => [first.status().signalling, second.status().signalling]).toEqual([2, 2])
  expect([a.open().length, b.open().length]).toEqual([1, 1])
})

test('both offer at the same moment: one link comes of it', async () => {
  // Neither was first: one is the newcomer here, the other there.
  const [first, second] = [await serve(), await serve()]
  for (let round = 0; round < 5; round++) {
    const [one, two] = [
      webRTC({ signalling: [first.url, second.url] }),
      webRTC({ signalling: [second.url, first.url] }),
    ]
    const [a, b] = await Promise.all([start(one), start(two)])
    await until(() => [a.open().length, b.open().length]).toEqual([1, 1])
    const echo = new Promise((resolve) => b.open()[0]!.stream.once('data', resolve))
    a.open()[0]!.stream.write('hello')
    expect(String(await echo)).toBe('hello')
    await Promise.all([one.stop(), two.stop()])
  }
})

test('a link outlives its introduction, and nothing is doubled when the server is back', async () => {
  const server = await serve()
  const a = await start(webRTC({ signalling: server.url }))
  const b = await start(webRTC({ signalling: server.url }))
  await until(() => [a.open().length, b.open().length]).toEqual([1, 1])
  await server.close()
  const again = await serve(Number(new URL(server.url).port))
  await until(() => again.status().signalling).toBe(2)
  const echo = new Promise((resolve) => b.open()[0]!.stream.once('data', resolve))
  a.open()[0]!.stream.write('still here')
  expect(String(await echo)).toBe('still here')
  expect([a.connections.length, b.connections.length]).toEqual([1, 1])
  // A third finds both, so they are in their room.
  const c = await start(webRTC({ signalling: again.url }))
  await until(() => [a.open().length, b.open().length, c.open().length]).toEqual([2, 2, 2])
})

test('what a stranger in the room says is ignored, and counted', async () => {
  const { url } = await serve()
  const transport = webRTC({ signalling: url })
  const a = await start(transport)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/signalling`)
  const id = 'ee'.repeat(16)
  const members = await new Promise<readonly string[]>((resolve) => {
    socket.on('open', () => socket.send(encodeSignalling({ type: 'join', room: toHex(key), id })))
    socket.on('message', (bytes: Buffer) => {
      const message = decodeFromSignalling(bytes)
      if (message?.type === 'joined') resolve(message.members)
    })
  })
  const [to = ''] = members
  const say = (sealed: Uint8Array) => socket.send(encodeSignalling({ type: 'send', to, sealed }))
  const sealed = (counter: number, from = id, session = 'dd'.repeat(16)) => {
    const bytes = encodeIntroduction({ session, counter, introduction: { type: 'hello' } })
    return a.host.seal!.seal(bytes, introductionContext(key, from, to))
  }
  say(Buffer.from('not sealed'))
  await until(() => transport.ignored).toBe(1)
  // Sealed for others, as a server could pass on what it heard elsewhere.
  say(sealed(1, 'ff'.repeat(16)))
  await until(() => transport.ignored).toBe(2)
  // Heard twice, then older than what was heard.
  say(sealed(5))
  say(sealed(5))
  say(sealed(4))
  await until(() => transport.ignored).toBe(4)
  // Another session behind the same id.
  say(sealed(6, id, 'cc'.repeat(16)))
  await until(() => transport.ignored).toBe(5)
  expect(a.connections).toEqual([])
  socket.terminate()
})

test('an offer that leads nowhere ends, and the next node is met', async () => {
  const { url } = await serve()
  const transport = webRTC({ signalling: url })
  const a = await start(transport)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/signalling`)
  const id = 'ee'.repeat(16)
  socket.on('open', () => socket.send(encodeSignalling({ type: 'join', room: toHex(key), id })))
  socket.on('message', (bytes: Buffer) => {
    const message = decodeFromSignalling(bytes)
    if (message?.type !== 'joined') return
    const [to = ''] = message.members
    const signal = { type: 'offer', sdp: 'v=0 and nothing that follows from it' } as const
    const introduction = { type: 'signal', attempt: 'aa'.repeat(8), signal } as const
    const plaintext = encodeIntroduction({ session: 'dd'.repeat(16), counter: 1, introduction })
    const sealed = a.host.seal!.seal(plaintext, introductionContext(key, id, to))
    socket.send(encodeSignalling({ type: 'send', to, sealed }))
  })
  await start(webRTC({ signalling: url }))
  await until(() => a.open().length).toBe(1)
  socket.terminate()
})

test('two nodes of a person write to each other over it', async () => {
  const { url } = await serve()
  const laptop = createNode({ name: 'Laptop', transports: [webRTC({ signalling: url })] })
  const phone = createNode({ name: 'Phone', transports: [webRTC({ signalling: url })] })
  ends.push(laptop.close, phone.close)
  const { passphrase } = await laptop.signUp({ domain: 'ada.example' })
  laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
  const authorised = new Promise((resolve) => phone.on('authorised', resolve))
  await phone.signIn({ domain: 'ada.example', passphrase })
  await authorised
  await phone.put('greeting', 'hello')
  await until(() => laptop.get('greeting')).toBe('hello')
})
