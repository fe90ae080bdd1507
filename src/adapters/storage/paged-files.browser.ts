import type { SharedBytes } from './handles.js'

export const PAGE_BYTES = 4096
/** Pages that are kept at hand: 16 MiB. */
const MAX_CACHED = 4096

export interface Page {
  readonly page: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What one turn changed, in this order. */
export interface Changes {
  /** From which byte on a file was cut off. */
  readonly cuts: ReadonlyMap<string, number>
  /** With how many bytes of it the file has. */
  readonly pages: readonly (readonly [name: string, page: Page, end: number])[]
  /** Of each file that grew, shrank or began. */
  readonly sizes: ReadonlyMap<string, number>
}

/** Where the pages of a storage's files are. */
export interface PageStore {
  /** Why nothing can be had from it any more. */
  readonly lost?: Error | undefined
  sizeOf(name: string): Promise<number | undefined>
  /** Those that are stored, whole: what is behind the file's end is zeros. */
  load(name: string, first: number, last: number): Promise<readonly Page[]>
  /** Resolves when the browser has all of it. */
  commit(changes: Changes): Promise<void>
  release(name: string): Promise<void>
  close(): Promise<void>
}

/** The bytes of a storage's files, wherever the browser keeps them. */
export interface BrowserFiles {
  find(name: string): SharedBytes
  close(): Promise<void>
}

interface Operation {
  readonly kind: 'read' | 'write' | 'del' | 'release'
  readonly name: string
  readonly offset: number
  readonly size: number
  readonly bytes?: Uint8Array
  readonly done: (error: Error | null, bytes?: Uint8Array) => void
}

const keyOf = (name: string, page: number): string => `${page}/${name}`

/**
 * Files as pages, those in use at hand, so that a read seldom leaves the page. What is asked for while changes are under way is
 * gathered and goes as one; it is acknowledged when the browser has it. So nothing acknowledged is there without what was
 * before it. It has the files to itself: the storage's lock sees to that.
 */
export const createPagedFiles = (store: PageStore): BrowserFiles => {
  /** Least recently used first. */
  const cache = new Map<string, Page>()
  const sizes = new Map<string, number>()
  let dirtyPages = new Map<string, [name: string, page: Page]>()
  let dirtySizes = new Set<string>()
  /** From which byte on a file was cut off in this turn. */
  let cuts = new Map<string, number>()
  let queue: Operation[] = []
  let running: Promise<void> | undefined

  const sizeOf = async (name: string): Promise<number | undefined> => {
    if (!sizes.has(name)) {
      const stored = await store.sizeOf(name)
      if (stored !== undefined) sizes.set(name, stored)
    }
    return sizes.get(name)
  }

  const remember = (name: string, page: Page): Page => {
    const key = keyOf(name, page.page)
    cache.delete(key)
    cache.set(key, page)
    return page
  }

  /** Brings pages into the cache that aren't there; what was never written is zeros. */
  const load = async (name: string, first: number, last: number): Promise<void> => {
    let from = first
    while (from <= last && cache.has(keyOf(name, from))) from++
    if (from > last) return
    const stored = new Map<number, Uint8Array<ArrayBuffer>>()
    const size = (await sizeOf(name)) ?? 0
    const cutAt = Math.ceil((cuts.get(name) ?? Number.POSITIVE_INFINITY) / PAGE_BYTES)
    if (from * PAGE_BYTES < size && from < cutAt) {
      for (const { page, bytes } of await store.load(name, from, last)) stored.set(page, bytes)
    }
    for (let page = from; page <= last; page++) {
      if (cache.has(keyOf(name, page))) continue
      const bytes = page < cutAt ? stored.get(page) : undefined
      remember(name, { page, bytes: bytes ?? new Uint8Array(PAGE_BYTES) })
    }
  }

  const forEachPage = (
    { name, offset, size }: Operation,
    visit: (page: Page, start: number, end: number, at: number) => void,
  ): void => {
    for (let at = 0; at < size; ) {
      const page = Math.floor((offset + at) / PAGE_BYTES)
      const start = offset + at - page * PAGE_BYTES
      const end = Math.min(PAGE_BYTES, start + size - at)
      const found = cache.get(keyOf(name, page))
      if (!found) throw new Error('A page is missing')
      visit(remember(name, found), start, end, at)
      at += end - start
    }
  }

  const setSize = (name: string, size: number): void => {
    sizes.set(name, size)
    dirtySizes.add(name)
  }

  const cutOff = async (name: string, offset: number, length: number): Promise<void> => {
    const firstGone = Math.ceil(offset / PAGE_BYTES)
    const rest = offset % PAGE_BYTES
    if (rest > 0) {
      await load(name, firstGone - 1, firstGone - 1)
      const page = cache.get(keyOf(name, firstGone - 1))
      page?.bytes.fill(0, rest)
      if (page) dirtyPages.set(keyOf(name, page.page), [name, page])
    }
    for (let page = firstGone; page * PAGE_BYTES < length; page++) {
      cache.delete(keyOf(name, page))
      dirtyPages.delete(keyOf(name, page))
    }
    cuts.set(name, Math.min(cuts.get(name) ?? offset, offset))
    setSize(name, offset)
  }

  const perform = async (operation: Operation): Promise<Uint8Array | undefined> => {
    const { kind, name, offset, size } = operation
    if (kind === 'release') return undefined
    if (store.lost) throw store.lost
    const length = await sizeOf(name)
    if (kind === 'del') {
      if (length !== undefined && offset < length && offset + size >= length)
        await cutOff(name, offset, length)
      return undefined
    }
    if (kind === 'read' && (length === undefined || offset + size > length))
      throw new Error('The file ends before that')
    if (size > 0)
      await load(name, Math.floor(offset / PAGE_BYTES), Math.floor((offset + size - 1) / PAGE_BYTES))
    if (kind === 'read') {
      const result = Buffer.allocUnsafeSlow(size)
      forEachPage(operation, ({ bytes }, start, end, at) => result.set(bytes.subarray(start, end), at))
      return result
    }
    const { bytes: data = new Uint8Array(0) } = operation
    forEachPage(operation, (page, start, end, at) => {
      page.bytes.set(data.subarray(at, at + end - start), start)
      dirtyPages.set(keyOf(name, page.page), [name, page])
    })
    const end = size > 0 ? offset + size : 0
    if (length === undefined || end > length) setSize(name, end)
    return undefined
  }

  const commit = async (): Promise<void> => {
    if (dirtyPages.size + dirtySizes.size === 0) return
    const lengths = [...dirtySizes].map((name): [string, number] => [name, sizes.get(name) ?? 0])
    const pages = [...dirtyPages.values()].map(([name, page]): [string, Page, number] => {
      const end = (sizes.get(name) ?? 0) - page.page * PAGE_BYTES
      return [name, page, Math.min(PAGE_BYTES, end)]
    })
    const changes = { cuts, pages, sizes: new Map(lengths) }
    dirtyPages = new Map()
    dirtySizes = new Set()
    cuts = new Map()
    try {
      await store.commit(changes)
    } catch (error) {
      // What is stored is what was before: look again.
      cache.clear()
      sizes.clear()
      throw error
    }
  }

  const answer = ({ done }: Operation, error: Error | null, bytes?: Uint8Array): void => {
    try {
      done(error, bytes)
    } catch (mistake) {
      queueMicrotask(() => {
        throw mistake
      })
    }
  }

  const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

  const turn = async (operations: readonly Operation[]): Promise<void> => {
    const waiting: [Operation, Uint8Array | undefined][] = []
    for (const operation of operations) {
      try {
        const bytes = await perform(operation)
        // What was asked for after a write is answered after it.
        if (operation.kind === 'read' && waiting.length === 0) answer(operation, null, bytes)
        else waiting.push([operation, bytes])
      } catch (error) {
        answer(operation, asError(error))
      }
    }
    const failure = await commit().then(() => null, asError)
    for (const [operation, bytes] of waiting) {
      const { kind, name } = operation
      if (kind === 'release') answer(operation, await store.release(name).then(() => null, asError))
      // What it read may be what could not be stored.
      else answer(operation, failure, failure ? undefined : bytes)
    }
    for (const key of cache.keys()) {
      if (cache.size <= MAX_CACHED) break
      cache.delete(key)
    }
  }

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      const operations = queue
      queue = []
      await turn(operations)
    }
    running = undefined
  }

  const add = (operation: Operation): void => {
    queue.push(operation)
    running ??= Promise.resolve().then(run)
  }

  return {
    find: (name): SharedBytes => ({
      read: (offset, size, done) => add({ kind: 'read', name, offset, size, done }),
      write: (offset, bytes, callback) =>
        add({ kind: 'write', name, offset, size: bytes.length, bytes, done: (error) => callback?.(error) }),
      del: (offset, size = Number.POSITIVE_INFINITY, callback) =>
        add({ kind: 'del', name, offset, size, done: (error) => callback?.(error) }),
      release: (done) => add({ kind: 'release', name, offset: 0, size: 0, done }),
    }),
    async close() {
      await running
      await store.close()
    },
  }
}
