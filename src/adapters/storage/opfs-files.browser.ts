import { HyphaError } from '../../protocol/errors.js'
import type { SharedBytes } from './handles.js'
import type { Answers, Batch, Order, Start, Started } from './opfs-messages.browser.js'

/** The bytes of a storage's files, wherever the browser keeps them. */
export interface BrowserFiles {
  find(name: string): SharedBytes
  close(): Promise<void>
}

/** A worker that is no storage worker would never answer. */
const START_MS = 20_000

interface Pending {
  readonly order: Order
  readonly bytes?: Uint8Array
  readonly done: (error: Error | null, bytes?: Uint8Array) => void
}

const noWorker = (cause: unknown) =>
  new HyphaError(
    'STORAGE_UNAVAILABLE',
    'The worker that keeps files could not be started. If the page has a Content-Security-Policy, serve hypha-runtime/storage-worker and give its URL: browserStorage(name, { worker }).',
    { cause },
  )

const createWorker = async (url: string | URL | undefined): Promise<{ worker: Worker; end(): void }> => {
  if (url !== undefined) {
    const worker = new Worker(url, { name: 'hypha-storage' })
    return { worker, end: () => worker.terminate() }
  }
  const { default: source } = await import('./opfs-worker.js?source')
  const blob = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(blob, { name: 'hypha-storage' })
  const end = () => {
    worker.terminate()
    URL.revokeObjectURL(blob)
  }
  return { worker, end }
}

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

/** Packs what was asked for in one turn into one message, and hands the answers out. */
const createSender = (worker: Worker) => {
  let queued: Pending[] = []
  const sent: Pending[][] = []
  let gone: Error | undefined

  const flush = (): void => {
    const batch = queued
    queued = []
    if (batch.length === 0) return
    const length = batch.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0)
    const bytes = new Uint8Array(length)
    let offset = 0
    for (const pending of batch) {
      if (!pending.bytes) continue
      bytes.set(pending.bytes, offset)
      offset += pending.bytes.length
    }
    sent.push(batch)
    const message: Batch = { orders: batch.map(({ order }) => order), bytes }
    worker.postMessage(message, [bytes.buffer])
  }

  const answer = ({ done }: Pending, error: Error | null, bytes?: Uint8Array): void => {
    try {
      done(error, bytes)
    } catch (mistake) {
      queueMicrotask(() => {
        throw mistake
      })
    }
  }

  worker.onmessage = ({ data }: MessageEvent<Answers>) => {
    let offset = 0
    sent.shift()?.forEach((pending, i) => {
      const failure = data.failures[i]
      if (typeof failure === 'string') answer(pending, new Error(failure))
      else if (pending.order.kind !== 'read') answer(pending, null)
      else {
        const end = offset + pending.order.size
        // Copied: what is kept of one read must not keep all the others.
        answer(pending, null, Buffer.from(data.bytes.subarray(offset, end)))
        offset = end
      }
    })
  }

  return {
    send(pending: Pending): void {
      if (gone) {
        const error = gone
        queueMicrotask(() => answer(pending, error))
        return
      }
      queued.push(pending)
      if (queued.length === 1) queueMicrotask(flush)
    },
    /** Nobody will answer any more. */
    fail(error: Error): void {
      if (gone) return
      gone = error
      const lost = [...sent.splice(0).flat(), ...queued.splice(0)]
      for (const pending of lost) answer(pending, error)
    },
  }
}

const done =
  (callback: ((error: Error | null) => void) | undefined) =>
  (error: Error | null): void =>
    callback?.(error)

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
export const openOpfsFiles = async (options: OpfsOptions): Promise<BrowserFiles | undefined> => {
  const { alive, folder } = options
  const { worker, end } = await createWorker(options.worker).catch((error: unknown) => {
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
  const sender = createSender(worker)
  const died = (cause?: unknown) =>
    sender.fail(new Error('The worker that keeps files has ended. Open the storage again.', { cause }))
  worker.onerror = (event) => {
    event.preventDefault()
    died(event.message)
  }
  // Whatever ends the worker frees this, and no event tells of it.
  navigator.locks.request(alive, () => died()).catch(died)
  return {
    find: (name) => ({
      read: (offset, size, callback) =>
        sender.send({ order: { kind: 'read', name, offset, size }, done: callback }),
      write: (offset, bytes, callback) =>
        sender.send({
          order: { kind: 'write', name, offset, size: bytes.length },
          bytes,
          done: done(callback),
        }),
      del: (offset, size = Number.POSITIVE_INFINITY, callback) =>
        sender.send({ order: { kind: 'del', name, offset, size }, done: done(callback) }),
      release: (callback) =>
        sender.send({ order: { kind: 'release', name, offset: 0, size: 0 }, done: callback }),
    }),
    async close() {
      died()
      end()
    },
  }
}
