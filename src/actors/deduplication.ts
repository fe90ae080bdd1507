import { fromCallback } from 'xstate'
import type { Link } from './link.js'

/** What was seen on any connection of a node: bounded in number and time, shared by all its links. */
export interface Seen {
  /** True the first time. */
  add(id: string, now: number): boolean
  has(id: string, now: number): boolean
  delete(id: string): void
}

/**
 * Stands at one link's gate: lets a message through the first time it arrives on any link of the node. The set is the
 * node's, the count of what was dropped is the link's; neither is a machine event.
 */
export const createDeduplication = (services: {
  links: Map<string, Link>
  /** By link on an always-on node, where no hypha may push out what another has seen. */
  seen: Seen | ((link: Link) => Seen | undefined)
  now: () => number
}) =>
  fromCallback<{ type: string }, { linkId: string }>(({ input }) => {
    const link = services.links.get(input.linkId)
    if (!link) return
    const seen = typeof services.seen === 'function' ? services.seen(link) : services.seen
    if (!seen) return
    link.gate = {
      admit: (id) => {
        const first = seen.add(id, services.now())
        if (!first) link.counters.duplicates++
        return first
      },
      has: (id) => seen.has(id, services.now()),
      forget: (id) => seen.delete(id),
    }
    return () => {
      delete link.gate
    }
  })
