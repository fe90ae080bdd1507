import { pipeline } from 'node:stream'
import Protocol, { type Channel } from 'hypercore-protocol'
import type { ReplicationOptions } from '../../../src/adapters/database/database.js'
import type { HyphaError } from '../../../src/protocol/errors.js'
import { varint } from '../../wire.js'
import { type Hypha, happened, pipe, replicateOf, socketPair, type TestNode } from './nodes.js'

/** hypercore-protocol's numbers of its messages. */
export const type = {
  feed: 0,
  handshake: 1,
  info: 2,
  have: 3,
  unhave: 4,
  want: 5,
  request: 7,
  data: 9,
  extension: 15,
}

export interface Attacker {
  readonly protocol: Protocol
  readonly channel: Channel
  /** What ended the victim's stream. */
  readonly ended: Promise<HyphaError | undefined>
  readonly replication: ReturnType<typeof replicateOf>
  /** Everything that the victim sent, as on the wire. */
  readonly received: Buffer[]
  /** Sends a well-framed, encrypted message with any body. */
  send(type: number, body: readonly number[], channel?: number): void
  /** Sends bytes as they are. */
  sendRaw(bytes: Uint8Array): void
  leave(): void
}

/** A peer who knows the hyphalink (or only some other key) and speaks the protocol when it wants to. */
export const attack = async (
  victim: TestNode,
  hypha: Hypha,
  key = hypha.hyphalink,
  more: Partial<ReplicationOptions> = {},
  extensions: readonly string[] = [],
): Promise<Attacker> => {
  const [socket, victims] = await socketPair()
  const replication = replicateOf(victim, [], undefined, more)
  const ended = pipe(victims, replication) as Promise<HyphaError | undefined>
  const protocol = new Protocol({
    live: true,
    encrypt: true,
    extensions: ['hypha-held', 'hypha-seal', 'test-a', 'test-b', ...extensions].sort(),
  })
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(Buffer.from(chunk)))
  protocol.on('error', () => {})
  protocol.on('handshake', happened)
  // Without our key it would find what it hears to be noise, and give up before the victim does.
  if (key === hypha.hyphalink) pipeline(socket, protocol, socket, happened)
  else protocol.pipe(socket)
  const channel = protocol.feed(Buffer.from(key), { discoveryKey: Buffer.from(victim.db.discoveryKey) })
  return {
    protocol,
    channel,
    ended,
    replication,
    received,
    send(code, body, id = 0) {
      const header = varint(id * 16 + code)
      protocol._push(Buffer.from([...varint(header.length + body.length), ...header, ...body]))
    },
    sendRaw: (bytes) => void socket.write(bytes),
    leave: () => void socket.destroy(),
  }
}
