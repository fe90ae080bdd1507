import { chmod, mkdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { HyphaError } from '../protocol/errors.js'
import type { Around } from './context.js'

const platformFolder = ({ env, platform }: Pick<Around, 'env' | 'platform'>): string => {
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'hypha')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'hypha')
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'hypha')
}

/** Where a node is kept: what was given, HYPHA_DATA, or the platform's place for it. Absolute. */
export const dataFolder = (given: string | undefined, around: Pick<Around, 'env' | 'platform'>): string =>
  resolve(given || around.env.HYPHA_DATA || platformFolder(around))

export const storeOf = (folder: string): string => join(folder, 'store')

/**
 * Makes a folder that is its owner's alone. One that is there keeps its mode, unless it is `ours` to close.
 * @throws HyphaError STORAGE_FAILED
 */
export const makePrivateFolder = async (folder: string, { ours = false } = {}): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (ours) await chmod(folder, 0o700)
  } catch (cause) {
    throw new HyphaError('STORAGE_FAILED', `${folder} can't be used. Check who may write there.`, { cause })
  }
}

/**
 * Removes what a node keeps, once it has closed; how it meets others stays.
 * @throws HyphaError STORAGE_FAILED
 */
export const removeStore = async (folder: string): Promise<void> => {
  try {
    await rm(storeOf(folder), { recursive: true, force: true })
  } catch (cause) {
    throw new HyphaError('STORAGE_FAILED', `${storeOf(folder)} can't be removed. Remove it yourself.`, {
      cause,
    })
  }
}
