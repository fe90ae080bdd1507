import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStorage } from '../../src/index.js'
import type { Disk } from './disk.js'

/** Belongs to whoever runs: the next one takes it anew. */
const LOCK = 'lock'

const copyAll = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (!entry.isDirectory()) copyFileSync(source, target)
    else if (entry.name !== LOCK) copyAll(source, target)
  }
}

/**
 * A directory, which the process that writes there can leave in the middle of anything: the next one gets a copy of what was
 * written by then. Nothing of this process runs while it is made, so that no write is in it that came after one that is not.
 */
export const createDirectoryDisk = (): Disk => {
  const root = mkdtempSync(join(tmpdir(), 'hypha-walk-'))
  let life = 0
  const directory = () => join(root, String(life))
  mkdirSync(directory())

  const copyOnce = (): boolean => {
    rmSync(join(root, String(life + 1)), { recursive: true, force: true })
    try {
      copyAll(directory(), join(root, String(life + 1)))
      return true
    } catch (error) {
      // A file got its last name meanwhile.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
      throw error
    }
  }
  return {
    boot: () => fileStorage(directory()),
    crash: () => {
      while (!copyOnce());
      life++
    },
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }),
  }
}
