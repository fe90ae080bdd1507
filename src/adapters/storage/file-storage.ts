import { readdirSync } from 'node:fs'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { HyphaError } from '../../protocol/errors.js'
import { type DirectoryLock, lockDirectory } from './directory-lock.js'
import { DIRECTORY_MODE, diskFile } from './disk-file.js'
import { createHandles, type Handles } from './handles.js'
import { openKeyFile } from './key-file.js'
import { splitName } from './names.js'
import { createOpenFiles } from './open-files.js'
import { createOpening } from './opening.js'
import type { Storage } from './storage.js'
import { createWrapping, type WrappingKey } from './wrapping.js'

interface Opened {
  readonly lock: DirectoryLock
  readonly key: WrappingKey
  readonly handles: Handles
}

const holdsNothing = (directory: string): boolean => {
  try {
    return readdirSync(directory, { withFileTypes: true }).every(
      (entry) => entry.isDirectory() && holdsNothing(join(directory, entry.name)),
    )
  } catch (error) {
    return (error as { code?: unknown }).code === 'ENOENT'
  }
}

/**
 * Keeps a hypha in a directory of its own (made if it isn't there, for its owner alone): `files/`, the key that wraps what is
 * secret in them in `key`, and `lock/`. One storage at a time has it, in this process or another.
 *
 *     createNode({ storage: fileStorage('/home/alice/.hypha') })
 */
export const fileStorage = (directory: string): Storage => {
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0'))
    throw new HyphaError('OPTION_INVALID', 'fileStorage() takes the path of a directory.')
  const root = resolve(directory)
  const filesRoot = join(root, 'files')
  const failed = (cause: unknown) =>
    cause instanceof HyphaError
      ? cause
      : new HyphaError(
          'STORAGE_FAILED',
          `The directory ${root} can not be used (${cause instanceof Error ? cause.message : cause}). Check that it may be written to and that its disk is there and not full, or choose another.`,
          { cause },
        )

  const openAll = async (): Promise<Opened> => {
    await mkdir(root, { recursive: true, mode: DIRECTORY_MODE })
    // Someone's own directory with other things in it keeps its mode: what is ours in it is closed all the same.
    if (readdirSync(root).length === 0) await chmod(root, DIRECTORY_MODE)
    const lock = await lockDirectory(root)
    if (!lock) {
      throw new HyphaError(
        'STORAGE_LOCKED',
        `Another program, or another node of this one, uses ${root}. Close it, or choose another directory.`,
      )
    }
    try {
      await mkdir(filesRoot, { recursive: true, mode: DIRECTORY_MODE })
      // A copy brought back may be open to others.
      await chmod(filesRoot, DIRECTORY_MODE)
      const key = await openKeyFile(join(root, 'key'), holdsNothing(filesRoot))
      const openFiles = createOpenFiles()
      const handles = createHandles((name) => diskFile(join(filesRoot, ...splitName(name)), openFiles))
      return { lock, key, handles }
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  const opening = createOpening<Opened>({
    open: openAll,
    close: async ({ handles, lock }) => {
      try {
        await handles.closeAll()
      } finally {
        await lock.release()
      }
    },
    failed,
  })

  return {
    kind: 'file',
    get isEmpty() {
      return holdsNothing(filesRoot)
    },
    open: opening.open,
    file: (name) => opening.held().handles.open(name),
    remove: async (folder) => {
      opening.held()
      await rm(join(filesRoot, ...splitName(folder)), { recursive: true, force: true }).catch((error) => {
        throw failed(error)
      })
    },
    wrapping: createWrapping(() => opening.held().key),
    close: opening.close,
  }
}
