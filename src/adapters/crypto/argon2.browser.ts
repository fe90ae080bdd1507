import { HyphaError } from '../../protocol/errors.js'
import { startWorker } from '../start-worker.browser.js'
import { MEMORY_BYTES, PASSES, SALT_BYTES } from './argon2-parameters.js'

export interface Argon2Order {
  readonly passphrase: Uint8Array<ArrayBuffer>
  readonly salt: Uint8Array
  readonly passes: number
  /** Bytes. */
  readonly memory: number
}

export type Argon2Result = { readonly key: Uint8Array } | { readonly failure: string }

export interface Argon2Options {
  /** Where the page serves `hypha-runtime/argon2-worker`. From a Blob unless given. */
  readonly worker?: string | URL
}

const failed = (cause: unknown) =>
  cause instanceof HyphaError
    ? cause
    : new HyphaError(
        'OPTION_INVALID',
        'The worker that derives keys could not be started. If the page has a Content-Security-Policy, serve hypha-runtime/argon2-worker and give its URL: createNode({ argon2Worker }).',
        { cause },
      )

/**
 * Argon2id13 in a worker of its own: 32 bytes, 3 passes, 64 MiB. The passphrase's bytes are wiped at once; the copy that the
 * worker gets is moved, and wiped there.
 * @throws HyphaError OPTION_INVALID when the page doesn't let the worker start
 */
export const argon2 = async (
  passphrase: Uint8Array,
  salt: Uint8Array,
  { worker: url }: Argon2Options = {},
): Promise<Uint8Array> => {
  const copy = new Uint8Array(passphrase)
  passphrase.fill(0)
  if (salt.length !== SALT_BYTES) {
    copy.fill(0)
    throw new TypeError(`The salt must be ${SALT_BYTES} bytes`)
  }
  const { worker, end } = await startWorker({
    name: 'argon2',
    url,
    source: () => import('./argon2-worker.js?source'),
  }).catch((error: unknown) => {
    copy.fill(0)
    throw failed(error)
  })
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<Argon2Result>) => {
        if ('key' in data && data.key.length === 32) resolve(data.key)
        else
          reject(
            new Error('The key could not be derived from the passphrase', {
              cause: 'failure' in data ? data.failure : undefined,
            }),
          )
      })
      worker.addEventListener('error', (event) => {
        event.preventDefault()
        reject(failed(event.message))
      })
      const order: Argon2Order = { passphrase: copy, salt, passes: PASSES, memory: MEMORY_BYTES }
      worker.postMessage(order, [copy.buffer])
    })
  } finally {
    end()
  }
}
