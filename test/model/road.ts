import type { Duplex } from 'node:stream'
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
    link: (about: Partial<Connection> = {}, isBroken = false): { ours: Duplex; theirs: Duplex } => {
      const [ours, theirs] = createMemoryStreams()
      streams.push(ours, theirs)
      for (const stream of [ours, theirs]) stream.on('error', () => {})
      if (isBroken) {
        ours.on = () => {
          throw new Error('It broke.')
        }
      }
      mustBeHosted().connection({
        stream: ours,
        transport: name,
        direction: 'incoming',
        address: 'elsewhere:1',
        confidential: true,
        ...about,
      })
      return { ours, theirs }
    },
  }
}

export type Road = ReturnType<typeof createRoad>
