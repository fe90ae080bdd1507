import { Duplex } from 'node:stream'
import { HyphaError } from '../../protocol/errors.js'
import { CARRIED_MESSAGE_BYTES, CARRIED_MESSAGE_COST, CARRIED_WINDOW_BYTES } from '../../protocol/limits.js'

/** What carries messages whole and in order, as fast as they come: a data channel. */
export interface Carrier {
  /** Says who hears it. Called once; what has come before is handed over at once. */
  listen(handlers: CarrierHandlers): void
  /** Whether so much is waiting to leave that more would only slow it down; `drain` is heard when it has left. */
  isFull(): boolean
  /** Takes a copy. @throws Error when it is closed */
  send(bytes: Uint8Array): void
  /** Ends it at once; `close` is heard. */
  close(): void
}

export interface CarrierHandlers {
  message(bytes: Uint8Array): void
  /** Text: not ours. */
  text(): void
  /** There is room again, after it was full. */
  drain(): void
  /** The last thing heard. */
  close(): void
}

/** First byte of each message. */
const DATA = 0
/** Room in the window again: 4 bytes, big-endian. */
const CREDIT = 1
/** The sender has nothing more to say. */
const END = 2
/** An END has arrived, and with it all that went before. */
const ENDED = 3

const WINDOW = CARRIED_WINDOW_BYTES
const costOf = (payload: number): number => payload + CARRIED_MESSAGE_COST

const brokenPipe = () =>
  Object.assign(new Error('The other end has closed the connection'), { code: 'EPIPE' })

type Callback = (error?: Error | null) => void

/**
 * Bytes over messages that have no backpressure of their own: a sender has a window, and the reader opens it again as it
 * reads. Ends as a socket does: destroying it ends the link at once, ending it sends what was written first and waits
 * until that has arrived. A message against these rules ends this link with PEER_MISBEHAVED, and nothing else.
 */
