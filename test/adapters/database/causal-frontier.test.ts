import { EventEmitter } from 'node:events'
import messages from 'hyperdb/lib/messages.js'
import { expect, it } from 'vitest'
import { CausalFrontier } from '../../../src/adapters/database/causal-frontier.js'

const ORIGIN = Buffer.alloc(32, 1)
const KEY = Buffer.alloc(32, 2)

/** A feed's blocks: its header, one that lists it, and plain ones. */
const blocks = Array.from({ length: 6 }, (_, seq) => {
  if (seq === 0) return messages.Header.encode({ protocol: 'hyperdb' })
  const entry = { key: `key/${seq}`, trie: Buffer.alloc(0), clock: [seq + 1], inflate: 1 }
  return seq === 1
    ? messages.InflatedEntry.encode({ ...entry, feeds: [{ key: KEY }] })
    : messages.Entry.encode(entry)
})

/** A feed in another's storage, of which reads take as long as the test wants. */
const createFeed = (key: Buffer) => {
  const here = new Set<number>()
  const reads: ((error?: Error) => void)[] = []
  const feed = Object.assign(new EventEmitter(), {
    key,
    length: blocks.length,
    writable: false,
    bitfield: { total: () => here.size },
    has: (seq: number) => here.has(seq),
    _ready: (callback: (error: null) => void) => callback(null),
    getBatch: (
      start: number,
      end: number,
      _: object,
      callback: (error: Error | null, found: Buffer[]) => void,
    ) => reads.push((error) => (error ? callback(error, []) : callback(null, blocks.slice(start, end)))),
  })
  return {
    feed,
    reads,
    has: (...seqs: number[]) => {
      for (const seq of seqs) here.add(seq)
    },
    arrives: (seq: number) => {
      here.add(seq)
      feed.emit('download', seq, blocks[seq])
    },
  }
}

const writerOf = ({ feed }: ReturnType<typeof createFeed>, _id: number) => {
  const read = (start: number, end: number) =>
    new Promise((resolve, reject) =>
      feed.getBatch(start, end, {}, (error: Error | null, found: Buffer[]) =>
        error ? reject(error) : resolve(found),
      ),
    )
  return { _feed: feed, _id, checked: { read } } as never
}

it('reads what is behind a gap once, when the gap closes while what is before it is read', async () => {
  const created = createFeed(KEY)
  const { reads, has, arrives } = created
  const delivered: number[] = []
  const stopped: string[] = []
  let isDone = () => {}
  const done = new Promise<void>((resolve) => {
    isDone = resolve
  })
  const frontier = new CausalFrontier({
    isPublicKey: () => true,
    learn: async () => {},
    onEntries: (entries) => {
      delivered.push(...entries.map(({ seq }) => seq))
      if (delivered.length >= blocks.length - 1) isDone()
    },
    onStopped: (_, seq, { reason }) => {
      stopped.push(`${seq}: ${reason}`)
      isDone()
    },
    onProgress: () => {},
  })
  // As a node that was closed while blocks came out of order.
  has(0, 1, 2, 4, 5)
  frontier.add(writerOf(createFeed(ORIGIN), 0))
  frontier.add(writerOf(created, 1))
  frontier.start()
  expect(reads).toHaveLength(1)
  arrives(3)
  const settled = frontier.settled()
  while (reads.length > 0) {
    for (const read of reads.splice(0)) read()
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
  }
  await Promise.all([settled, done])
  expect(stopped).toEqual([])
  expect(delivered).toEqual([1, 2, 3, 4, 5])
})

it('says that it was the storage, where a block can not be read', async () => {
  const created = createFeed(KEY)
  const { reads, has } = created
  has(0, 1)
  const stopped = new Promise<unknown>((resolve) => {
    const frontier = new CausalFrontier({
      isPublicKey: () => true,
      learn: async () => {},
      onEntries: () => {},
      onStopped: (_, seq, { cause }) => resolve([seq, cause?.message]),
      onProgress: () => {},
    })
    frontier.add(writerOf(createFeed(ORIGIN), 0))
    frontier.add(writerOf(created, 1))
    frontier.start()
  })
  reads[0]?.(new Error('EIO'))
  expect(await stopped).toEqual([0, 'EIO'])
})
