import { EventEmitter } from 'node:events'
import type { NoiseSocket } from 'hyperswarm'
import { expect, test } from 'vitest'
import { noiseStream } from '../../../src/adapters/transport/noise-stream.js'
import { streamClosed } from '../../../src/adapters/transport/stream-closed.js'
import { NOISE_MESSAGE_BYTES, NOISE_WINDOW_BYTES } from '../../../src/protocol/limits.js'

/** A socket whose other end is the test. */
class FakeSocket extends EventEmitter implements NoiseSocket {
  readonly remotePublicKey = new Uint8Array(32)
  readonly isInitiator = true
  readonly sent: Uint8Array[] = []
  destroyed = false
  hasEnded = false
  write(bytes: Uint8Array) {
    this.sent.push(bytes)
    return true
  }
  end() {
    this.hasEnded = true
  }
  pause() {}
  resume() {}
  destroy() {
    if (this.destroyed) return
    this.destroyed = true
    queueMicrotask(() => this.emit('close'))
  }
}

const data = (length: number) => new Uint8Array(length + 1)
const more = (count: number) => {
  const message = new Uint8Array(5)
  message[0] = 1
  new DataView(message.buffer).setUint32(1, count, true)
  return message
}

const open = () => {
  const socket = new FakeSocket()
  const stream = noiseStream(socket)
  const errors: Error[] = []
  stream.on('error', (error) => errors.push(error))
  return { socket, stream, errors }
}

test('sends no more than there is room for, and goes on when there is more', async () => {
  const { socket, stream } = open()
  let hasSent = false
  stream.write(Buffer.alloc(NOISE_WINDOW_BYTES + 10), () => {
    hasSent = true
  })
  const sentBytes = () => socket.sent.reduce((sum, { length }) => sum + length - 1, 0)
  expect(sentBytes()).toBe(NOISE_WINDOW_BYTES)
  expect(Math.max(...socket.sent.map(({ length }) => length))).toBe(NOISE_MESSAGE_BYTES + 1)
  expect(hasSent).toBe(false)
  socket.emit('data', more(10))
  expect(sentBytes()).toBe(NOISE_WINDOW_BYTES + 10)
  await new Promise((resolve) => setImmediate(resolve))
  expect(hasSent).toBe(true)
  stream.destroy()
})

test('makes room for what has been read, and for nothing else', () => {
  const { socket, stream } = open()
  for (let i = 0; i < 4; i++) socket.emit('data', data(NOISE_WINDOW_BYTES / 8))
  expect(socket.sent).toEqual([])
  while (stream.read() !== null) {
    // until nothing is left
  }
  expect(socket.sent.some((message) => message[0] === 1)).toBe(true)
  stream.destroy()
})

test.each([
  ['more than there is room for', [data(NOISE_WINDOW_BYTES), data(1)]],
  ['as much in the smallest pieces', Array.from({ length: NOISE_WINDOW_BYTES + 1 }, () => data(1))],
  ['room that was never taken', [more(1)]],
  ['room cut short', [Uint8Array.of(1, 0)]],
  ['an empty message', [new Uint8Array(0)]],
  ['an unknown kind', [Uint8Array.of(9)]],
  ['more after its end', [Uint8Array.of(2), data(1)]],
  ['its end twice', [Uint8Array.of(2), Uint8Array.of(2)]],
])('a peer that sends %s loses this connection', async (_, messages) => {
  const { socket, stream, errors } = open()
  for (const message of messages) socket.emit('data', message)
  await streamClosed(stream)
  expect(errors).toMatchObject([{ code: 'PEER_MISBEHAVED' }])
  expect(socket.destroyed).toBe(true)
})

test('a socket that ends without having said so is closed', async () => {
  const { socket, stream } = open()
  socket.emit('end')
  await streamClosed(stream)
})
