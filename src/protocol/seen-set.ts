interface Link {
  readonly key: string
  at: number
  older: Link
  newer: Link
}

/** Within its time; or from a future further off than that, which a clock that was set back leaves behind. */
const isFresh = (at: number, now: number, ttl: number): boolean => now < at + ttl && at < now + ttl

/**
 * Keys in order of age. A ring of links beside the map, because a Map whose first key is deleted again and again takes
 * ever longer to find its next first one.
 */
const createAges = () => {
  const links = new Map<string, Link>()
  const ring = { key: '', at: 0 } as Link
  ring.older = ring
  ring.newer = ring
  const remove = (link: Link): void => {
    links.delete(link.key)
    link.older.newer = link.newer
    link.newer.older = link.older
  }
  return {
    get size() {
      return links.size
    },
    at: (key: string): number | undefined => links.get(key)?.at,
    oldestAt: (): number | undefined => (links.size > 0 ? ring.newer.at : undefined),
    removeOldest: (): void => {
      if (links.size > 0) remove(ring.newer)
    },
    delete: (key: string): void => {
      const link = links.get(key)
      if (link) remove(link)
    },
    /** As the newest, if it was there or not. */
    set: (key: string, at: number): void => {
      const old = links.get(key)
      if (old) remove(old)
      const link: Link = { key, at, older: ring.older, newer: ring }
      ring.older.newer = link
      ring.older = link
      links.set(key, link)
    },
  }
}

/** Two out for every one in: what has ended leaves in time, and no single call pays for all of it. */
const dropEnded = (ages: ReturnType<typeof createAges>, now: number, ttl: number): void => {
  for (let i = 0; i < 2; i++) {
    const oldest = ages.oldestAt()
    if (oldest === undefined || isFresh(oldest, now, ttl)) return
    ages.removeOldest()
  }
}

export interface SeenSet {
  /** Whether the key is new. Seen from now on, either way. @param now milliseconds */
  add(key: string, now: number): boolean
  has(key: string, now: number): boolean
  /** Takes it back: it could not be used after all, and may come again. */
  delete(key: string): void
  readonly size: number
}

/**
 * What has been seen of late, for messages that arrive by two roads: bounded in number (what was seen longest ago is
 * forgotten first) and in time. Every operation is O(1).
 */
export const createSeenSet = ({ max, ttl }: { max: number; ttl: number }): SeenSet => {
  const ages = createAges()
  return {
    add: (key, now) => {
      const at = ages.at(key)
      ages.set(key, now)
      if (ages.size > max) ages.removeOldest()
      dropEnded(ages, now, ttl)
      return at === undefined || !isFresh(at, now, ttl)
    },
    has: (key, now) => {
      const at = ages.at(key)
      return at !== undefined && isFresh(at, now, ttl)
    },
    delete: (key) => ages.delete(key),
    get size() {
      return ages.size
    },
  }
}

export interface ReplayGuard {
  /**
   * `new` is remembered until its time has passed; `full` is not. A control message is acted on only if it is `new`.
   * @param now milliseconds, of the clock that the message's own times are checked by
   */
  add(key: string, now: number): 'new' | 'seen' | 'full'
  /** Takes it back: it was not acted on after all, and may come again. */
  delete(key: string): void
  readonly size: number
}

/**
 * What control messages have been acted on: nothing is forgotten before its time, so when it is full, new ones are
 * refused. Every operation is O(1).
 */
export const createReplayGuard = ({ max, ttl }: { max: number; ttl: number }): ReplayGuard => {
  const ages = createAges()
  return {
    add: (key, now) => {
      dropEnded(ages, now, ttl)
      const at = ages.at(key)
      if (at !== undefined && isFresh(at, now, ttl)) return 'seen'
      if (at === undefined && ages.size >= max) return 'full'
      ages.set(key, now)
      return 'new'
    },
    delete: (key) => ages.delete(key),
    get size() {
      return ages.size
    },
  }
}
