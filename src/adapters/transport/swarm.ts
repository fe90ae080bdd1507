import { createHash } from 'node:crypto'
import type { Dht, NoiseSocket } from 'hyperswarm'
import { HyphaError } from '../../protocol/errors.js'
import {
  MAX_SWARM_CONNECTIONS,
  SWARM_BACKOFFS_MS,
  SWARM_LEAVE_MS,
  SWARM_LOOK_FIRST_MS,
  SWARM_LOOK_MAX_EACH_MS,
  SWARM_LOOK_MAX_MS,
  SWARM_LOOKS,
  SWARM_STABLE_MS,
} from '../../protocol/limits.js'
import { announce, type Listener } from './announce.js'
import { noiseStream } from './noise-stream.js'
import { streamClosed } from './stream-closed.js'
import { parseTcpAddress } from './tcp-address.js'

export interface SwarmOptions {
  /** Nodes of the DHT to begin with: `host:port`. The public ones unless given. */
  readonly bootstrap?: readonly string[]
}

/** What one does in a swarm. Both, unless a test says otherwise. */
export interface SwarmPart {
  /** Lets itself be found. */
  readonly isFound?: boolean
  /** Looks for the others, and dials them. */
  readonly looks?: boolean
}

export interface Membership {
  /** Ends every connection and says good-bye. Never rejects. */
  leave(): Promise<void>
}

/** A node of the DHT, and the swarms that it is in. */
export interface Swarm {
  /** Meets whoever else is there for a hypha. Peers know each hypha's member by another key, so none shows which hyphas are kept together. */
  join(discoveryKey: Uint8Array, listener: Listener, part?: SwarmPart): Membership
  /** Leaves all; resolves when no handle is left. */
  close(): Promise<void>
}

const TOPIC_CONTEXT = 'hypha-runtime/hyperswarm/1\0'

/**
 * What is announced, for everybody to see. Whoever knows the discovery key finds it, but not the other way round: the
 * discovery key itself, with which one gets through to an always-on node, is in no DHT.
 */
export const topicOf = (discoveryKey: Uint8Array): Uint8Array =>
  createHash('sha256').update(TOPIC_CONTEXT).update(discoveryKey).digest()

/** @throws HyphaError TRANSPORT_UNAVAILABLE */
const load = async () => {
  try {
    // Optional: webpack would refuse to build without it.
    return (await import(/* webpackIgnore: true */ 'hyperswarm')).default
  } catch (cause) {
    throw new HyphaError(
      'TRANSPORT_UNAVAILABLE',
      'Hyperswarm needs the package of that name, which is not installed here or can’t be loaded. Install it with: npm install hyperswarm',
      { cause },
    )
  }
}

/** One DHT for many swarms: each believes it to be its own, and would end it when it ends. */
const lend = (dht: Dht): { readonly lent: Dht; giveBack(): void } => {
  const listening: [string, (...values: unknown[]) => void][] = []
  const own = {
    destroy: async () => {},
    on: (event: string, listener: (...values: unknown[]) => void) => {
      listening.push([event, listener])
      dht.on(event, listener)
    },
  }
  const lent = new Proxy(dht, {
    get: (_, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(own, name) ? own : dht, name)
      return typeof value === 'function' ? value.bind(dht) : value
    },
  })
  const giveBack = () => {
    for (const [event, listener] of listening.splice(0)) dht.off(event, listener)
  }
  return { lent, giveBack }
}

const inTime = async (work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SWARM_LEAVE_MS)
  })
  await Promise.race([work.catch(() => {}), late])
  clearTimeout(timer)
}

const addressOf = ({ remotePublicKey }: NoiseSocket): string =>
  `hyperswarm:${Buffer.from(remotePublicKey).toString('hex', 0, 4)}`

/**
 * Opens a node of the DHT. It listens at once, and looks for the network behind.
 * @throws HyphaError TRANSPORT_UNAVAILABLE, ADDRESS_INVALID, OPTION_INVALID
 */
