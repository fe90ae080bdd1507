import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { createRequire, syncBuiltinESMExports } from 'node:module'

interface Given {
  readonly passphrase: Uint8Array
  readonly salt: Uint8Array
}

/** Answers as the worker that derives keys does: a message with 32 bytes, then its end. */
const quickWorker = ({ passphrase, salt }: Given): object => {
  const worker = new EventEmitter()
  const key = new Uint8Array(createHash('sha256').update(passphrase).update(salt).digest())
  setImmediate(() => {
    worker.emit('message', key)
    worker.emit('exit', 0)
  })
  return worker
}

interface WorkerOptions {
  readonly name?: string
  readonly workerData?: unknown
}

interface Threads {
  Worker: new (file: URL | string, options?: WorkerOptions) => object
}

/**
 * From here on this process derives keys by one quick hash instead of 64 MiB of Argon2id, which has tests of its own: a
 * thousand sign-ups and sign-ins cost next to nothing then. Returns what ends that.
 */
export const quickKeys = (): (() => void) => {
  const threads: Threads = createRequire(import.meta.url)('node:worker_threads')
  const { Worker } = threads
  threads.Worker = new Proxy(Worker, {
    construct: (target, [file, options]: [URL | string, WorkerOptions?]) =>
      options?.name === 'argon2' ? quickWorker(options.workerData as Given) : new target(file, options),
  })
  syncBuiltinESMExports()
  return () => {
    threads.Worker = Worker
    syncBuiltinESMExports()
  }
}
