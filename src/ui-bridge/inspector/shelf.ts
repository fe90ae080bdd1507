import { createKept, type Kept, type KeptLimits } from './kept.js'
import { MAX_INSPECTOR_KEPT_BYTES, MAX_INSPECTOR_NODES } from './limits.js'
import type { HubMessage } from './wire.js'

/** A recording on the shelf, and whose it is. */
export interface Shelved {
  readonly kept: Kept
  /** Whether who sends it is no longer there. */
  readonly isGone: boolean
}

export interface Owner {
  /** `unknown`: there is no such recording; `taken`: it is somebody else's; `full`: there is no room for one more. */
  take(message: HubMessage): 'taken-in' | 'unknown' | 'taken' | 'full'
  /** It is no longer there: its recordings stay, and are its own should it come back. */
  end(): void
}

export interface Shelf {
  /** By root id. */
  readonly items: ReadonlyMap<string, Shelved>
  owner(id: string): Owner
  /** Called with what has changed. One listener. */
  onNews(listener: (item: Shelved) => void): void
}

export interface ShelfOptions extends KeptLimits {
  readonly maxNodes?: number
  readonly maxBytes?: number
}

/** Keeps the recordings of many nodes, each by its owner alone, and no more than fits. */
export const createShelf = (options: ShelfOptions = {}): Shelf => {
  const { maxNodes = MAX_INSPECTOR_NODES, maxBytes = MAX_INSPECTOR_KEPT_BYTES } = options
  const items = new Map<string, { readonly kept: Kept; readonly ownerId: string; isGone: boolean }>()
  let tell: (item: Shelved) => void = () => {}

  /** The one with the most loses its oldest. */
  const makeRoom = (): void => {
    let bytes = 0
    let largest: Kept | undefined
    for (const { kept } of items.values()) {
      bytes += kept.bytes
      if (!largest || kept.bytes > largest.bytes) largest = kept
    }
    for (; bytes > maxBytes && largest; ) {
      const had: number = largest.bytes
      if (!largest.shrink()) return
      bytes -= had - largest.bytes
      for (const { kept } of items.values()) if (kept.bytes > largest.bytes) largest = kept
    }
  }
  /** Of those that are gone the one that came first makes room. */
  const forgetGone = (): boolean => {
    for (const [rootId, { isGone }] of items) if (isGone) return items.delete(rootId)
    return false
  }

  const owner: Shelf['owner'] = (ownerId) => ({
    take: (message) => {
      const rootId = message.type === 'recording' ? message.recording.node.rootId : message.rootId
      let item = items.get(rootId)
      if (item && item.ownerId !== ownerId) return 'taken'
      if (message.type === 'recording') {
        if (!item && items.size >= maxNodes && !forgetGone()) return 'full'
        if (item) item.kept.replace(message.recording)
        else item = { kept: createKept(message.recording, options), ownerId, isGone: false }
        item.isGone = false
        items.set(rootId, item)
      } else if (!item) return 'unknown'
      else if (message.type === 'events') item.kept.add(message.events)
      else item.isGone = true
      if (message.type !== 'gone') makeRoom()
      tell(item)
      return 'taken-in'
    },
    end: () => {
      for (const item of items.values()) {
        if (item.ownerId !== ownerId || item.isGone) continue
        item.isGone = true
        tell(item)
      }
    },
  })

  return {
    items,
    owner,
    onNews: (listener) => {
      tell = listener
    },
  }
}
