import argon2Worker from 'worker-url:argon2-worker.js'
import { createNode, type HyphaNode, memoryStorage, type Storage, webRTC } from 'hypha-runtime'
import { explain } from './lib/explain.js'
import { createNotices, type Notices } from './lib/notices.js'
import { createRoad, type Road } from './lib/road.js'
import { createSignals, type Signal } from './lib/signals.js'
import { leaveStorage, pageStorage } from './lib/storage.js'
import { createValue, type Readable } from './lib/store.js'

/** The node of this page and what belongs to it. */
export interface Session {
  readonly node: HyphaNode
  readonly road: Road
  readonly notices: Notices
  readonly signals: Readable<readonly Signal[]>
  /** Whether what is here is gone when the page closes. */
  readonly forgets: boolean
}

export interface Sessions extends Readable<Session> {
  /** Ends this node and begins another, as for another name or once the storage is free. */
  restart(options?: { name?: string }): Promise<Session>
  /** Leaves what is stored here behind, and begins with nothing, under the same name. */
  startOver(): Promise<Session>
}

/** The always-on node that served the page; while developing, the one that `npm start` runs. */
export const SERVER: string = import.meta.env.HYPHA_SERVER ?? location.origin

const begin = (storage: Storage, name?: string): Session => {
  const road = createRoad(SERVER)
  const node = createNode({
    storage,
    transports: [road, webRTC({ signalling: SERVER })],
    argon2Worker,
    ...(name === undefined ? {} : { name }),
  })
  return {
    node,
    road,
    notices: createNotices(node),
    signals: createSignals(node),
    forgets: storage.kind === 'memory',
  }
}

export const createSessions = (): Sessions => {
  const sessions = createValue(begin(pageStorage()))
  let lastName: string | undefined
  /** One after the other: of two nodes on one storage the second would be locked out by the first. */
  let turn: Promise<unknown> = Promise.resolve()

  /** Where nothing can be stored the page goes on without, and says so. */
  const follow = (session: Session) => {
    const { node } = session
    const stop = node.subscribe(() => {
      const { state, problem } = node.getSnapshot()
      if (state !== 'failed' || problem?.code !== 'STORAGE_UNAVAILABLE') return
      stop()
      void node.close()
      replace(memoryStorage()).notices.add(explain(problem))
    })
  }
  const replace = (storage: Storage): Session => {
    const next = begin(storage, lastName)
    follow(next)
    sessions.set(next)
    return next
  }
  follow(sessions.getSnapshot())

  const inTurn = (name: string | undefined, afterClosing: () => Promise<void>): Promise<Session> => {
    const begun = turn.then(async () => {
      const { node, forgets } = sessions.getSnapshot()
      lastName = name ?? lastName
      // Its storage is locked until it has closed.
      await node.close()
      await afterClosing()
      return replace(forgets ? memoryStorage() : pageStorage())
    })
    turn = begun.catch(() => {})
    return begun
  }

  return {
    getSnapshot: sessions.getSnapshot,
    subscribe: sessions.subscribe,
    restart: ({ name } = {}) => inTurn(name, async () => {}),
    startOver: () => {
      const { node, forgets } = sessions.getSnapshot()
      // Before it is closed: a tab that waits for the lock looks at the new place then.
      const removeOld = forgets ? async () => {} : leaveStorage()
      return inTurn(node.getSnapshot().name, removeOld)
    },
  }
}
