import { types } from 'node:util'
import { Worker } from 'node:worker_threads'
import { MEMORY_BYTES, PASSES, SALT_BYTES } from './argon2-parameters.js'

export interface Argon2Options {
  /** For pages: where the worker lies. Node finds its own. */
  readonly worker?: string | URL
}

/**
 * Argon2id13 in a worker thread of its own: 32 bytes, 3 passes, 64 MiB. Settles after the worker has gone, so that no
 * handle is left. The passphrase's bytes are wiped at once; the copy that the worker gets is moved, and wiped there.
 */
export const argon2 = async (
  passphrase: Uint8Array,
  salt: Uint8Array,
  _options?: Argon2Options,
): Promise<Uint8Array> => {
  const copy = new Uint8Array(passphrase)
  passphrase.fill(0)
  if (salt.length !== SALT_BYTES) {
    copy.fill(0)
    throw new TypeError(`The salt must be ${SALT_BYTES} bytes`)
  }
  const { argon2Source } = await import('./argon2-source.js')
  const worker = new Worker(argon2Source, {
    name: 'argon2',
    eval: true,
    workerData: { passphrase: copy, salt: new Uint8Array(salt), passes: PASSES, memory: MEMORY_BYTES },
    transferList: [copy.buffer],
    // Not this process's flags: `--input-type`, an inspector's port and the like end a worker.
    execArgv: [],
  })
  return new Promise((resolve, reject) => {
    let key: Uint8Array | undefined
    let failure: unknown
    worker.once('message', (message: unknown) => {
      // A test environment may have put another Uint8Array among the globals.
      if (types.isUint8Array(message) && message.length === 32) key = message
    })
    worker.once('error', (error) => {
      failure = error
    })
    worker.once('exit', () => {
      if (key && !failure) resolve(key)
      else reject(new Error('The key could not be derived from the passphrase', { cause: failure }))
    })
  })
}
