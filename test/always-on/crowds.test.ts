import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { streamClosed } from '../../src/adapters/transport/stream-closed.js'
import { tcp } from '../../src/adapters/transport/tcp-transport.js'
import { webSocket } from '../../src/adapters/transport/web-socket-transport.js'
import { MAX_HTTP_CONNECTIONS, MAX_HTTP_REQUESTS } from '../../src/always-on/limits.js'
import { createNode } from '../../src/node.js'
import { HOST } from '../../src/protocol/extensions.js'
import { encodeHostMessage } from '../../src/protocol/host-message.js'
import { discoveryKeyOf, parseHyphalink } from '../../src/protocol/hyphalink.js'
import {
  MAX_CONNECTIONS_PER_HYPHA,
  MAX_STRANGER_NOISE,
  MAX_UNDECIDED_CONNECTIONS,
  STRANGER_FRAME_BURST,
} from '../../src/protocol/limits.js'
import { arrived, reached, until as untilNode } from '../node/until.js'
import { atEnd, dial, fromElsewhere, newPerson, openClient, type Person, start, until } from './world.js'

const crypto = await createCrypto()

/** Somebody who has the hyphalink, and nothing else. */
const thief = (hyphalink: string): Person => {
  const bytes = parseHyphalink(hyphalink)
  return {
    ...newPerson(),
    hyphalink: bytes,
    link: hyphalink,
    discoveryKey: discoveryKeyOf(bytes, crypto.hash),
  }
}

test.each([
  'webSocket',
  'tcp',
] as const)('Mallory has Alice’s hyphalink and comes with more links than fit over %s: her devices stay, and her phone gets in', async (road) => {
  const server = await start()
  const transport = () =>
    road === 'tcp' ? tcp({ connect: [`127.0.0.1:${server.tcpPort}`] }) : webSocket(server.url)
  const laptop = createNode({ name: 'Laptop', transports: [transport()] })
  atEnd(() => laptop.close())
  const { passphrase, hyphalink } = await laptop.signUp({ domain: 'alice.example' })
  await laptop.put('notes/1', 'hello')
  await untilNode(laptop, () => laptop.getSnapshot().peers.length === 1)
  const left: string[] = []
  laptop.on('peer-disconnected', ({ address }) => left.push(address))
  laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))

  const mallory = await openClient(thief(hyphalink), { isStranger: true })
  const come = async (count: number) => {
    for (let i = 0; i < count; i++) await mallory.connect(server, road)
  }
  await come(MAX_CONNECTIONS_PER_HYPHA + 6)
  expect(server.status().connections).toBeLessThanOrEqual(MAX_CONNECTIONS_PER_HYPHA)
  const phone = createNode({ name: 'Phone', transports: [transport()] })
  atEnd(() => phone.close())
  phone.on('peer-disconnected', ({ address }) => left.push(address))
  await phone.signIn({ domain: 'alice.example', passphrase })
  expect(await arrived(phone, 'notes/1')).toBe('hello')
  await come(MAX_CONNECTIONS_PER_HYPHA + 6)
  await reached(phone, 'writer')
  await phone.put('notes/2', 'from the phone')
  expect(await arrived(laptop, 'notes/2')).toBe('from the phone')
  expect(left).toEqual([])
})

test('readers without the passphrase share what room there is by address, and who makes room is of the address that has most', async () => {
  const alice = newPerson()
  const server = await start({ hyphas: [alice.link] })
  const reader = await openClient(alice, { isStranger: true })
  const elsewhere = async (address: string) =>
    reader.connect(server, await fromElsewhere(server.url, address))
  const bob = await elsewhere('198.51.100.1')
  const crowd = []
  for (let i = 0; i < MAX_CONNECTIONS_PER_HYPHA + 10; i++) crowd.push(await elsewhere('203.0.113.7'))
  const carol = await elsewhere('198.51.100.2')
  expect([bob, carol].map(({ connection }) => connection.stream.closed)).toEqual([false, false])
  expect(crowd.filter(({ connection }) => connection.stream.closed).length).toBeGreaterThanOrEqual(11)
})

