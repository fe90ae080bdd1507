import { Duplex } from 'node:stream'
import type { NoiseSocket } from 'hyperswarm'
import { HyphaError } from '../../protocol/errors.js'
import { NOISE_MESSAGE_BYTES, NOISE_WINDOW_BYTES, SWARM_LEAVE_MS } from '../../protocol/limits.js'
import { toMessages } from './web-socket-stream.js'

/** First byte of a message: the bytes of the stream follow ... */
const DATA = 0
/** ... or how many more may be sent (32 bits, little-endian) ... */
const MORE = 1
/** ... or nothing: no more bytes come. */
const END = 2

const MAX_CHUNKS = 1_024

const encodeMore = (count: number): Uint8Array => {
  const message = new Uint8Array(5)
  message[0] = MORE
  new DataView(message.buffer).setUint32(1, count, true)
  return message
}

/**
 * Bytes over a socket of hyperswarm, which keeps messages whole and in order, and encrypts them. It takes all that a peer
 * sends, whether anybody reads it or not: so each end sends no more than the other has made room for.
 */
export const noiseStream = (socket: NoiseSocket): Duplex => {
  let closed = socket.destroyed
  let problem: Error | undefined
  let onClosed: (() => void) | undefined
  let hasSentEnd = false
  let hasReceivedEnd = false

  let room = NOISE_WINDOW_BYTES
  let isFull = false
  let outgoing: Uint8Array[] = []
  let onSent: (() => void) | undefined

  let incoming: Uint8Array[] = []
  let waiting = 0
  let taken = 0
  let isWanted = false

  const endBoth = () => {
    if (hasSentEnd && hasReceivedEnd) socket.end()
  }

  const pump = () => {
    let next = outgoing[0]
    while (next && !isFull && next.length <= room) {
      outgoing.shift()
      room -= next.length
      const message = new Uint8Array(next.length + 1)
      message.set(next, 1)
      isFull = !socket.write(message)
      next = outgoing[0]
    }
    if (next || isFull) return
    const sent = onSent
    onSent = undefined
    sent?.()
  }

  const send = (chunks: readonly Uint8Array[], callback: () => void) => {
    outgoing = toMessages(chunks, NOISE_MESSAGE_BYTES)
    onSent = callback
    pump()
  }

  const pass = () => {
    while (isWanted) {
      const bytes = incoming.shift()
      if (!bytes) break
      waiting -= bytes.length
      taken += bytes.length
      isWanted = stream.push(bytes)
    }
    if (taken >= NOISE_WINDOW_BYTES / 4 && !closed && !hasReceivedEnd) {
      socket.write(encodeMore(taken))
      taken = 0
    }
    if (hasReceivedEnd && incoming.length === 0 && isWanted) stream.push(null)
  }

  const stream = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: NOISE_MESSAGE_BYTES,
    writableHighWaterMark: NOISE_MESSAGE_BYTES,
    read: () => {
      isWanted = true
      pass()
    },
    write: (chunk: Uint8Array, _encoding, callback) => send([chunk], callback),
    writev: (chunks, callback) =>
      send(
        chunks.map(({ chunk }) => chunk as Uint8Array),
        callback,
      ),
    final: (callback) => {
      hasSentEnd = true
      if (!closed) socket.write(Uint8Array.of(END))
      endBoth()
      callback()
    },
    destroy: (error, callback) => {
      outgoing = []
      incoming = []
      onSent = undefined
      if (closed) return callback(error)
      // What was sent last is still on its way when both have ended.
      const isGraceful = !error && hasSentEnd && hasReceivedEnd
      const timer = isGraceful ? setTimeout(() => socket.destroy(), SWARM_LEAVE_MS) : undefined
      onClosed = () => {
        clearTimeout(timer)
        callback(error)
      }
      if (!isGraceful) socket.destroy()
    },
  })

  const misbehaved = (what: string) =>
    stream.destroy(new HyphaError('PEER_MISBEHAVED', `The peer sent ${what}. The connection was closed.`))

  socket.on('data', (message: Uint8Array) => {
    if (stream.destroyed) return
    if (message[0] === DATA && !hasReceivedEnd) {
      const bytes = message.subarray(1)
      waiting += bytes.length
      if (waiting + taken > NOISE_WINDOW_BYTES) return misbehaved('more than there was room for')
      if (bytes.length > 0) incoming.push(bytes)
      // Each costs memory beyond its bytes, and who sends them decides how many there are.
      if (incoming.length > MAX_CHUNKS) incoming = [Buffer.concat(incoming)]
      pass()
    } else if (message[0] === MORE && message.length === 5) {
      room += new DataView(message.buffer, message.byteOffset).getUint32(1, true)
      if (room > NOISE_WINDOW_BYTES) return misbehaved('room that was never taken')
      pump()
    } else if (message[0] === END && !hasReceivedEnd) {
      hasReceivedEnd = true
      pass()
      endBoth()
    } else misbehaved('what is not of the protocol')
  })
  socket.on('drain', () => {
    isFull = false
    pump()
  })
  socket.on('error', (error: Error) => {
    problem = error
  })
  socket.on('close', () => {
    closed = true
    if (onClosed) onClosed()
    // Who has heard the end reads what came before it.
    else if (!hasReceivedEnd || !hasSentEnd) stream.destroy(problem)
  })
  // A peer that ends without having said so is gone.
  socket.on('end', () => {
    if (!hasReceivedEnd) socket.destroy()
  })
  return stream
}
