import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { MAX_ENTRIES_KEPT, MAX_TREE_NODES_KEPT } from '../../../src/adapters/database/lean-memory.js'
import { Recent } from '../../../src/adapters/database/recent.js'
import { fileStorage } from '../../../src/adapters/storage/file-storage.js'
import { toHex } from '../../../src/protocol/bytes.js'
import { collectGarbage } from '../../collect-garbage.js'
import { link, newHypha, openNode, put, recordOf, type TestNode, until } from './nodes.js'

const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const BATCH = 32

/** Bytes that are held, after garbage has been collected. */
const held = async (): Promise<number> => {
  await collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const onDisk = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-memory-'))
  ends.push(() => rm(folder, { recursive: true, force: true }))
  const storage = fileStorage(folder)
  await storage.open?.()
  ends.push(() => storage.close())
  return storage
}

const opened = async (hypha: Awaited<ReturnType<typeof newHypha>>, isOrigin: boolean): Promise<TestNode> => {
  const node = await openNode(openDatabase, hypha, { isOrigin, storage: await onDisk() })
  ends.push(() => node.db.close())
  return node
}

describe('memory', () => {
  it('of a feed in which nothing is: a tenth of what hypercore sets aside for it', async () => {
    const node = await opened(await newHypha(), true)
    const admit = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const { hyphalink: key } = await newHypha()
        await node.db.authorise(key, recordOf(toHex(key), node.db.localWriter))
      }
    }
    await admit(10)
    const before = await held()
    await admit(50)
    expect(((await held()) - before) / 50).toBeLessThan(128 * 1024)
  })

  it('does not grow with the blocks that are written and replicated, over the same keys', async () => {
    const hypha = await newHypha()
    const laptop = await opened(hypha, true)
    const phone = await opened(hypha, false)
    const { cut } = await link(laptop, phone)
    ends.push(cut)
    const folded = ({ db }: TestNode) =>
      db.progress.find(({ writer }) => writer === laptop.db.localWriter)?.folded
    let written = 0
    const write = async (count: number) => {
      for (let i = 0; i < count; i += BATCH) {
        await laptop.db.write(
          Array.from({ length: BATCH }, () => put(`notes/${written++ % 200}`, 'x'.repeat(100))),
        )
      }
      await until(() => folded(phone) === folded(laptop))
      for (const { entries } of [laptop, phone]) entries.length = 0
    }
    // What is kept of the last ones has filled up by then.
    await write(MAX_ENTRIES_KEPT)
    const first = await held()
    await write(MAX_ENTRIES_KEPT)
    const second = await held()
    await write(MAX_ENTRIES_KEPT)
    const grown = Math.min((await held()) - second, second - first) / MAX_ENTRIES_KEPT
    // 1,700 to 9,000 bytes before caches were bounded.
    expect(grown).toBeLessThan(600)
  })
})

describe('what is kept of the last ones', () => {
  it.each([MAX_TREE_NODES_KEPT, MAX_ENTRIES_KEPT])('is at most %i, and at least the last half', (most) => {
    const recent = new Recent<number>(most, (value) => value)
    for (let i = 0; i < 3 * most + 1; i++) {
      recent.set(i, i)
      expect(recent.size).toBeLessThanOrEqual(most)
    }
    expect(recent.get(0)).toBeNull()
    for (let i = 3 * most; i > 2.5 * most; i--) expect(recent.get(i)).toBe(i)
  })

  it('is what was asked for, too', () => {
    const recent = new Recent<string>(4, (value) => value)
    recent.set(1, 'one')
    for (let i = 2; i < 20; i++) {
      expect(recent.get(1)).toBe('one')
      recent.set(i, 'more')
    }
  })

  it('is what there is to keep of it', () => {
    const recent = new Recent<string>(4, (value) => value.slice(0, 1))
    recent.set(1, 'one')
    expect(recent.get(1)).toBe('o')
  })
})
