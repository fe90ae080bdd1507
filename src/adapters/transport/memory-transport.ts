import { toHex } from '../../protocol/bytes.js'
import { invalid } from '../../protocol/given.js'
import type { ByteStream } from '../byte-stream.js'
import { announce } from './announce.js'
import { createTransport } from './create-transport.js'
import { linkTarget } from './link-target.js'
import { createMemoryStreams } from './memory-stream.js'
import { streamClosed } from './stream-closed.js'
import type { Connection, Dialling, Transport, TransportHost } from './transport.js'

interface Member {
  readonly address: string
  readonly host: TransportHost
  /** The dialling between this member and others, whichever of the two does it. */
  readonly links: Map<Member, Dialling>
  /** This member's ends of its connections. */
  readonly streams: Set<ByteStream>
}

const hold = (member: Member, stream: ByteStream): ByteStream => {
  member.streams.add(stream)
  return stream.on('error', () => {}).once('close', () => member.streams.delete(stream))
}

/** A network inside one process: who is on it, by the hypha's discovery key. */
export interface MemoryNetwork {
  readonly hyphas: Map<string, Set<Member>>
  /** Members so far, to name the next one. */
  members: number
}

export const createMemoryNetwork = (): MemoryNetwork => ({ hyphas: new Map(), members: 0 })

/**
 * Connects the nodes of one process that start it for the same hypha, each with each. Who comes later dials.
 *
 * ```ts
 * const network = createMemoryNetwork()
 * const laptop = createNode({ transports: [memoryTransport(network)] })
 * const phone = createNode({ transports: [memoryTransport(network)] })
 * ```
 */
export const memoryTransport = (network: MemoryNetwork): Transport => {
  if (!(network?.hyphas instanceof Map))
    throw invalid(
      'memoryTransport() takes what createMemoryNetwork() gives: one network for all nodes that shall meet.',
    )
  return createTransport('memory', async (discoveryKey, host) => {
    const key = toHex(discoveryKey)
    const self: Member = {
      address: `memory:${++network.members}`,
      host,
      links: new Map(),
      streams: new Set(),
    }
    const hypha = network.hyphas.get(key) ?? new Set()
    network.hyphas.set(key, hypha)

    for (const peer of hypha) {
      const dial = async (signal: AbortSignal): Promise<Connection> => {
        // Peers hear of each other only after start has returned, as on any other road.
        await undefined
        signal.throwIfAborted()
        const [ours, theirs] = createMemoryStreams()
        const common = { transport: 'memory', confidential: true, local: true }
        hold(self, ours)
        announce(
          { ...common, stream: hold(peer, theirs), direction: 'incoming', address: self.address },
          peer.host,
        )
        return { ...common, stream: ours, direction: 'outgoing', address: peer.address }
      }
      const link = host.dial(linkTarget({ address: peer.address, isLocal: true, dial }, host))
      self.links.set(peer, link)
      peer.links.set(self, link)
    }
    hypha.add(self)

    return async () => {
      hypha.delete(self)
      if (hypha.size === 0 && network.hyphas.get(key) === hypha) network.hyphas.delete(key)
      const links = [...self.links]
      for (const [peer] of links) peer.links.delete(self)
      for (const stream of self.streams) stream.destroy()
      await Promise.all([...links.map(([, link]) => link.stop()), ...[...self.streams].map(streamClosed)])
    }
  })
}
