import type { Link } from '../actors/link.js'
import { utf8 } from '../protocol/bytes.js'
import { PACK, RELAY, SECURE_EPHEMERAL } from '../protocol/extensions.js'
import { MAX_RELAY_WAITING_BYTES, RELAY_HINT_INTERVAL_MS } from '../protocol/limits.js'
import { BUSY_BYTES, MAX_BUSY_MS } from '../protocol/message-limits.js'

/** Who is connected for one hypha, by links that have shaken hands. */
export interface Members {
  readonly links: ReadonlySet<Link>
  add(link: Link): void
  delete(link: Link): void
  /** What another always-on node says: how many it passes frames on to, beside this one, and how many take no packs. */
  heard(link: Link, others: Others): void
  /** One of them counts from now on: it has proven to be the person's. */
  count(link: Link): void
  /** Links that count, of nodes. */
  readonly counted: number
  /** Whether there is another always-on node at its other end. */
  isRelay(link: Link): boolean
  /** Whether senders should wait for somebody to take what there is. Nobody is waited for long. */
  isAnyBusy(now: number): boolean
  /** Sends a frame to all but where it came from; those who are slow to take theirs miss it, and are told. @returns to how many */
  forward(source: Link, extension: string, frame: Uint8Array): number
  close(): void
}

export interface Others {
  readonly peers: number
  /** Of them, those who take one message a frame only. */
  readonly old: number
}

/** Bytes that are on their way to a peer and still here. */
const waiting = ({ connection, replication }: Link): number =>
  connection.stream.writableLength + (replication?.bytesWaiting ?? 0)

/** Too many of them. */
const isSlow = (link: Link): boolean => waiting(link) > MAX_RELAY_WAITING_BYTES

/** A node of ours from before there were packs. */
const isOld = ({ replication }: Link): boolean =>
  replication?.supports(SECURE_EPHEMERAL) === true &&
  replication.supports(RELAY) &&
  !replication.supports(PACK)

/** @param isCounted whether others are told of it: a stranger who has the hyphalink is nobody to ask or to answer */
export const createMembers = (isCounted: (link: Link) => boolean): Members => {
  /** By link to another always-on node: who is behind it. */
  const behind = new Map<Link, Others>()
  /** By link: how many others it was told of, as they were said. */
  const told = new Map<Link, string>()
  /** By link: frames that it missed and has not been told of. */
  const missed = new Map<Link, number>()
  /** By link: since when it has more to take than it should. */
  const busySince = new Map<Link, number>()
  /** Who has to be told even if there are as many as before: one has left, and another one has come. */
  const owed = new Set<Link>()
  const links = new Set<Link>()
  let timer: NodeJS.Timeout | undefined

  const isHere = (link: Link) => !behind.has(link) && isCounted(link)
  const counted = (): number => {
    let count = 0
    for (const link of links) if (isHere(link)) count++
    return count
  }

  const send = (link: Link, extension: string, bytes: Uint8Array): boolean => {
    if (isSlow(link)) {
      if (extension !== RELAY) missed.set(link, (missed.get(link) ?? 0) + 1)
      return false
    }
    if (!link.replication?.send(extension, bytes)) return false
    link.counters.messagesSent++
    return true
  }

  /** Tells who takes again what it missed. Old ones would not understand. */
  const tellMissed = () => {
    for (const [link, frames] of [...missed]) {
      if (waiting(link) > BUSY_BYTES) continue
      missed.delete(link)
      if (link.replication?.supports(PACK)) send(link, RELAY, utf8(JSON.stringify({ missed: frames })))
    }
  }

  /** Tells who doesn't know yet how many others there are: at once, and then not again for a while. */
  const tell = () => {
    if (timer) return
    tellMissed()
    const here = counted()
    // Those who take no packs, whether they count or not: nobody shall miss what is said to all.
    let old = 0
    for (const link of links) if (!behind.has(link) && isOld(link)) old++
    // Whoever is behind a relay that takes no packs gets none.
    const far = [...behind].map(([link, others]) =>
      link.replication?.supports(PACK) ? others : { peers: others.peers, old: others.peers },
    )
    const sum = (name: keyof Others) => far.reduce((total, others) => total + others[name], 0)
    let isNews = missed.size > 0
    for (const link of links) {
      // Always-on nodes tell each other of those who are with them alone: else a circle of them would count for ever.
      const hint = behind.has(link)
        ? { peers: here, old }
        : {
            peers: here + sum('peers') - (isHere(link) ? 1 : 0),
            old: old + sum('old') - (isOld(link) ? 1 : 0),
          }
      const news = JSON.stringify(hint)
      if (!owed.has(link) && told.get(link) === news) continue
      isNews = true
      // It is told when it has taken what waits.
      if (isSlow(link)) continue
      owed.delete(link)
      told.set(link, news)
      send(link, RELAY, utf8(news))
    }
    if (!isNews) return
    timer = setTimeout(() => {
      timer = undefined
      tell()
    }, RELAY_HINT_INTERVAL_MS)
  }

  return {
    links,
    add: (link) => {
      links.add(link)
      tell()
    },
    count: (link) => {
      for (const other of links) if (other !== link) owed.add(other)
      tell()
    },
    delete: (link) => {
      links.delete(link)
      told.delete(link)
      owed.delete(link)
      behind.delete(link)
      missed.delete(link)
      busySince.delete(link)
      tell()
    },
    heard: (link, others) => {
      if (!links.has(link)) return
      // As many as before: somebody else is behind it now. Other always-on nodes hear of those from itself.
      if (behind.get(link)?.peers === others.peers)
        for (const other of links) if (!behind.has(other)) owed.add(other)
      behind.set(link, others)
      tell()
    },
    get counted() {
      return counted()
    },
    isRelay: (link) => behind.has(link),
    isAnyBusy: (now) => {
      let isAny = false
      for (const link of links) {
        if (waiting(link) <= BUSY_BYTES) busySince.delete(link)
        else {
          const since = busySince.get(link) ?? now
          busySince.set(link, Math.min(since, now))
          if (now - since < MAX_BUSY_MS) isAny = true
        }
      }
      return isAny
    },
    forward: (source, extension, frame) => {
      let sent = 0
      for (const link of links) if (link !== source && send(link, extension, frame)) sent++
      if (missed.size > 0) tell()
      return sent
    },
    close: () => {
      clearTimeout(timer)
      links.clear()
    },
  }
}