test('a proof for another hypha, or of another connection, ends that connection and is told', async () => {
  const alice = newPerson()
  const server = await start({ hyphas: [alice.link] })
  for (const proof of [newPerson().prove(randomBytes(32)), alice.prove(randomBytes(32))]) {
    const { connection, replication } = await (await openClient(alice, { isStranger: true })).connect(server)
    replication.send(HOST, encodeHostMessage({ type: 'proof', ...proof }))
    await streamClosed(connection.stream)
  }
  await until(() => server.errors.length === 2)
  expect(server.errors).toMatchObject([{ code: 'PEER_MISBEHAVED' }, { code: 'PEER_MISBEHAVED' }])
})

test('noise of a stranger is passed on for a moment, then dropped, then its connection is closed, and that is told', async () => {
  const alice = newPerson()
  const server = await start({ hyphas: [alice.link] })
  const phone = await (await openClient(alice)).connect(server)
  const laptop = await (await openClient(alice)).connect(server)
  const stranger = await (await openClient(alice, { isStranger: true })).connect(server)
  for (let i = 0; i < STRANGER_FRAME_BURST + MAX_STRANGER_NOISE + 50; i++) stranger.send(randomBytes(100))
  await streamClosed(stranger.connection.stream)
  await until(() => server.errors.length === 1)
  expect(server.errors[0]).toMatchObject({ code: 'PEER_MISBEHAVED' })
  expect(server.errors[0]!.message).not.toContain(alice.link)
  // Her own devices may send as much, behind it in the same order.
  for (let i = 0; i < STRANGER_FRAME_BURST + MAX_STRANGER_NOISE + 50; i++) laptop.send(randomBytes(101))
  const heard = (length: number) => phone.frames.filter(({ bytes }) => bytes.length === length).length
  await until(() => heard(101) === STRANGER_FRAME_BURST + MAX_STRANGER_NOISE + 50)
  expect(heard(100)).toBeLessThanOrEqual(STRANGER_FRAME_BURST + 2)
  expect(server.errors).toHaveLength(1)
})

test('strangers are not counted among those who are there', async () => {
  const alice = newPerson()
  const server = await start({ hyphas: [alice.link] })
  const phone = await (await openClient(alice)).connect(server)
  for (let i = 0; i < 3; i++) await (await openClient(alice, { isStranger: true })).connect(server)
  const laptop = await (await openClient(alice)).connect(server)
  await until(() => phone.peers() === 1 && laptop.peers() === 1)
  expect(Math.max(...phone.told, ...laptop.told)).toBe(1)
})

const isServed = async (url: string) => expect((await fetch(`${url}/health`)).status).toBe(200)

const idle = async (port: number, count: number, first = ''): Promise<Socket[]> => {
  const sockets: Socket[] = []
  for (let i = 0; i < count; i += 100) {
    sockets.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(100, count - i) }, async () => {
          const socket = connect(port, '127.0.0.1')
          socket.on('error', () => {})
          await once(socket, 'connect')
          if (first !== '') socket.write(first)
          return socket
        }),
      )),
    )
  }
  atEnd(async () => {
    for (const socket of sockets) socket.destroy()
  })
  return sockets
}

test.each([
  ['that say nothing', ''],
  ['that begin a request', 'GET / HTTP/1.1\r\nHost: localhost\r\n'],
])('two thousand sockets of one address %s: pages are served, and peers come in', async (_what, first) => {
  const alice = newPerson()
  const server = await start({ hyphas: [alice.link] })
  const before = await (await openClient(alice)).connect(server)
  const sockets = await idle(Number(new URL(server.url).port), 2_000, first)
  await isServed(server.url)
  await (await openClient(alice)).connect(server)
  expect(before.connection.stream.closed).toBe(false)
  await until(() => sockets.filter(({ destroyed }) => !destroyed).length <= MAX_HTTP_CONNECTIONS)
  await isServed(server.url)
})

