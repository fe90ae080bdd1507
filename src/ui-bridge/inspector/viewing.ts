import type { WebSocket } from 'ws'
import type { Cursor } from './kept.js'
import type { Shelf, Shelved } from './shelf.js'

export interface Viewing {
  /** How many look on. */
  readonly size: number
  add(socket: WebSocket): { end(): void }
}

interface Reader {
  readonly socket: WebSocket
  /** What it has not been given all of, in whose turn it is. */
  readonly behind: Set<Shelved>
  readonly cursors: WeakMap<Shelved, Cursor>
  readonly knownGone: WeakSet<Shelved>
  isSending: boolean
}

/**
 * Gives each viewer what is on the shelf, at the viewer's own pace: one message is on its way at a time, and the next is
 * made when there is room for it. Who is slow costs no memory, and gets a recording anew when too much has happened.
 */
export const createViewing = (shelf: Shelf): Viewing => {
  const readers = new Set<Reader>()

  const nextFor = ({ behind, cursors, knownGone }: Reader): string | undefined => {
    for (const item of behind) {
      // To the end of the row: a busy node does not keep the others waiting.
      behind.delete(item)
      if (shelf.items.get(item.kept.node.rootId) !== item) continue
      const next = item.kept.read(cursors.get(item))
      if (next) {
        behind.add(item)
        cursors.set(item, next.cursor)
        knownGone.delete(item)
        return next.text
      }
      if (item.isGone && !knownGone.has(item)) {
        knownGone.add(item)
        return JSON.stringify({ type: 'gone', rootId: item.kept.node.rootId })
      }
    }
    return undefined
  }

  const pump = (reader: Reader): void => {
    const { socket } = reader
    if (reader.isSending || socket.readyState !== socket.OPEN) return
    const text = nextFor(reader)
    if (text === undefined) return
    reader.isSending = true
    socket.send(text, { compress: false }, (error) => {
      reader.isSending = false
      if (!error) pump(reader)
    })
  }

  shelf.onNews((item) => {
    for (const reader of readers) {
      reader.behind.add(item)
      pump(reader)
    }
  })

  return {
    get size() {
      return readers.size
    },
    add: (socket) => {
      const reader: Reader = {
        socket,
        behind: new Set(shelf.items.values()),
        cursors: new WeakMap(),
        knownGone: new WeakSet(),
        isSending: false,
      }
      readers.add(reader)
      pump(reader)
      return { end: () => void readers.delete(reader) }
    },
  }
}
