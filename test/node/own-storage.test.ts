import { expect, it } from 'vitest'
import { createNode, memoryStorage, type Storage } from '../../src/index.js'
import { code, useDevices } from './devices.js'
import { reached } from './until.js'

const DOMAIN = 'ada.example'
const { open } = useDevices()

type RandomAccess = ReturnType<Storage['file']>

/** An app's own storage, over one in memory that stays; `change` is what the app got wrong. */
const own = (
  kept: Storage,
  change: (file: RandomAccess, name: string) => Partial<RandomAccess>,
): Storage => ({
  kind: 'own',
  file: (name) => {
    const file = kept.file(name)
    const asItIs: RandomAccess = {
      read: (offset, size, done) => file.read(offset, size, done),
      write: (offset, bytes, done) => file.write(offset, bytes, done),
      del: (offset, size, done) => file.del(offset, size, done),
      close: (done) => file.close(done),
    }
    return { ...asItIs, ...change(asItIs, name) }
  },
  close: () => kept.close(),
})

const keysOf = async (node: ReturnType<typeof open>): Promise<string[]> => {
  const keys: string[] = []
  for await (const { key } of node.entries()) keys.push(key)
  return keys
}

const WAYS: Record<string, (write: RandomAccess['write']) => RandomAccess['write']> = {
  'throws instead of answering': () => () => {
    throw new Error('ENOSPC')
  },
  'is an async function that rejects': () => async () => {
    throw new Error('ENOSPC')
  },
  'answers with a text, at once': () => (_offset, _bytes, done) =>
    (done as ((error: unknown) => void) | undefined)?.('ENOSPC'),
}

it.each(
  Object.keys(WAYS),
)('a write of an app’s own storage that %s is a failed put, whichever it is', async (way) => {
  for (const at of [0, 1, 3, 5, 8]) {
    const kept = memoryStorage()
    let left = Number.POSITIVE_INFINITY
    const storage = own(kept, ({ write }) => ({
      write: (offset, bytes, done) =>
        left-- === 0 ? WAYS[way]!(write)(offset, bytes, done) : write(offset, bytes, done),
    }))
    const node = open({ storage })
    await node.signUp({ domain: DOMAIN })
    await node.put('before', 1)
    left = at
    const acknowledged = ['before']
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      const how = await code(node.put(key, 1))
      if (how === 'no error') acknowledged.push(key)
      else expect(how).toBe('STORAGE_FAILED')
    }
    await node.put('after', 1)
    acknowledged.push('after')
    expect(acknowledged.length).toBeLessThan(7)
    await node.close()
    const again = open({ storage: own(kept, () => ({})) })
    await reached(again, 'origin')
    expect((await keysOf(again)).sort()).toEqual(acknowledged.sort())
    await again.close()
  }
})

it('a read that fails for a moment is tried again, and no damage', async () => {
  const kept = memoryStorage()
  const writing = open({ storage: kept })
  await writing.signUp({ domain: DOMAIN })
  for (let i = 0; i < 10; i++) await writing.put(`note/${i}`, 'x'.repeat(20_000))
  await writing.close()

  for (const failing of ['data', 'tree']) {
    let left = 0
    const storage = own(kept, ({ read }, name) => ({
      read: (offset, size, done) =>
        name.endsWith(`local/${failing}`) && left-- > 0
          ? queueMicrotask(() => done(Object.assign(new Error('Try again'), { code: 'EAGAIN' })))
          : read(offset, size, done),
    }))
    const node = open({ storage })
    const errors: unknown[] = []
    node.on('error', (error) => errors.push(error))
    await reached(node, 'origin')
    for (let i = 0; i < 10; i++) {
      left = 3
      expect(await node.get(`note/${i}`)).toBe('x'.repeat(20_000))
      expect(left).toBeLessThan(0)
    }
    left = 3
    await node.put(`then/${failing}`, 1)
    expect(await node.get(`then/${failing}`)).toBe(1)
    expect(errors).toEqual([])
    await node.close()
  }
})

it('a read that the disk refuses while it is opened is told, and the next call finds all', async () => {
  const kept = memoryStorage()
  const writing = open({ storage: kept })
  await writing.signUp({ domain: DOMAIN })
  for (let i = 0; i < 10; i++) await writing.put(`note/${i}`, i)
  await writing.close()
  for (const name of ['local/tree', 'local/signatures', 'own/record/0', 'node/0']) {
    let left = 1
    const storage = own(kept, ({ read }, file) => ({
      read: (offset, size, done) =>
        file.endsWith(name) && left-- > 0
          ? queueMicrotask(() => done(Object.assign(new Error('I/O'), { code: 'EIO' })))
          : read(offset, size, done),
    }))
    const node = open({ storage })
    expect(await code(node.opened())).toBe('STORAGE_FAILED')
    expect(await node.get('note/9')).toBe(9)
    expect((await keysOf(node)).length).toBe(10)
    await node.close()
  }
})

it('a storage that can’t be closed is told by its code, and the node is closed all the same', async () => {
  const cause = new Error('EIO')
  const storage: Storage = { ...memoryStorage(), close: () => Promise.reject(cause) }
  const node = createNode({ storage })
  await node.signUp({ domain: DOMAIN })
  const failed = await node.close().catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'STORAGE_FAILED', cause })
  expect(node.state).toBe('closed')
})