test('who asks for much and takes nothing makes room for others', async () => {
  const server = await start()
  const { port } = new URL(server.url)
  const slow = await Promise.all(
    Array.from({ length: MAX_HTTP_REQUESTS + 50 }, async () => {
      const asked = request({ port, host: '127.0.0.1', path: '/status' }).on('error', () => {})
      asked.on('response', (response) => response.pause())
      asked.end()
      await once(asked, 'response').catch(() => {})
      return asked
    }),
  )
  await isServed(server.url)
  for (const asked of slow) asked.destroy()
})

test('a thousand idle TCP connections of one address leave peers of both roads their way in', async () => {
  const alice = newPerson()
  const server = await start({ hyphas: [alice.link] })
  await idle(server.tcpPort!, 1_000)
  await (await openClient(alice)).connect(server, 'tcp')
  await (await openClient(alice)).connect(server, 'webSocket')
  await isServed(server.url)
})

test('one address with more undecided connections than there may be ends its own, and no one else’s', async () => {
  const alice = newPerson()
  const server = await start({ hyphas: [alice.link] })
  const quiet = await fromElsewhere(server.url, '198.51.100.1')
  for (let i = 0; i < MAX_UNDECIDED_CONNECTIONS + 20; i++) await dial(server, i % 2 ? 'tcp' : 'webSocket')
  const way = await (await openClient(alice)).connect(server, quiet)
  expect(way.connection.stream.closed).toBe(false)
})

test('when all connections are taken, an address that has more gives one up', async () => {
  const [alice, bob] = [newPerson(), newPerson()]
  const server = await start({ hyphas: [alice.link, bob.link], maxConnections: 4 })
  const crowd = await Promise.all(
    Array.from({ length: 4 }, async () =>
      (await openClient(bob, { isStranger: true })).connect(server, await fromElsewhere(server.url)),
    ),
  )
  await (await openClient(alice)).connect(server, await fromElsewhere(server.url, '198.51.100.1'))
  await until(() => crowd.filter(({ connection }) => connection.stream.closed).length === 1)
  await (await openClient(alice)).connect(server, await fromElsewhere(server.url, '198.51.100.2'))
  await until(() => crowd.filter(({ connection }) => connection.stream.closed).length === 2)
  // Those who have not proven to be the person's make room for whoever comes; those who have never do.
  await (await openClient(alice)).connect(server, await fromElsewhere(server.url))
  await (await openClient(alice)).connect(server, await fromElsewhere(server.url))
  await until(() => crowd.every(({ connection }) => connection.stream.closed))
  await expect(fromElsewhere(server.url)).rejects.toThrow('503')
})

const answered = (url: string, host: string, path = '/'): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(`${url}${path}`, { headers: { host } }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
const upgraded = async (url: string, options: ClientOptions): Promise<number> => {
  const socket = new WebSocket(url.replace('http', 'ws'), options)
  socket.on('error', () => {})
  atEnd(async () => socket.terminate())
  return Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode),
  ])
}

test.each([
  ['rebound.example', false],
  ['rebound.example:4280', false],
  ['localhost.rebound.example', false],
  ['127.0.0.1.rebound.example', false],
  ['hypha.example.rebound.example', false],
  ['127.0.0.1:80:80', false],
  ['hypha.example', true],
  ['HYPHA.example.:443', true],
  ['localhost:4280', true],
  ['alice.localhost', true],
  ['127.0.0.1', true],
  ['[::1]:4280', true],
  ['192.168.1.2:4280', true],
])('a request to %j, answered: %s', async (host, isKnown) => {
  const { url } = await start({ hosts: ['hypha.example'] })
  for (const path of ['/', '/status', '/health', '/no-such-page'])
    expect(await answered(url, host, path)).toBe(isKnown ? (path === '/no-such-page' ? 404 : 200) : 421)
  expect(await upgraded(url, { headers: { host } })).toBe(isKnown ? 101 : 421)
})

test('hosts that are none are refused', async () => {
  for (const hosts of [['https://hypha.example'], ['hypha.example:443'], ['a b'], [''], 'hypha.example', [5]])
    await expect(start({ hosts: hosts as string[] })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
