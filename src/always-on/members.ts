import type { Link } from '../actors/link.js'
import { utf8 } from '../protocol/bytes.js'
import { RELAY } from '../protocol/extensions.js'
import { MAX_RELAY_WAITING_BYTES, RELAY_HINT_INTERVAL_MS } from '../protocol/limits.js'

/** Who is connected for one hypha, by links that have shaken hands. */
export interface Members {
  readonly links: ReadonlySet<Link>
  add(link: Link): void
  delete(link: Link): void
  /** What another always-on node says: how many it passes frames on to, beside this one. */
  heard(link: Link, peers: number): void
  /** One of them counts from now on: it has proven to be the person's. */
  count(link: Link): void
  /** Sends a frame to all but where it came from; those who are slow to take theirs miss it. @returns to how many */
  forward(source: Link, extension: string, frame: Uint8Array): number
  close(): void
}

/** Too many bytes are on their way to a peer and still here. */
const isSlow = ({ connection, replication }: Link): boolean =>
  connection.stream.writableLength + (replication?.bytesWaiting ?? 0) > MAX_RELAY_WAITING_BYTES

/** @param isCounted whether others are told of it: a stranger who has the hyphalink is nobody to ask or to answer */
export const createMembers = (isCounted: (link: Link) => boolean): Members => {
  /** By link to another always-on node: how many are behind it. */
  const behind = new Map<Link, number>()
  /** By link: how many others it was told of. */
  const told = new Map<Link, number>()
  /** Who has to be told even if there are as many as before: one has left, and another one has come. */
  const owed = new Set<Link>()
  const links = new Set<Link>()
  let timer: NodeJS.Timeout | undefined

  const send = (link: Link, extension: string, bytes: Uint8Array): boolean => {
    if (isSlow(link) || !link.replication?.send(extension, bytes)) return false
    link.counters.messagesSent++
    return true
  }

  /** Tells who doesn't know yet how many others there are: at once, and then not again for a while. */
  const tell = () => {
    if (timer) return
    const isHere = (link: Link) => !behind.has(link) && isCounted(link)
    let here = 0
    for (const link of links) if (isHere(link)) here++
    const far = [...behind.values()].reduce((sum, count) => sum + count, 0)
    let isNews = false
    for (const link of links) {
      // Always-on nodes tell each other of those who are with them alone: else a circle of them would count for ever.
      const peers = behind.has(link) ? here : here + far - (isHere(link) ? 1 : 0)
      if (!owed.has(link) && told.get(link) === peers) continue
      isNews = true
      // It is told when it has taken what waits.
      if (isSlow(link)) continue
      owed.delete(link)
      told.set(link, peers)
      send(link, RELAY, utf8(JSON.stringify({ peers })))
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
      tell()
    },
    heard: (link, peers) => {
      if (!links.has(link)) return
      // As many as before: somebody else is behind it now. Other always-on nodes hear of those from itself.
      if (behind.get(link) === peers) for (const other of links) if (!behind.has(other)) owed.add(other)
      behind.set(link, peers)
      tell()
    },
    forward: (source, extension, frame) => {
      let sent = 0
      for (const link of links) if (link !== source && send(link, extension, frame)) sent++
      return sent
    },
    close: () => {
      clearTimeout(timer)
      links.clear()
    },
  }
}
