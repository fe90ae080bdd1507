import { concat } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import { startWorker } from '../start-worker.browser.js'
import type { Answers, Batch, Order, Start, Started } from './opfs-messages.browser.js'
import { type Changes, PAGE_BYTES, type Page, type PageStore } from './paged-files.browser.js'

/** A worker that is no storage worker would never answer. */
const START_MS = 20_000

const noWorker = (cause: unknown) =>
  cause instanceof HyphaError
    ? cause
    : new HyphaError(
        'STORAGE_UNAVAILABLE',
        'The worker that keeps files could not be started. If the page has a Content-Security-Policy, serve hypha-runtime/storage-worker and give its URL: browserStorage(name, { worker }).',
        { cause },
      )

const started = (worker: Worker, start: Start): Promise<Started> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(noWorker('It does not answer')), START_MS)
    const settle = (run: () => void) => {
      clearTimeout(timer)
      worker.onmessage = null
      worker.onerror = null
      run()
    }
    worker.onmessage = ({ data }: MessageEvent<Started>) => settle(() => resolve(data))
    worker.onerror = (event) => {
      event.preventDefault()
      settle(() => reject(noWorker(event.message)))
    }
    worker.postMessage(start)
  })

interface Pending {
  resolve(answers: Answers): void
  reject(error: Error): void
}

/** One message there, one back, in the same order. */
const createCall = (worker: Worker) => {
  const pending: Pending[] = []
  let gone: Error | undefined
  worker.onmessage = ({ data }: MessageEvent<Answers>) => {
    if (data.failure === undefined) pending.shift()?.resolve(data)
    else pending.shift()?.reject(new Error(data.failure))
  }
  return {
    call: (orders: readonly Order[], bytes = new Uint8Array(0)): Promise<Answers> =>
      new Promise((resolve, reject) => {
        if (gone) return reject(gone)
        pending.push({ resolve, reject })
        const batch: Batch = { orders, bytes }
        worker.postMessage(batch, [bytes.buffer])
      }),
    get gone() {
      return gone
    },
    /** Nobody will answer any more. */
    fail(error: Error): void {
      gone ??= error
      for (const { reject } of pending.splice(0)) reject(gone)
    },
  }
}

const order = (kind: Order['kind'], name: string, offset = 0, size = 0): Order => ({
  kind,
  name,
  offset,
  size,
})

/** Changes as orders, and what they write. */
const ordersOf = ({ cuts, pages, sizes }: Changes): [Order[], Uint8Array<ArrayBuffer>] => {
  const orders: Order[] = []
  const parts: Uint8Array[] = []
  const write = (name: string, offset: number, bytes: Uint8Array) => {
    orders.push(order('write', name, offset, bytes.length))
    parts.push(bytes)
  }
  for (const [name, offset] of cuts) orders.push(order('cut', name, offset))
  for (const [name, { page, bytes }, end] of pages) write(name, page * PAGE_BYTES, bytes.subarray(0, end))
  const begun = new Set(pages.map(([name]) => name))
  for (const [name, size] of sizes) if (size === 0 && !begun.has(name)) write(name, 0, new Uint8Array(0))
  return [orders, new Uint8Array(concat(...parts))]
}

export interface OpfsOptions {
  /** The name of a lock that nobody else has. */
  readonly alive: string
  readonly folder: readonly string[]
  readonly worker: string | URL | undefined
}

/**
 * Files of the origin's private file system, through a worker of their own. Undefined where the browser has none for workers.
 * @throws HyphaError STORAGE_UNAVAILABLE (the worker does not start)
 */
export const openOpfsStore = async (options: OpfsOptions): Promise<PageStore | undefined> => {
  const { alive, folder } = options
  const { worker, end } = await startWorker({
    name: 'hypha-storage',
    url: options.worker,
    source: () => import('./opfs-worker.js?source'),
  }).catch((error: unknown) => {
    throw noWorker(error)
  })
  try {
    if ((await started(worker, { alive, folder })) !== 'ready') {
      end()
      return undefined
    }
  } catch (error) {
    end()
    throw error
  }
  const calls = createCall(worker)
  const { call, fail } = calls
  const died = (cause?: unknown) =>
    fail(new Error('The worker that keeps files has ended. Open the storage again.', { cause }))
  worker.onerror = (event) => {
    event.preventDefault()
    died(event.message)
  }
  // Whatever ends the worker frees this, and no event tells of it.
  navigator.locks.request(alive, () => died()).catch(died)
  return {
    get lost() {
      return calls.gone
    },
    async sizeOf(name) {
      const { sizes } = await call([order('size', name)])
      const [size = -1] = sizes
      return size < 0 ? undefined : size
    },
    async load(name, first, last) {
      const { bytes } = await call([order('read', name, first * PAGE_BYTES, (last - first + 1) * PAGE_BYTES)])
      const pages: Page[] = []
      for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
        const page = new Uint8Array(PAGE_BYTES)
        page.set(bytes.subarray(at, at + PAGE_BYTES))
        pages.push({ page: first + at / PAGE_BYTES, bytes: page })
      }
      return pages
    },
    async commit(changes) {
      await call(...ordersOf(changes))
    },
    async release(name) {
      await call([order('release', name)])
    },
    async close() {
      died()
      end()
    },
  }
}
