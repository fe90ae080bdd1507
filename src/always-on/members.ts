import type { Link } from '../actors/link.js'
import { utf8 } from '../protocol/bytes.js'
import { RELAY } from '../protocol/extensions.js'
import { MAX_RELAY_WAITING_BYTES, RELAY_HINT_INTERVAL_MS } from '../protocol/limits.js'

/** Who is connected for one hypha, by links that have shaken hands. */
export interface Members {
  readonly links: ReadonlySet<Link>
  add(link: Link): void
  delete(link: Link): void
  /** Sends a frame to all but where it came from; those who are slow to take theirs miss it. */
  forward(source: Link, extension: string, frame: Uint8Array): void
  close(): void
}

/** Bytes that are on their way to a peer and still here. */
const waitingFor = ({ connection, replication }: Link): number =>
  connection.stream.writableLength + (replication?.bytesWaiting ?? 0)

export const createMembers = (): Members => {
  /** By link: how many others it was told of. */
  const told = new Map<Link, number>()
  const links = new Set<Link>()
  let timer: NodeJS.Timeout | undefined

  const send = (link: Link, extension: string, bytes: Uint8Array): void => {
    if (waitingFor(link) <= MAX_RELAY_WAITING_BYTES && link.replication?.send(extension, bytes)) {
      link.counters.messagesSent++
    }
  }

  /** Tells who doesn't know yet how many others there are: at once, and then not again for a while. */
  const tell = () => {
    if (timer) return
    const peers = links.size - 1
    let isNews = false
    for (const link of links) {
      if (told.get(link) === peers) continue
      isNews = true
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
    delete: (link) => {
      links.delete(link)
      told.delete(link)
      tell()
    },
    forward: (source, extension, frame) => {
      for (const link of links) if (link !== source) send(link, extension, frame)
    },
    close: () => {
      clearTimeout(timer)
      links.clear()
    },
  }
}
