import { hasNothing } from '../actors/host-talk.js'
import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Database } from '../adapters/database/database.js'
import { openDatabase } from '../adapters/database/hyperdb-database.js'
import { folderStorage } from '../adapters/storage/folder-storage.js'
import type { Storage } from '../adapters/storage/storage.js'
import { toHex } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { discoveryKeyOf } from '../protocol/hyphalink.js'
import { MAX_SEEN_MESSAGES, MEASURE_INTERVAL_MS, SEEN_MESSAGE_TTL_MS } from '../protocol/limits.js'
import { createSeenSet, type SeenSet } from '../protocol/seen-set.js'
import { createMembers, type Members } from './members.js'
import { createSeats, type Seats } from './seats.js'

/** One hypha that is kept here: blocks that can't be read, and who is connected for it. */
export interface HostedHypha {
  readonly database: Database
  readonly members: Members
  readonly seats: Seats
  /** Frames of late, so that each is forwarded once. */
  readonly seen: SeenSet
  /** It has outgrown what is kept of one hypha. */
  readonly isTooLarge: boolean
  /** Nothing of it has arrived yet. */
  readonly isEmpty: boolean
}

export interface Hyphas {
  readonly size: number
  get(discoveryKey: Uint8Array): HostedHypha | undefined
  /** Opens a hypha, once however often it is asked for. Rejects with what the database says. */
  open(hyphalink: Uint8Array): Promise<HostedHypha>
  /** Ends the connections of one, hosts it no more, and removes what is stored of it. */
  discard(hyphalink: Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface HyphasOptions {
  readonly storage: Storage
  readonly hash: Crypto['hash']
  readonly maxBytes: number
  readonly maxConnections: number
  /** Something of a hypha that was empty is here. */
  onFilled?(hyphalink: Uint8Array): void
  /** Meets others who have this hypha, from when it is hosted until what it answers with has resolved. */
  meet?(discoveryKey: Uint8Array): (() => Promise<void>) | undefined
  onError(error: Error): void
}

const folderOf = (key: string): string => `hyphas/${key}`

/** The hyphas of an always-on node, each in a folder of its own of the storage. */
export const createHyphas = (options: HyphasOptions): Hyphas => {
  const { storage, hash, maxBytes, maxConnections, meet, onFilled, onError } = options
  const hosted = new Map<string, HostedHypha>()
  const opening = new Map<string, Promise<HostedHypha>>()
  const timers = new Set<NodeJS.Timeout>()
  /** How to leave those who are met for a hypha. */
  const meetings = new Map<string, () => Promise<void>>()
  let isClosed = false

  const part = async (key: string): Promise<void> => {
    const leave = meetings.get(key)
    meetings.delete(key)
    await leave?.()
  }

  const open = async (hyphalink: Uint8Array, key: string): Promise<HostedHypha> => {
    let database: Database | undefined
    let isMeasuring = false
    const seats = createSeats(maxConnections)
    const members = createMembers(({ connection }) => seats.isProven(connection))
    const hypha = {
      members,
      seats,
      seen: createSeenSet({ max: MAX_SEEN_MESSAGES, ttl: SEEN_MESSAGE_TTL_MS }),
      isTooLarge: false,
      isEmpty: true,
    }

    const measure = () => {
      if (!database || hypha.isTooLarge || isClosed) return
      const bytes = database.progress.reduce((sum, feed) => sum + feed.bytes, 0)
      if (bytes <= maxBytes) return
      hypha.isTooLarge = true
      const error = new HyphaError(
        'HYPHA_TOO_LARGE',
        `A hypha has grown beyond the ${maxBytes} bytes that this node keeps of one, and is not replicated here any more. Start the node with a higher limit.`,
      )
      onError(error)
      void part(key)
      for (const link of members.links) link.connection.stream.destroy(error)
      seats.clear()
    }
    const look = () => {
      if (!database || !hypha.isEmpty || isClosed || hasNothing(database)) return
      hypha.isEmpty = false
      onFilled?.(hyphalink)
    }
    const progress = () => {
      look()
      if (isMeasuring || isClosed) return
      isMeasuring = true
      const timer = setTimeout(() => {
        timers.delete(timer)
        isMeasuring = false
        measure()
      }, MEASURE_INTERVAL_MS)
      timers.add(timer)
    }

    database = await openDatabase({
      hyphalink,
      storage: folderStorage(storage, folderOf(key)),
      // Nobody reads here, so what is delivered is not looked at.
      events: { entries: () => {}, progress, error: onError },
    })
    measure()
    const opened = Object.assign(hypha, { database })
    if (isClosed) {
      await database.close()
      throw new HyphaError('CLOSED', 'This always-on node has been closed.')
    }
    hosted.set(key, opened)
    look()
    const leave = hypha.isTooLarge ? undefined : meet?.(database.discoveryKey)
    if (leave) meetings.set(key, leave)
    return opened
  }

  return {
    get size() {
      return hosted.size
    },
    get: (discoveryKey) => hosted.get(toHex(discoveryKey)),
    open: (hyphalink) => {
      const key = toHex(discoveryKeyOf(hyphalink, hash))
      const known = hosted.get(key)
      if (known) return Promise.resolve(known)
      const under = opening.get(key)
      if (under) return under
      const opened = open(hyphalink, key).finally(() => opening.delete(key))
      opening.set(key, opened)
      return opened
    },
    discard: async (hyphalink) => {
      const key = toHex(discoveryKeyOf(hyphalink, hash))
      const left = hosted.get(key)
      hosted.delete(key)
      if (!left) return
      left.members.close()
      left.seats.clear()
      await part(key)
      await left.database.close()
      await storage.remove?.(folderOf(key))
    },
    close: async () => {
      isClosed = true
      for (const timer of timers) clearTimeout(timer)
      await Promise.allSettled(opening.values())
      await Promise.all([...meetings.keys()].map(part))
      for (const { database, members } of hosted.values()) {
        members.close()
        await database.close()
      }
      hosted.clear()
    },
  }
}
