import type { Connection } from '../adapters/transport/transport.js'
import { createShares } from '../protocol/shares.js'

/** The connections of one hypha: each costs memory for each of its feeds. */
export interface Seats {
  /**
   * Lets a connection in until it closes; when there are as many as there may be, it takes the place of one whose other end
   * has not proven to be the person's. False when all have.
   */
  enter(connection: Connection): boolean
  /** The other end has proven that it is one of the person's nodes. */
  prove(connection: Connection): void
  isProven(connection: Connection): boolean
  /** Ends every connection, also those that have not shaken hands yet. */
  clear(): void
}

/** Which address a connection counts for; in a swarm each has a key of its own. */
export const sourceOfConnection = ({ source, address }: Connection): string => source ?? address

export const createSeats = (max: number): Seats => {
  const shares = createShares<Connection>()
  const proven = new WeakSet<Connection>()
  const isProven = (connection: Connection) => proven.has(connection)
  return {
    enter: (connection) => {
      const { stream } = connection
      if (shares.has(connection)) return true
      const source = sourceOfConnection(connection)
      if (shares.size >= max) {
        // The newcomer may be one of the person's, and proves it in a moment: so it comes in whoever is there.
        const found = shares.oneTooMany(source, isProven)
        if (!found) return false
        shares.delete(found.holder)
        found.holder.stream.destroy()
      }
      shares.add(connection, source)
      stream.once('close', () => shares.delete(connection))
      return true
    },
    prove: (connection) => void proven.add(connection),
    isProven,
    clear: () => {
      for (const { stream } of shares.holders) stream.destroy()
    },
  }
}
