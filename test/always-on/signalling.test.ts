import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { toHex } from '../../src/protocol/bytes.js'
import {
  MAX_SIGNALLING_MESSAGE_BYTES,
  MAX_SIGNALLING_ROOM_MEMBERS,
  MAX_SIGNALLING_SOCKETS,
  SIGNALLING_BURST,
} from '../../src/protocol/limits.js'
import { decodeFromSignalling, encodeSignalling, type FromSignalling } from '../../src/protocol/signalling.js'
import { collectGarbage } from '../collect-garbage.js'
import { newPerson, start } from './world.js'

const room = 'ab'.repeat(32)
const idOf = (n: number) => n.toString(16).padStart(32, '0')

const open = async (url: string, path = '/signalling', options: ClientOptions = {}) => {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { perMessageDeflate: false, ...options })
  const messages: FromSignalling[] = []
  const waiting: (() => void)[] = []
  socket.on('message', (bytes: Buffer) => {
    const message = decodeFromSignalling(bytes)
    if (message && message.type !== 'beat') messages.push(message)
    for (const look of waiting.splice(0)) look()
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  await once(socket, 'open')
  const next = async (): Promise<FromSignalling> => {
    while (messages.length === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    return messages.shift()!
  }
  const join = async (id: number, name = room) => {
    socket.send(encodeSignalling({ type: 'join', room: name, id: idOf(id) }))
    return next()
  }
  return { socket, messages, closed, next, join }
}

test('introduces nodes of a hypha that it does not keep, and shows only how many', async () => {
  const node = await start()
  const alice = await open(node.url)
  const bob = await open(node.url)
  expect(await alice.join(1)).toEqual({ type: 'joined', members: [] })
  expect(await bob.join(2)).toEqual({ type: 'joined', members: [idOf(1)] })
  expect(await alice.next()).toEqual({ type: 'came', id: idOf(2) })
  expect(node.status()).toMatchObject({ hyphas: 0, connections: 0, signalling: 2 })
  const page = await (await fetch(`${node.url}/status`)).text()
  expect(page).toContain('Nodes introduced to each other</dt><dd>2<')
  expect(page).not.toContain(room)
  bob.socket.close()
  expect(await alice.next()).toEqual({ type: 'went', id: idOf(2) })
  expect(node.status().signalling).toBe(1)
})

const elsewhere = (address: string) => ({ headers: { 'X-Forwarded-For': address } })

test('one member more than a room has, or one socket more than there are: the address that has most loses its oldest', async () => {
  const node = await start()
  const alice = await open(node.url, '/signalling', elsewhere('203.0.113.1'))
  await alice.join(1_000)
  const crowd = await Promise.all(
    Array.from({ length: MAX_SIGNALLING_ROOM_MEMBERS - 1 }, () => open(node.url)),
  )
  await Promise.all(crowd.map(({ join }, i) => join(i)))
  const bob = await open(node.url, '/signalling', elsewhere('203.0.113.2'))
  expect(await bob.join(1_001)).toMatchObject({ type: 'joined' })
  await Promise.race(crowd.map(({ closed }) => closed))
  expect(node.status().signalling).toBe(MAX_SIGNALLING_ROOM_MEMBERS)

  // Each in a room of its own, and far more than fit.
  for (let i = 0; i < MAX_SIGNALLING_SOCKETS + 100; i++) {
    const { join } = await open(node.url)
    await join(1, idOf(i).repeat(2))
  }
  const carol = await open(node.url, '/signalling', elsewhere('203.0.113.3'))
  expect(await carol.join(1_002)).toMatchObject({
    members: expect.arrayContaining([idOf(1_000), idOf(1_001)]),
  })
  expect(alice.socket.readyState).toBe(WebSocket.OPEN)
  // Peers and pages have theirs all the same.
  const peer = await open(node.url, '/')
  expect((await fetch(`${node.url}/health`)).status).toBe(200)
  peer.socket.terminate()
})

test('who has proven to be the person’s keeps its seat, even where all come from one address', async () => {
  const alice = newPerson()
  const node = await start({ hyphas: [alice.link] })
  const name = toHex(alice.discoveryKey)
  const phone = await open(node.url)
  const joined = await phone.join(1_000, name)
  if (joined.type !== 'joined' || !joined.nonce) throw new Error('it asks for no proof')
  phone.socket.send(encodeSignalling({ type: 'prove', ...alice.prove(joined.nonce) }))
  for (let i = 0; i < 2 * MAX_SIGNALLING_ROOM_MEMBERS; i++) await (await open(node.url)).join(i, name)
  for (let i = 0; i < MAX_SIGNALLING_SOCKETS; i++) await (await open(node.url)).join(i, idOf(i).repeat(2))
  expect(phone.socket.readyState).toBe(WebSocket.OPEN)
  expect(await (await open(node.url)).join(1_001, name)).toMatchObject({
    members: expect.arrayContaining([idOf(1_000)]),
  })

  const stranger = await open(node.url)
  const other = await stranger.join(1_002, name)
  if (other.type !== 'joined' || !other.nonce) throw new Error('it asks for no proof')
  stranger.socket.send(encodeSignalling({ type: 'prove', ...newPerson().prove(other.nonce) }))
  expect(await stranger.closed).toBe(1008)
})

test.each([
  ['https://evil.example', 403],
  ['http://evil.example:4280', 403],
  ['http://203.0.113.9', 403],
  ['null', 403],
  ['https://hypha.example', 101],
  ['http://localhost:5173', 101],
  ['http://127.0.0.1:4280', 101],
])('a page of %s is answered %i', async (origin, status) => {
  const { url } = await start({ hosts: ['hypha.example'] })
  const opened = open(url, '/signalling', { origin })
  if (status === 101) await opened
  else await expect(opened).rejects.toThrow(String(status))
})

const joining = encodeSignalling({ type: 'join', room, id: idOf(9) })
const sending = encodeSignalling({ type: 'send', to: idOf(1), sealed: new Uint8Array(3) })

test.each<[string, (string | Uint8Array)[]]>([
  ['text', ['hello']],
  ['what is no JSON', [Buffer.from('{')]],
  ['a room that is none', [Buffer.from(`{"type":"join","room":"__proto__","id":"${idOf(1)}"}`)]],
  ['an id that is none', [Buffer.from(`{"type":"join","room":"${room}","id":"${idOf(1).toUpperCase()}g"}`)]],
  ['to somebody before it has joined', [sending]],
  ['itself into a second room', [joining, joining]],
  ['what is too large', [Buffer.alloc(MAX_SIGNALLING_MESSAGE_BYTES + 1)]],
  [
    'more than anybody would',
    Array.from({ length: SIGNALLING_BURST + 100 }, (_, i) => (i ? sending : joining)),
  ],
])('who sends %s is closed, and nobody else', async (_what, messages) => {
  const node = await start()
  const alice = await open(node.url)
  await alice.join(2)
  const bad = await open(node.url)
  for (const message of messages) bad.socket.send(message)
  expect(await bad.closed).toBeGreaterThan(1_000)
  expect(alice.socket.readyState).toBe(WebSocket.OPEN)
})

test('who joins nothing is closed', async () => {
  const { url } = await start()
  const { closed } = await open(url)
  expect(await closed).toBe(1008)
})

test('a member that is silent is gone, one that only listens stays', async () => {
  const { url } = await start()
  const listener = await open(url)
  await listener.join(1)
  const dead = new WebSocket(`${url.replace('http', 'ws')}/signalling`, { autoPong: false })
  await once(dead, 'open')
  dead.send(encodeSignalling({ type: 'join', room, id: idOf(2) }))
  expect(await listener.next()).toEqual({ type: 'came', id: idOf(2) })
  expect(await listener.next()).toEqual({ type: 'went', id: idOf(2) })
  expect(listener.socket.readyState).toBe(WebSocket.OPEN)
})

test('what a slow member does not take is dropped', async () => {
  const node = await start()
  const slow = await open(node.url)
  await slow.join(1)
  slow.socket.pause()
  const sealed = new Uint8Array(11_000)
  const message = encodeSignalling({ type: 'send', to: idOf(1), sealed })
  await collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  for (let round = 2; round < 6; round++) {
    const { socket, join } = await open(node.url)
    await join(round)
    for (let i = 0; i < SIGNALLING_BURST - 10; i++) socket.send(message)
    // Behind it in the same order, and answered.
    socket.ping()
    await once(socket, 'pong')
  }
  await collectGarbage()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000)
  slow.socket.terminate()
})
