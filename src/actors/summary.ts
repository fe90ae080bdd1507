import type { Link } from './link.js'

const SUMMARY_INTERVAL_MS = 1_000

/** Tells a link's counters, at most once a second and only if they changed. Returns the function that stops it. */
export const summarise = (link: Link, tell: (counters: Link['counters']) => void): (() => void) => {
  let told = ''
  const timer = setInterval(() => {
    const { replication, counters } = link
    if (replication) {
      counters.blocksReceived = replication.blocksReceived
      counters.blocksSent = replication.blocksSent
      counters.bytesReceived = replication.bytesReceived
      counters.bytesSent = replication.bytesSent
    }
    const summary = JSON.stringify(counters)
    if (summary === told) return
    told = summary
    tell({ ...counters })
  }, SUMMARY_INTERVAL_MS)
  timer.unref?.()
  return () => clearInterval(timer)
}
