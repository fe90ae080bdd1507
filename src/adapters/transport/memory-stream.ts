import { Duplex } from 'node:stream'

const soon: (work: () => void) => void =
  typeof setImmediate === 'function' ? (work) => void setImmediate(work) : (work) => void setTimeout(work, 0)

interface End {
  readonly stream: Duplex
  /** Bytes from the other end; `taken` is called once there is room for more. */
  deliver(chunks: readonly Uint8Array[], taken: (error?: Error) => void): void
  /** The other end will send no more. */
  finish(): void
  /** The other end is gone: what it doesn't take can't be delivered. */
  gone(): void
}

const brokenPipe = () =>
  Object.assign(new Error('The other end has closed the connection'), { code: 'EPIPE' })

const createEnd = (other: () => End): End => {
  let taken: ((error?: Error) => void) | undefined
  let finished = false
  let otherGone = false
  let sending: ((error?: Error) => void) | undefined

  const send = (chunks: readonly Uint8Array[], callback: (error?: Error) => void) => {
    if (otherGone) return callback(brokenPipe())
    // A socket copies too: the writer may use its buffer again, and the reader may scribble on what it got.
    const copies = chunks.map((chunk) => Uint8Array.prototype.slice.call(chunk))
    const sent = (error?: Error) => {
      if (sending !== sent) return
      sending = undefined
      callback(error)
    }
    sending = sent
    soon(() => other().deliver(copies, sent))
  }

  const release = (error?: Error) => {
    const callback = taken
    taken = undefined
    callback?.(error)
  }

  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => release(),
    write: (chunk: Uint8Array, _encoding, callback) => send([chunk], callback),
    writev: (chunks, callback) =>
      send(
        chunks.map(({ chunk }) => chunk as Uint8Array),
        callback,
      ),
    final: (callback) => {
      soon(() => other().finish())
      callback()
    },
    destroy: (error, callback) => {
      soon(() => {
        release(brokenPipe())
        other().gone()
        callback(error)
      })
    },
  })

  const finish = () => {
    if (finished || stream.destroyed) return
    finished = true
    stream.push(null)
  }

  return {
    stream,
    deliver: (chunks, callback) => {
      if (stream.destroyed) return callback(brokenPipe())
      taken = callback
      let room = true
      for (const chunk of chunks)
        room = stream.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
      if (room) release()
    },
    finish,
    gone: () => {
      otherGone = true
      sending?.(brokenPipe())
      finish()
    },
  }
}

/** Two ends of a connection inside this process. They behave as a socket's do: asynchronous, with backpressure, sharing no memory. */
export const createMemoryStreams = (): [Duplex, Duplex] => {
  const a: End = createEnd(() => b)
  const b: End = createEnd(() => a)
  return [a.stream, b.stream]
}
