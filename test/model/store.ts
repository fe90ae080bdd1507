import type { RandomAccess, Storage } from '../../src/index.js'
import { createGate } from './gate.js'

type Files = Map<string, Buffer>

/** Which files a person's disk is slow or broken with. */
type Which = (name: string) => boolean

const nothing: Which = () => false

/**
 * A storage in memory that can be copied as it is, held up, and made to fail. A node on a copy is what the node on the first was
 * at that moment, without a passphrase or the time that it takes to derive its keys.
 */
export const createStore = (files: Files = new Map(), isEmpty = false) => {
  const opening = createGate()
  let held = nothing
  let unreadable = nothing
  let onWaiting = () => {}
  const waiting: ((error: Error | null) => void)[] = []

  const file = (name: string): RandomAccess => {
    const bytes = () => files.get(name) ?? Buffer.alloc(0)
    return {
      read: (offset, size, done) =>
        setImmediate(() => {
          if (unreadable(name)) return done(Object.assign(new Error('EIO'), { code: 'EIO' }))
          const found = bytes()
          if (offset + size > found.length) return done(new Error('Could not satisfy length'))
          done(null, Buffer.from(found.subarray(offset, offset + size)))
        }),
      write: (offset, given, done = () => {}) => {
        const data = Buffer.from(given)
        const write = (error: Error | null) => {
          if (error) return done(error)
          const before = bytes()
          const after = Buffer.alloc(Math.max(before.length, offset + data.length))
          before.copy(after)
          data.copy(after, offset)
          files.set(name, after)
          done(null)
        }
        if (held(name)) {
          waiting.push(write)
          onWaiting()
        } else setImmediate(write, null)
      },
      del: (offset, size, done = () => {}) => {
        const found = bytes()
        if (offset + size >= found.length) files.set(name, found.subarray(0, Math.min(offset, found.length)))
        else found.fill(0, offset, offset + size)
        setImmediate(done, null)
      },
      close: (done = () => {}) => setImmediate(done, null),
    }
  }
  const storage: Storage = { kind: 'staged', isEmpty, open: opening.enter, file, close: async () => {} }
  return {
    storage,
    files,
    opening,
    /** Another storage that holds the same now. */
    copy: () => createStore(new Map([...files].map(([name, bytes]) => [name, Buffer.from(bytes)]))),
    /** The same without what a node remembers of itself: whoever opens it has to sign in. */
    withoutRecord: () => createStore(new Map([...files].filter(([name]) => !name.startsWith('node/')))),
    /** The same after something has scribbled on what the node remembers of itself. */
    withDamage: () =>
      createStore(
        new Map(
          [...files].map(([name, bytes]) => [
            name,
            name.startsWith('node/') ? Buffer.alloc(bytes.length, 7) : bytes,
          ]),
        ),
      ),
    /** It holds what another one does, from now on. */
    become: (other?: { readonly files: Files }) => {
      files.clear()
      for (const [name, bytes] of other?.files ?? []) files.set(name, Buffer.from(bytes))
    },
    /** Writes to these wait. */
    hold: (which: Which) => {
      held = which
    },
    /** What waited is written, or fails; nothing waits from now on. */
    release: (error: Error | null = null) => {
      held = nothing
      for (const write of waiting.splice(0)) write(error)
    },
    /** Resolves when a write waits. */
    isUsed: async (): Promise<void> => {
      if (waiting.length > 0) return
      await new Promise<void>((resolve) => {
        onWaiting = resolve
      })
    },
    breakReads: (which: Which) => {
      unreadable = which
    },
    mend: () => {
      unreadable = nothing
    },
  }
}

export type Store = ReturnType<typeof createStore>
