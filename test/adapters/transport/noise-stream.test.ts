import { EventEmitter } from 'node:events'
import type { NoiseSocket } from 'hyperswarm'
import { expect, test } from 'vitest'
import { noiseStream } from '../../../src/adapters/transport/noise-stream.js'
import { streamClosed } from '../../../src/adapters/transport/stream-closed.js'

/** A socket whose other end is the test. */
class FakeSocket extends EventEmitter implements NoiseSocket {
  readonly remotePublicKey = new Uint8Array(32)
  readonly isInitiator = true
  readonly sent: Uint8Array[] = []
  destroyed = false
  write(bytes: Uint8Array) {
    this.sent.push(bytes)
    return true
  }
  end() {}
  pause() {}
  resume() {}
  destroy() {
    if (this.destroyed) return
    this.destroyed = true
    queueMicrotask(() => this.emit('close'))
  }
}

const open = () => {
  const socket = new FakeSocket()
  const stream = noiseStream(socket)
  const errors: Error[] = []
  stream.on('error', (error) => errors.push(error))
  return { socket, stream, errors }
}

test('says over the socket what it is given, in messages, and hears what comes', async () => {
  const { socket, stream, errors } = open()
  stream.write('hello')
  await new Promise((resolve) => setImmediate(resolve))
  expect(socket.sent.map((message) => Buffer.from(message).toString())).toEqual(['\0hello'])
  socket.emit('data', Buffer.from('\0hi'))
  expect(String(stream.read())).toBe('hi')
  stream.destroy()
  await streamClosed(stream)
  expect(socket.destroyed).toBe(true)
  expect(errors).toEqual([])
})

test('a peer that breaks the rules loses this connection', async () => {
  const { socket, stream, errors } = open()
  socket.emit('data', Uint8Array.of(9))
  await streamClosed(stream)
  expect(errors).toMatchObject([{ code: 'PEER_MISBEHAVED' }])
  expect(socket.destroyed).toBe(true)
})

test('a socket that ends without having said so is closed', async () => {
  const { socket, stream } = open()
  socket.emit('end')
  stream.resume()
  await streamClosed(stream)
})
