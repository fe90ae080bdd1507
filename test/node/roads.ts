/** Roads between nodes that a test can watch, break and bring to a standstill. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Connection, Transport } from '../../src/adapters/transport/transport.js'

export interface Watched extends Transport {
  /** Those that are up, the first one first. */
  readonly connections: readonly Connection[]
  /** How many there were so far. */
  readonly count: number
}

/** A transport whose connections a test holds, and may call relayed. */
export const watched = (transport: Transport, more: { relayed?: boolean } = {}): Watched => {
  const connections: Connection[] = []
  let count = 0
  return {
    name: transport.name,
    connections,
    get count() {
      return count
    },
    start: (discoveryKey, host) =>
      transport.start(discoveryKey, {
        ...host,
        connection: (connection) => {
          count++
          connections.push(connection)
          connection.stream.once('close', () => connections.splice(connections.indexOf(connection), 1))
          host.connection({ ...connection, ...more })
        },
      }),
    stop: () => transport.stop(),
  }
}

export interface Wire {
  readonly address: string
  /** Bytes that passed, both ways. */
  readonly bytes: number
  readonly connections: number
  /** Nothing passes any more, and nobody is told. */
  pause(): void
  resume(): void
  /** Breaks what is up. */
  cut(): void
  close(): Promise<void>
}

/** A TCP port that leads to another one. */
export const openWire = async (target: string): Promise<Wire> => {
  const [host, port] = target.split(':')
  const sockets = new Set<Socket>()
  let bytes = 0
  let isPaused = false
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on('error', () => {})
    from.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      to.write(chunk)
    })
    from.on('close', () => {
      sockets.delete(from)
      if (!isPaused) to.destroy()
    })
    if (isPaused) from.pause()
  }
  const server = createServer((incoming) => {
    const outgoing = connect({ host: host as string, port: Number(port), noDelay: true })
    incoming.setNoDelay()
    pass(incoming, outgoing)
    pass(outgoing, incoming)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get bytes() {
      return bytes
    },
    get connections() {
      return sockets.size / 2
    },
    pause: () => {
      isPaused = true
      for (const socket of sockets) socket.pause()
    },
    resume: () => {
      isPaused = false
      for (const socket of sockets) socket.resume()
    },
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}
