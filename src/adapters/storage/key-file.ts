import { constants } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
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
  // What an earlier try left may be open to others, or lead elsewhere.
  await rm(`${path}.new`, { force: true })
  // By its path, because Yarn's Plug'n'Play gives file handles that can't be flushed.
  await writeFile(`${path}.new`, bytes, { flag: 'wx', mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
  return bytes
}

/** Undefined when there is none. A pipe or a device in its place is not waited for, nor read to its end. */
const read = async (path: string): Promise<Uint8Array<ArrayBuffer> | 'damaged' | undefined> => {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error) => {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
  })
  if (!file) return undefined
  try {
    const found = await file.stat()
    if (!found.isFile() || found.size !== KEY_BYTES) return 'damaged'
    const bytes = new Uint8Array(KEY_BYTES)
    const { bytesRead } = await file.read(bytes, 0, KEY_BYTES, 0)
    if (bytesRead !== KEY_BYTES) return 'damaged'
    // A copy brought back may be open to others.
    await file.chmod(0o600)
    return bytes
  } finally {
    await file.close()
  }
}

/**
 * The key that wraps what is secret in a directory, made if nothing was stored yet.
 * @throws HyphaError STORAGE_FAILED (missing beside what is stored, or damaged), and what the file system throws
 */
export const openKeyFile = async (path: string, isNew: boolean): Promise<WrappingKey> => {
  const bytes = await read(path)
  if (bytes === 'damaged') throw keyFailed('damaged')
  if (!bytes && !isNew) throw keyFailed('missing')
  return importWrappingKey(bytes ?? (await make(path)))
}
