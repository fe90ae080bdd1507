import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { webSocketSignalling } from '../../../src/adapters/signalling/web-socket-signalling.js'
import { createAlwaysOnNode } from '../../../src/always-on/index.js'
import { signallingContract } from './contract.js'

const create = async () => {
  const node = await createAlwaysOnNode({ port: 0 })
  return { signalling: webSocketSignalling(node.url), end: node.close }
}

describe('signalling over a WebSocket of an always-on node', () => {
  for (const { name, run } of signallingContract({ create })) test(name, run)
})

const room = { discoveryKey: new Uint8Array(32), id: '0'.repeat(32) }
const deaf = { came: () => {}, went: () => {}, message: () => {} }

test('shows its address without what may be secret in it', () => {
  expect(webSocketSignalling('https://example.org/?token=hush')).toMatchObject({
    address: 'wss://example.org',
    isLocal: false,
  })
  expect(webSocketSignalling('http://localhost:1')).toMatchObject({ isLocal: true })
  expect(() => webSocketSignalling('example.org')).toThrow(
    expect.objectContaining({ code: 'ADDRESS_INVALID' }),
  )
})

test('nobody there is a reason', async () => {
  const { signal } = new AbortController()
  await expect(webSocketSignalling('http://127.0.0.1:1').join(room, deaf, signal)).rejects.toThrow(
    'ECONNREFUSED',
  )
})

test.each([
  ['words', 'says what no'],
  [Buffer.from('{"type":"joined","members":["nobody"]}'), 'says what no'],
  [Buffer.alloc(20_000), 'says what no'],
  [Buffer.from('{"type":"refused","reason":"full"}'), 'no room'],
])('a server that answers %j is left', async (answer, reason) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => socket.on('message', () => socket.send(answer)))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address?.port}`
  const { signal } = new AbortController()
  await expect(webSocketSignalling(url).join(room, deaf, signal)).rejects.toThrow(reason)
  await new Promise((resolve) => server.close(resolve))
})

test('a server that says all kinds of things, but not whether one is in, is given up', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    const beat = setInterval(() => socket.send(Buffer.from('{"type":"beat"}')), 500)
    socket.on('close', () => clearInterval(beat))
  })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address?.port}`
  const { signal } = new AbortController()
  await expect(webSocketSignalling(url).join(room, deaf, signal)).rejects.toThrow('did not answer in time')
  await new Promise((resolve) => server.close(resolve))
})
