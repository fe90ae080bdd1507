import { fromCallback } from 'xstate'
import type { NodeEvent } from '../machines/node.js'
import { toHex } from '../protocol/bytes.js'
import type { NodeServices } from './services.js'

/** Tells the node's machine what in the database matters to its life: that it may write, who else may, and sync's edges. */
export const createDatabaseWatcher = (services: NodeServices) =>
  fromCallback<{ type: string }, undefined>(({ sendBack }) => {
    const { session } = services
    if (!session) return
    const { database, view, channel, notices } = session
    const tell = (event: NodeEvent) => sendBack(event)
    const known = new Set<string>()
    const origin = toHex(database.hyphalink)
    let isSynced = false

    const checkNodes = () => {
      for (const { writerKey, authorisedBy } of view.nodes()) {
        if (known.has(writerKey)) continue
        known.add(writerKey)
        // The first writer was let in by the origin, whose key is the hyphalink: that is for no inspector to see.
        const by = authorisedBy === origin ? {} : { by: authorisedBy }
        tell({ type: 'writer.authorised', writerKey, ...by })
        if (writerKey === database.localWriter && database.isAuthorised(writerKey))
          tell({ type: 'database.authorised' })
      }
      channel?.reconsider()
      notices.look()
    }
    const checkSync = () => {
      const complete = session.sync.isComplete()
      if (complete === isSynced) return
      isSynced = complete
      tell({ type: 'database.synced', synced: complete })
    }
    const moved = () => {
      checkSync()
      notices.look()
    }
    checkNodes()
    moved()
    const keyGone = () => {
      services.viewBefore = view
      tell({ type: 'database.keyGone' })
    }
    return session.onChange({ nodes: checkNodes, progress: moved, keyGone })
  })
