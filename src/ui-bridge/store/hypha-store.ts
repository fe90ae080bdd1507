import type { HyphaNode, NodeSnapshot } from '../../api.js'
import { rethrowLater } from '../../emitter.js'
import { hasMethods, invalid } from '../../protocol/given.js'
import { createEntryListSource, type EntryListSource } from './entry-list.js'
import { inBackground, onNextFrame } from './frame.js'
import { share } from './share.js'
import type { EntryList, HyphaStore, Readable } from './types.js'

/** A list that nobody shows any more is kept for this long: whoever turns a page and back finds it as it was. */
const KEPT_MS = 1_000

interface KeptList extends Readable<EntryList> {
  readonly source: EntryListSource
  readonly listeners: ReadonlySet<() => void>
  end(): void
}

/** Adds a listener that may be there already, and gives how to take away this one of it. */
const listen = (listeners: Set<() => void>, listener: () => void): (() => void) => {
  const own = () => listener()
  listeners.add(own)
  return () => void listeners.delete(own)
}

const isNode = hasMethods('', 'getSnapshot', 'subscribe', 'watch', 'entries')

/**
 * What a user interface holds on to, over any node: it asks for nothing while nobody is subscribed, so that it may be forgotten
 * without being closed.
 */
export const createHyphaStore = (node: HyphaNode): HyphaStore => {
  if (isNode(node) !== undefined)
    throw invalid('createHyphaStore() and <HyphaProvider> take what createNode() gives.')
  const listeners = new Set<() => void>()
  const lists = new Map<string, KeptList>()
  /** Those that are read; one that was let go of and is in use again need not be among the lists. */
  const active = new Set<KeptList>()
  let snapshot: NodeSnapshot = node.getSnapshot()
  let seen = snapshot
  let stopFollowing: (() => void) | undefined
  let cancelFrame: (() => void) | undefined
  let isClosed = false

  const take = (): boolean => {
    const now = node.getSnapshot()
    if (now === seen) return false
    seen = now
    const before = snapshot
    snapshot = share(before, now)
    return snapshot !== before
  }

  /** All is new before anybody hears of it. */
  const show = () => {
    cancelFrame = undefined
    const heard = take() ? [...listeners] : []
    for (const list of active) if (list.source.publish()) heard.push(...list.listeners)
    for (const listener of heard) {
      try {
        listener()
      } catch (error) {
        rethrowLater(error)
      }
    }
  }
  const schedule = () => {
    if (!isClosed) cancelFrame ??= onNextFrame(show)
  }

  const nodeChanged = () => {
    for (const { source } of active) source.nodeChanged()
    schedule()
  }
  /** The node is listened to while anybody listens here. */
  const follow = () => {
    if (isClosed || stopFollowing) return
    take()
    stopFollowing = node.subscribe(nodeChanged)
  }
  const unfollow = () => {
    const isInUse = listeners.size > 0 || [...active].some((list) => list.listeners.size > 0)
    if (isInUse) return
    stopFollowing?.()
    stopFollowing = undefined
    cancelFrame?.()
    cancelFrame = undefined
  }

  const createList = (prefix: string): KeptList => {
    const own = new Set<() => void>()
    const source = createEntryListSource({ node, prefix, ready: schedule })
    let timer: ReturnType<typeof setTimeout> | undefined
    const end = () => {
      clearTimeout(timer)
      source.stop()
      active.delete(list)
      if (lists.get(prefix) === list) lists.delete(prefix)
    }
    const keepForNow = () => {
      clearTimeout(timer)
      timer = inBackground(end, KEPT_MS)
    }
    const list: KeptList = {
      source,
      listeners: own,
      end,
      getSnapshot: () => source.shown,
      subscribe: (listener) => {
        if (isClosed) return () => {}
        clearTimeout(timer)
        // It may have been let go of before anybody came.
        if (!lists.has(prefix)) lists.set(prefix, list)
        active.add(list)
        const stop = listen(own, listener)
        follow()
        source.start()
        return () => {
          stop()
          unfollow()
          if (own.size === 0 && !isClosed) keepForNow()
        }
      },
    }
    lists.set(prefix, list)
    keepForNow()
    return list
  }

  return {
    node,
    getSnapshot: () => {
      // Between frames it stands still for all who listen.
      if (!stopFollowing && !isClosed) take()
      return snapshot
    },
    subscribe: (listener) => {
      if (isClosed) return () => {}
      const stop = listen(listeners, listener)
      follow()
      return () => {
        stop()
        unfollow()
      }
    },
    entries: (prefix = '') => lists.get(prefix) ?? createList(prefix),
    close: () => {
      isClosed = true
      cancelFrame?.()
      stopFollowing?.()
      for (const list of [...lists.values(), ...active]) list.end()
      listeners.clear()
    },
  }
}