export const messageStream = (carrier: Carrier): Duplex => {
  let gone = false
  let onGone: (() => void) | undefined

  // Sending: what is written in one moment gathers in one message.
  const message = Buffer.allocUnsafe(CARRIED_MESSAGE_BYTES)
  message[0] = DATA
  let filled = 1
  let credits = WINDOW
  let writing: { readonly chunks: readonly Uint8Array[]; index: number; offset: number } | undefined
  let onWritten: Callback | undefined
  let onEnded: Callback | undefined
  let saidEnd = false
  let flushing = false

  // Receiving: what the reader has no room for waits here, and keeps its part of the window.
  const held: Uint8Array[] = []
  let room = true
  /** Of the window: taken by the sender, still unread, and read but not given back yet. */
  let taken = 0
  let unread = 0
  let owed = 0
  let heardEnd = false
  let finished = false

  const say = (bytes: Uint8Array): void => {
    if (gone || stream.destroyed) return
    try {
      carrier.send(bytes)
    } catch {
      // It is closing, which is heard in its turn.
    }
  }

  /** Sends what has gathered; false while the window or the carrier has no room for it. */
  const flush = (): boolean => {
    if (filled === 1) return true
    const cost = costOf(filled - 1)
    if (cost > credits || carrier.isFull()) return false
    credits -= cost
    say(message.subarray(0, filled))
    filled = 1
    return true
  }

  const flushSoon = (): void => {
    if (flushing) return
    flushing = true
    queueMicrotask(() => {
      flushing = false
      advance()
    })
  }

  /** Copies what is being written into messages, as far as the window goes. */
  const gather = (): void => {
    while (writing) {
      const chunk = writing.chunks[writing.index]
      if (!chunk) {
        const written = onWritten
        writing = undefined
        onWritten = undefined
        written?.()
        return
      }
      if (filled === message.length && !flush()) return
      const part = chunk.subarray(writing.offset, writing.offset + message.length - filled)
      message.set(part, filled)
      filled += part.length
      writing.offset += part.length
      if (writing.offset < chunk.length) continue
      writing.index++
      writing.offset = 0
    }
  }

  /** Goes on with whatever waits for the window. */
  const advance = (): void => {
    if (gone || stream.destroyed || !flush()) return
    if (writing) {
      gather()
      if (filled > 1) flushSoon()
    } else if (onEnded && !saidEnd) {
      saidEnd = true
      say(Uint8Array.of(END))
    }
  }

  const write = (chunks: readonly Uint8Array[], callback: Callback) => {
    if (gone) return callback(brokenPipe())
    writing = { chunks, index: 0, offset: 0 }
    onWritten = callback
    gather()
    flushSoon()
  }

  const giveBack = (cost: number): void => {
    owed += cost
    if (owed < WINDOW / 4) return
    const credit = Buffer.allocUnsafe(5)
    credit[0] = CREDIT
    credit.writeUInt32BE(owed, 1)
    taken -= owed
    owed = 0
    say(credit)
  }

  const finish = (): void => {
    if (finished || held.length > 0 || !(heardEnd || gone)) return
    finished = true
    stream.push(null)
  }

  const pass = (bytes: Uint8Array): void => {
    const cost = costOf(bytes.length)
    room = stream.push(bytes)
    if (room) giveBack(cost)
    else unread += cost
  }

  const misbehaved = (what: string): void => {
    stream.destroy(new HyphaError('PEER_MISBEHAVED', `The peer ${what}. The connection was closed.`))
  }

  const takeData = (bytes: Uint8Array) => {
    taken += costOf(bytes.length)
    if (bytes.length === 0 || heardEnd || taken > WINDOW)
      return misbehaved('sent data that it has no room for')
    if (room && held.length === 0) pass(bytes)
    else held.push(bytes)
  }

  const takeCredit = (bytes: Uint8Array) => {
    const credit = bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) : 0
    if (credit === 0 || credit > WINDOW - credits) return misbehaved('gave back more than it was sent')
    credits += credit
    advance()
  }

  const takeEnd = (length: number) => {
    if (length > 0 || heardEnd) return misbehaved('ended twice')
    heardEnd = true
    say(Uint8Array.of(ENDED))
    finish()
  }

  const takeEnded = (length: number) => {
    const ended = onEnded
    if (length > 0 || !saidEnd || !ended) return misbehaved('has an end that was never sent')
    onEnded = undefined
    ended()
  }

  const stream: Duplex = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: CARRIED_MESSAGE_BYTES,
    writableHighWaterMark: CARRIED_MESSAGE_BYTES,
    read: () => {
      room = true
      const read = unread
      unread = 0
      if (read > 0) giveBack(read)
      while (room && held.length > 0) pass(held.shift()!)
      finish()
    },
    write: (chunk: Uint8Array, _encoding, callback) => write([chunk], callback),
    writev: (chunks, callback) =>
      write(
        chunks.map(({ chunk }) => chunk as Uint8Array),
        callback,
      ),
    final: (callback) => {
      if (gone) return callback()
      onEnded = callback
      advance()
    },
    destroy: (error, callback) => {
      held.length = 0
      if (gone) return callback(error)
      onGone = () => callback(error)
      carrier.close()
    },
  })

  carrier.listen({
    message: (bytes) => {
      if (stream.destroyed) return
      if (bytes.length > CARRIED_MESSAGE_BYTES) return misbehaved('sent a message that is too large')
      const body = bytes.subarray(1)
      switch (bytes[0]) {
        case DATA:
          return takeData(body)
        case CREDIT:
          return takeCredit(body)
        case END:
          return takeEnd(body.length)
        case ENDED:
          return takeEnded(body.length)
        default:
          return misbehaved('sent a message of no known kind')
      }
    },
    text: () => {
      if (!stream.destroyed) misbehaved('sent text where only bytes belong')
    },
    drain: () => advance(),
    close: () => {
      if (gone) return
      gone = true
      if (onGone) return onGone()
      const [written, ended] = [onWritten, onEnded]
      writing = undefined
      onWritten = undefined
      onEnded = undefined
      ended?.()
      written?.(brokenPipe())
      finish()
    },
  })
  return stream
}
