import { type ActorRefFrom, createActor } from 'xstate'
import { createLink, type Link } from '../actors/link.js'
import { type NodeObserver, observeSystem } from '../actors/tracing.js'
import type { Connection } from '../adapters/transport/transport.js'
import type { PeerOutput, peerMachine } from '../machines/peer.js'
import { MAX_UNDECIDED_CONNECTIONS } from '../protocol/limits.js'
import { createShares } from '../protocol/shares.js'
import { sourceOfConnection } from './seats.js'

export interface Peers {
  /** Peers that have shaken hands. */
  readonly connected: number
  add(connection: Connection): void
  /** Lets an inspector look at those who are connected and those who come. @returns what ends it */
  observe(observer: NodeObserver): () => void
  close(): void
}

export interface PeersOptions {
  readonly links: Map<string, Link>
  /** The peer machine with its actors provided. */
  readonly machine: typeof peerMachine
  onEnded(output: PeerOutput): void
  onError(error: unknown): void
}

/**
 * One root actor a connection: what ends one ends no other, and a thousand end as quickly as they came. Connections that
 * haven't shaken hands are few: when there are too many, the address that has most of them loses its oldest.
 */
export const createPeers = ({ links, machine, onEnded, onError }: PeersOptions): Peers => {
  const actors = new Map<string, ActorRefFrom<typeof peerMachine>>()
  const undecided = createShares<string>()
  /** Who looks on, and what ends that, by peer. */
  const observations = new Set<{ observer: NodeObserver; stops: Map<string, () => void> }>()
  let last = 0
  let isClosed = false

  const forget = (id: string) => {
    actors.delete(id)
    undecided.delete(id)
    links.delete(id)
    for (const { stops } of observations) {
      const stop = stops.get(id)
      stops.delete(id)
      // The last that is told of who has ended is yet to come.
      if (stop) queueMicrotask(stop)
    }
  }

  return {
    get connected() {
      return actors.size - undecided.size
    },
    add: (connection) => {
      if (isClosed) return void connection.stream.destroy()
      const { transport, direction, address } = connection
      const id = String(++last)
      links.set(id, createLink(id, connection))
      const actor = createActor(machine, { input: { linkId: id, transport, direction, address } })
      actors.set(id, actor)
      const source = sourceOfConnection(connection)
      const crowding =
        undecided.size >= MAX_UNDECIDED_CONNECTIONS ? undecided.oneTooMany(source)?.holder : undefined
      undecided.add(id, source)
      for (const { observer, stops } of observations) stops.set(id, observeSystem(actor, observer))
      actor.subscribe({
        next: (snapshot) => {
          if (snapshot.matches('connected')) undecided.delete(id)
        },
        complete: () => {
          forget(id)
          const { output } = actor.getSnapshot()
          if (output && !isClosed) onEnded(output)
        },
        error: (error) => {
          connection.stream.destroy()
          forget(id)
          onError(error)
        },
      })
      actor.start()
      if (crowding !== undefined) actors.get(crowding)?.send({ type: 'disconnect' })
    },
    observe: (observer) => {
      const stops = new Map([...actors].map(([id, actor]) => [id, observeSystem(actor, observer)]))
      const own = { observer, stops }
      observations.add(own)
      return () => {
        observations.delete(own)
        for (const stop of stops.values()) stop()
      }
    },
    close: () => {
      isClosed = true
      for (const [id, actor] of [...actors]) {
        actor.stop()
        undecided.delete(id)
      }
      actors.clear()
      for (const { observer } of observations) observer.ended()
      observations.clear()
    },
  }
}
