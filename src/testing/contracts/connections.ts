/** What the contract of transports does with connections, in Node and in a page alike. */
import type { Duplex } from 'node:stream'
import type { Connection } from '../../adapters/transport/transport.js'
import { randomBytes } from './random-bytes.js'
import { createTransportHost } from './transport-host.js'

export const MEGABYTE = 1024 * 1024

/** Connections in the order in which they came, for a test to wait on. */
export const createInbox = () => {
  const connections: Connection[] = []
  const errors: Error[] = []
  const waiting: ((connection: Connection) => void)[] = []
  return {
    errors,
    connections,
    events: createTransportHost({
      connection: (connection: Connection) => {
        const waiter = waiting.shift()
        if (waiter) waiter(connection)
        else connections.push(connection)
      },
      error: (error: Error) => void errors.push(error),
    }),
    next: (): Promise<Connection> => {
      const connection = connections.shift()
      return connection ? Promise.resolve(connection) : new Promise((resolve) => waiting.push(resolve))
    },
  }
}

/** Writes with backpressure, then ends. */
export const sendAll = async (stream: Duplex, bytes: Uint8Array, sizes: () => number): Promise<void> => {
  for (let offset = 0; offset < bytes.length; ) {
    const size = sizes()
    const room = stream.write(bytes.subarray(offset, offset + size))
    offset += size
    if (!room) await new Promise<void>((resolve) => stream.once('drain', resolve))
  }
}

/** Writes until there has been no room for a second; how many bytes were accepted. */
export const fill = async (stream: Duplex): Promise<number> => {
  const piece = randomBytes(64 * 1024)
  const total = 200 * MEGABYTE
  let accepted = 0
  const full = async (): Promise<boolean> => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const quiet = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), 1_000)
    })
    const drained = new Promise<boolean>((resolve) => stream.once('drain', () => resolve(false)))
    const isFull = await Promise.race([quiet, drained])
    clearTimeout(timer)
    return isFull
  }
  while (accepted < total) {
    accepted += piece.length
    if (!stream.write(piece) && (await full())) break
  }
  return accepted
}

export const receive = (stream: Duplex, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let received = 0
    const onData = (chunk: Buffer) => {
      chunks.push(chunk)
      received += chunk.length
      if (received < length) return
      stream.off('data', onData)
      stream.off('close', onClose)
      stream.pause()
      resolve(Buffer.concat(chunks))
    }
    const onClose = () => reject(new Error(`closed after ${received} of ${length} bytes`))
    stream.on('data', onData).once('close', onClose)
    stream.resume()
  })

/** Every end of a stream, in order: what happened after it was over shows too. */
export const watchEnd = (stream: Duplex) => {
  const seen: string[] = []
  stream.on('error', (error) => seen.push(`error: ${error.message}`))
  const closed = new Promise<void>((resolve) =>
    stream.on('close', () => {
      seen.push('close')
      // Whatever would come late comes within a turn or two.
      setTimeout(() => setTimeout(resolve))
    }),
  )
  return { seen, closed }
}
