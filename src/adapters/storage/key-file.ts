import { chmod, open, readFile, rename } from 'node:fs/promises'
import { HyphaError } from '../../protocol/errors.js'
import { importWrappingKey, type WrappingKey } from './wrapping.js'

const KEY_BYTES = 32

const keyFailed = (what: string) =>
  new HyphaError(
    'STORAGE_FAILED',
    `The key file of this storage is ${what}, and without it the secrets beside it can't be read. Put the file “key” back as it was, or begin with an empty directory and sign in again.`,
  )

const make = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  // Whole or not at all, also after a power failure: what it wraps is lost without it.
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  return bytes
}

/**
 * The key that wraps what is secret in a directory, made if nothing was stored yet.
 * @throws HyphaError STORAGE_FAILED (missing beside what is stored, or damaged), and what the file system throws
 */
export const openKeyFile = async (path: string, isNew: boolean): Promise<WrappingKey> => {
  let bytes: Uint8Array<ArrayBuffer> | undefined
  try {
    bytes = new Uint8Array(await readFile(path))
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
  }
  if (!bytes && !isNew) throw keyFailed('missing')
  if (bytes && bytes.length !== KEY_BYTES) throw keyFailed('damaged')
  // A copy brought back may be open to others.
  if (bytes) await chmod(path, 0o600)
  return importWrappingKey(bytes ?? (await make(path)))
}
