import type { Swarm } from '../adapters/transport/swarm.js'
import type { Connection } from '../adapters/transport/transport.js'
import type { HostedHypha } from './hyphas.js'

export interface MeetingsOptions {
  readonly swarm: Swarm
  readonly hyphaOf: (discoveryKey: Uint8Array) => HostedHypha | undefined
  /** Of all hyphas together. */
  readonly maxConnections: number
  /** A peer came. Who is told owns the connection. */
  onConnection(connection: Connection): void
  onError(error: Error): void
}

/**
 * Meets the others of a hypha in its swarm; what is answered leaves it. Each hypha has connections of its own, as those of
 * other roads have: there may be many, but they are alike, and a host doesn't show which hyphas it keeps together.
 */
export const createMeetings = (options: MeetingsOptions) => {
  const { swarm, hyphaOf, maxConnections, onConnection, onError } = options
  let count = 0
  return (discoveryKey: Uint8Array): (() => Promise<void>) => {
    const connection = (met: Connection) => {
      if (count >= maxConnections || !hyphaOf(discoveryKey)?.seats.enter(met))
        return void met.stream.destroy()
      count++
      met.stream.once('close', () => count--)
      onConnection(met)
    }
    const { leave } = swarm.join(discoveryKey, { connection, error: onError })
    return leave
  }
}