export const openSwarm = async (
  { bootstrap }: SwarmOptions,
  onError: (error: Error) => void,
): Promise<Swarm> => {
  if (bootstrap !== undefined && !Array.isArray(bootstrap))
    throw new HyphaError('OPTION_INVALID', "bootstrap is an array of addresses, as in ['192.168.1.2:49737'].")
  const nodes = bootstrap?.map((address) => parseTcpAddress(address))
  const Hyperswarm = await load()
  const base = new Hyperswarm(nodes ? { bootstrap: nodes } : {})
  const { dht } = base
  // Three for each hypha.
  dht.setMaxListeners(0)
  const memberships = new Set<Membership>()
  let isClosed = false

  const join = (
    discoveryKey: Uint8Array,
    listener: Listener,
    { isFound = true, looks = true }: SwarmPart = {},
  ): Membership => {
    const { lent, giveBack } = lend(dht)
    const swarm = new Hyperswarm({
      dht: lent,
      maxPeers: MAX_SWARM_CONNECTIONS,
      backoffs: SWARM_BACKOFFS_MS,
      jitter: SWARM_BACKOFFS_MS[0],
    })
    const streams = new Set<ReturnType<typeof noiseStream>>()
    let hasLeft: Promise<void> | undefined
    let timer: NodeJS.Timeout | undefined
    let count = 0

    const planLook = () => {
      clearTimeout(timer)
      if (hasLeft || !looks || (count >= SWARM_LOOKS && streams.size > 0)) return
      const longest = Math.max(SWARM_LOOK_MAX_MS, memberships.size * SWARM_LOOK_MAX_EACH_MS)
      const wait = Math.min(longest, SWARM_LOOK_FIRST_MS * 2 ** count++)
      timer = setTimeout(() => void session.refresh().then(planLook, planLook), wait * (0.5 + Math.random()))
    }

    swarm.on('connection', (socket: NoiseSocket) => {
      const stream = noiseStream(socket)
      if (hasLeft || streams.size >= MAX_SWARM_CONNECTIONS) {
        stream.on('error', () => {}).destroy()
        return
      }
      const since = performance.now()
      streams.add(stream)
      stream.once('close', () => {
        streams.delete(stream)
        // hyperswarm gives up on a peer that it lost a few times; it is found again by looking.
        count = performance.now() - since >= SWARM_STABLE_MS ? 0 : Math.min(count, SWARM_LOOKS - 2)
        planLook()
      })
      announce(
        {
          stream,
          transport: 'hyperswarm',
          direction: socket.isInitiator ? 'outgoing' : 'incoming',
          address: addressOf(socket),
          confidential: true,
          local: false,
          discoveryKey,
        },
        listener,
      )
    })
    const session = swarm.join(topicOf(discoveryKey), { server: isFound, client: looks })
    planLook()

    const end = async (): Promise<void> => {
      clearTimeout(timer)
      memberships.delete(membership)
      const ends = [...streams].map(streamClosed)
      for (const stream of streams) stream.destroy()
      await inTime(Promise.all([swarm.destroy(), ...ends]))
      giveBack()
    }
    const membership: Membership = {
      leave: () => {
        hasLeft ??= end()
        return hasLeft
      },
    }
    memberships.add(membership)
    return membership
  }

  void dht.fullyBootstrapped().then(
    () => {
      if (isClosed || dht.toArray().length > 0) return
      onError(
        new HyphaError(
          'ADDRESS_UNREACHABLE',
          "The Hyperswarm network can't be reached (no bootstrap node answers). Check the connection to the network; it is tried again until it answers.",
        ),
      )
    },
    () => {},
  )

  return {
    join,
    close: async () => {
      isClosed = true
      await Promise.all([...memberships].map(({ leave }) => leave()))
      await base.destroy({ force: true }).catch(() => {})
    },
  }
}
