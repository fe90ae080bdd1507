import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HyphaError } from '../protocol/errors.js'
import { isJsonObject, ownField, ownString, parseJson } from '../protocol/json.js'
import { makePrivateFolder } from './data-folder.js'
import { NO_ROADS, type Roads } from './roads.js'

const VERSION = 1
const MAX_CONFIG_BYTES = 64 * 1024

const fileOf = (folder: string): string => join(folder, 'config.json')

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** What is no file is not waited for, and what is far too long not read. */
const readSmall = async (path: string): Promise<Uint8Array> => {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const found = await file.stat()
    if (!found.isFile() || found.size > MAX_CONFIG_BYTES) throw new Error('It is no file of ours.')
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/**
 * The roads that a node was given last.
 * @throws HyphaError STORAGE_FAILED when the file is not one of ours
 */
export const readConfig = async (folder: string): Promise<Roads> => {
  const file = fileOf(folder)
  const damaged = (cause?: unknown) =>
    new HyphaError('STORAGE_FAILED', `${file} can't be read. Remove it, and give --connect again.`, { cause })
  let bytes: Uint8Array
  try {
    bytes = await readSmall(file)
  } catch (error) {
    if (isMissing(error)) return NO_ROADS
    throw damaged(error)
  }
  const json = parseJson(bytes, { maxBytes: MAX_CONFIG_BYTES })
  if (!isJsonObject(json)) throw damaged()
  if (ownField(json, 'v') !== VERSION) {
    throw new HyphaError('STORAGE_FAILED', `${file} was written by another version of hypha. Use that one.`)
  }
  const connect = ownField(json, 'connect')
  if (!Array.isArray(connect) || !connect.every((road): road is string => typeof road === 'string'))
    throw damaged()
  const listen = ownString(json, 'listen')
  const name = ownString(json, 'name')
  return { connect, ...(listen === undefined ? {} : { listen }), ...(name === undefined ? {} : { name }) }
}

/** @throws HyphaError STORAGE_FAILED */
export const writeConfig = async (folder: string, { connect, listen, name }: Roads): Promise<void> => {
  await makePrivateFolder(folder)
  const file = fileOf(folder)
  const fresh = `${file}.${randomUUID()}`
  try {
    const text = JSON.stringify({ v: VERSION, connect, listen, name }, null, 2)
    await writeFile(fresh, `${text}\n`, { mode: 0o600, flush: true })
    await rename(fresh, file)
  } catch (cause) {
    throw new HyphaError(
      'STORAGE_FAILED',
      `${file} can't be written. Check that the disk is there and not full.`,
      {
        cause,
      },
    )
  }
}
