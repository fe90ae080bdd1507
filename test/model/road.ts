import { Duplex } from 'node:stream'
import { createMemoryStreams } from '../../src/adapters/transport/memory-stream.js'
import type { Connection, Dialling, DialTarget, Transport, TransportHost } from '../../src/index.js'
import { createGate } from './gate.js'

/** An address whose tries end as a test says. */
export const createTarget = (about: Omit<DialTarget, 'dial'> = { address: 'elsewhere:1' }) => {
  let answer: { up(): void; fail(error: Error): void } | undefined
  let down = () => {}
  const target: DialTarget = {
    ...about,
    dial: (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('Given up.')))
        answer = {
          up: () => {
            const closed = new Promise<void>((close) => {
              down = close
            })
            resolve({ closed, close: () => down() })
          },
          fail: reject,
        }
      }),
  }
  return {
    target,
    up: () => answer?.up(),
    fail: () => answer?.fail(Object.assign(new Error('Nobody answers.'), { code: 'ECONNREFUSED' })),
    lose: () => down(),
  }
}

interface StagedLink {
  readonly ours: Duplex
  readonly theirs: Duplex
}

/** Two ends of a link: what is sent to the first waits while it is held, and arrives within the call that delivers it. */
const createHeldStreams = () => {
  let isHeld = false
  const waiting: Uint8Array[] = []
  const nothing = () => {}
  const ours = new Duplex({
    allowHalfOpen: false,
    read: nothing,
    write: (chunk: Uint8Array, _, done) => {
      setImmediate(() => theirs.push(Buffer.from(chunk)))
      done()
    },
  })
  const deliver = () => {
    for (const chunk of waiting.splice(0)) if (!ours.destroyed) ours.push(chunk)
  }
  const theirs = new Duplex({
    allowHalfOpen: false,
    read: nothing,
    write: (chunk: Uint8Array, _, done) => {
      waiting.push(Buffer.from(chunk))
      setImmediate(() => isHeld || deliver())
      done()
    },
  })
  ours.once('close', () => theirs.destroy())
  theirs.once('close', () => ours.destroy())
  return {
    ours,
    theirs,
    hold: () => {
      isHeld = true
    },
    free: () => {
      isHeld = false
      deliver()
    },
    deliver,
    /** The first that waits. */
    deliverOne: () => {
      const chunk = waiting.shift()
      if (!chunk) throw new Error('Nothing was sent.')
      ours.push(chunk)
    },
  }
}

/** A transport whose starts, stops, links and addresses are in a test's hands. */
export const createRoad = (name = 'road') => {
  const starting = createGate()
  const stopping = createGate()
  const streams: Duplex[] = []
  let host: TransportHost | undefined
  const mustBeHosted = (): TransportHost => {
    if (!host) throw new Error(`${name} was not started.`)
    return host
  }
  const announce = ({ ours, theirs }: StagedLink, about: Partial<Connection>) => {
    streams.push(ours, theirs)
    theirs.on('error', () => {})
    mustBeHosted().connection({
      stream: ours,
      transport: name,
      direction: 'incoming',
      address: 'elsewhere:1',
      confidential: true,
      ...about,
    })
  }
  const transport: Transport = {
    name,
    start: (_discoveryKey, given) => {
      host = given
      return starting.enter()
    },
    stop: async () => {
      await stopping.enter()
      for (const stream of streams) stream.destroy()
    },
  }
  return {
    transport,
    starting,
    stopping,
    dial: (target: DialTarget): Dialling => mustBeHosted().dial(target),
    report: (error: Error): void => mustBeHosted().error(error),
    /** A link is up: both its ends, of which the first is the node's. A broken one can't even be listened to. */
    link: (about: Partial<Connection> = {}, isBroken = false): StagedLink => {
      const [ours, theirs] = createMemoryStreams()
      if (isBroken) {
        ours.on('error', () => {})
        ours.on = () => {
          throw new Error('It broke.')
        }
      }
      announce({ ours, theirs }, about)
      return { ours, theirs }
    },
    /** A link whose bytes to the node can be held back, and handed over at once. */
    heldLink: (about: Partial<Connection> = {}) => {
      const streams = createHeldStreams()
      announce(streams, about)
      return streams
    },
  }
}

export type Road = ReturnType<typeof createRoad>
