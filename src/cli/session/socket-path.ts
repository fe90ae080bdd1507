import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { HyphaError } from '../../protocol/errors.js'
import { makePrivateFolder } from '../data-folder.js'

/** What fits the system's address of a Unix socket, on Linux (108) and macOS (104), with its end. */
const MAX_SOCKET_PATH_BYTES = 103

export interface SocketPlace {
  readonly path: string
  /** The folder that keeps others away; none for a pipe of Windows. */
  readonly folder: string | undefined
}

const hashOf = (folder: string): string => createHash('sha256').update(folder).digest('hex').slice(0, 16)

/** Where the session of a data folder listens: in it, or, where that path is too long, in a short one of the same person's. */
export const socketPlace = (dataFolder: string, platform: NodeJS.Platform): SocketPlace => {
  if (platform === 'win32') return { path: `\\\\.\\pipe\\hypha-${hashOf(dataFolder)}`, folder: undefined }
  const folder = join(dataFolder, 'session')
  const path = join(folder, 'socket')
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return { path, folder }
  const short = join(tmpdir(), `hypha-${userInfo().uid}-${hashOf(dataFolder)}`)
  return { path: join(short, 'socket'), folder: short }
}

/**
 * Whether the folder is there, and this person's alone: anybody can make one in a temporary folder.
 * @throws HyphaError STORAGE_FAILED when it is somebody else's
 */
export const isPrivate = async (folder: string): Promise<boolean> => {
  const found = await lstat(folder).catch(() => undefined)
  if (!found) return false
  if (found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0) return true
  throw new HyphaError('STORAGE_FAILED', `${folder} is open to others, or another person’s. Remove it.`)
}

/** @throws HyphaError STORAGE_FAILED */
export const prepareSocketFolder = async ({ folder }: SocketPlace): Promise<void> => {
  if (folder === undefined) return
  // Only what we own can be made private.
  const found = await lstat(folder).catch(() => undefined)
  if (!found || (found.isDirectory() && found.uid === userInfo().uid))
    await makePrivateFolder(folder, { ours: true })
  await isPrivate(folder)
}
