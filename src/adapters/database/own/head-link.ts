import type { Feed } from 'hypercore'

/** Asks for the head of a feed, and answers. The own feed joins a link once the other end's head agrees. */
export const HEAD_EXTENSION = 'hypha-head'

/** One end of a replication. */
export interface HeadLink {
  send(extension: string, bytes: Uint8Array): boolean
  supports(extension: string): boolean
  /** The own feed may be replicated over it. */
  agreed(): void
  /** Replicates a feed over it that is none of hyperdb's. */
  join(feed: Feed): void
  end(error?: Error): void
}
