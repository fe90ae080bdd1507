import { readdirSync, statSync } from 'node:fs'
import { open, rm, truncate } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createRandom } from '../../src/testing/random.js'

/** What a disk does to one file. */
export interface Damage {
  readonly what: string
  do(path: string): Promise<void>
}

/** Belongs to whoever runs. */
const LOCK = 'lock'

/** Every file that a store consists of, found out anew each time, so that a new kind of file is among them. */
export const filesOf = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split('/').includes(LOCK))
    .sort()

const flip = (offset: number, bit: number): Damage => ({
  what: `bit ${bit} of byte ${offset} flipped`,
  async do(path) {
    const file = await open(path, 'r+')
    try {
      const byte = new Uint8Array(1)
      await file.read(byte, 0, 1, offset)
      await file.write(Uint8Array.of((byte[0] ?? 0) ^ (1 << bit)), 0, 1, offset)
    } finally {
      await file.close()
    }
  },
})

const cutTo = (what: string, size: number): Damage => ({ what, do: (path) => truncate(path, size) })

/** Bytes at the end that are lost: less than any record of a store is long, and more. */
const TAILS = [1, 100]

/** What may happen to a file: where bits flip in its middle follows from the seed. */
export const damagesOf = (path: string, seed: number): Damage[] => {
  const { size } = statSync(path)
  const gone: Damage = { what: 'gone', do: (file) => rm(file) }
  if (size === 0) return [gone]
  const random = createRandom(seed)
  const offsets = new Set([0, size - 1, Math.floor(size / 2)])
  for (let i = 0; i < 2; i++) offsets.add(Math.floor(random() * size))
  return [
    gone,
    cutTo('emptied', 0),
    ...(size > 1 ? [cutTo('cut in half', size >> 1)] : []),
    ...TAILS.filter((tail) => tail < size).map((tail) => cutTo(`its last ${tail} bytes lost`, size - tail)),
    ...[...offsets].map((offset) => flip(offset, Math.floor(random() * 8))),
  ]
}
