import type { Feed, Peer } from 'hypercore'
import { soon } from '../../soon.js'
import { giveWay, nextMacrotask } from '../yielding.js'
import { isOfLeaf, NODE_BYTES, sizeIn } from './hash-tree.js'

const HEADER_BYTES = 32
/** Blocks of one read, when all are looked at. */
const BLOCKS_AT_ONCE = 64
/** Before a read that failed is tried again: together far less than anybody waits for a read (READ_TIMEOUT_MS). */
const PAUSES_MS = [0, 20, 200] as const

export interface CheckedBlocks {
  /**
   * The blocks from `start` on, up to `end`: fewer where one is damaged, which is then not here any more. All of them must be
   * here before.
   */
  read(start: number, end: number): Promise<readonly Buffer[]>
  /** Asks peers for the blocks that are not here of a feed that hypercore doesn't download: the one that is written to. */
  fetchMissing(): void
}

/**
 * Hashes each block of a feed when it is read, and compares it with its leaf in the tree. hypercore hands on what it reads: to
 * peers, who cut the connection for it. A block that is damaged is not here any more: peers are told, and asked for it.
 */
export const checkBlocks = (feed: Feed, onDamaged: (block: number) => void): CheckedBlocks => {
  const bytes = (file: 'tree' | 'data', offset: number, size: number): Promise<Buffer> =>
    new Promise((resolve, reject) =>
      feed._storage[file].read(offset, size, (error: Error | null, read?: Uint8Array) =>
        error || !read
          ? reject(error ?? new Error('Nothing was read'))
          : resolve(Buffer.from(read.buffer, read.byteOffset, read.length)),
      ),
    )
  const offsetOf = (block: number): Promise<number> =>
    new Promise((resolve, reject) =>
      feed._storage.dataOffset(block, [], (error, offset = 0) => (error ? reject(error) : resolve(offset))),
    )

  const readRun = async (start: number, end: number): Promise<Buffer[]> => {
    // A leaf, what joins it with another, the next leaf.
    const nodes = await bytes(
      'tree',
      HEADER_BYTES + 2 * start * NODE_BYTES,
      (2 * (end - start) - 1) * NODE_BYTES,
    )
    const leaves = Array.from({ length: end - start }, (_, i) =>
      nodes.subarray(2 * i * NODE_BYTES, (2 * i + 1) * NODE_BYTES),
    )
    const total = leaves.reduce((sum, leaf) => sum + sizeIn(leaf), 0)
    // Nothing is longer than the feed: a size that is wrong is not reserved.
    if (total > feed.byteLength) throw new Error('These sizes are not of this feed')
    const data = total > 0 ? await bytes('data', await offsetOf(start), total) : Buffer.alloc(0)
    const blocks: Buffer[] = []
    let at = 0
    for (const leaf of leaves) {
      const block = data.subarray(at, at + sizeIn(leaf))
      if (!isOfLeaf(block, leaf)) break
      blocks.push(block)
      at += block.length
    }
    return blocks
  }

  const lost = new Set<number>()
  let isLooking = false
  /** What damaged one block may have damaged others: all are looked at, and then asked for at once. */
  const lookAtAll = async () => {
    if (isLooking) return
    isLooking = true
    // Others that are read in this turn are found by who reads them.
    await nextMacrotask()
    for (let start = 0; start < feed.length && feed.readable; start += 1) {
      let end = start
      while (end < feed.length && end - start < BLOCKS_AT_ONCE && feed.has(end)) end++
      if (end === start) continue
      const found = await read(start, end).catch(() => [])
      start += found.length - (found.length === end - start ? 1 : 0)
      await giveWay()
    }
    isLooking = false
    const blocks = [...lost].filter((block) => !feed.has(block))
    lost.clear()
    if (feed.readable) ask(blocks)
  }

  const ask = (blocks: readonly number[]) => {
    if (feed.writable) blocks.forEach(fetch)
    for (const start of new Set(blocks.map((block) => block - (block % WANTED_BLOCKS)))) {
      for (const peer of feed.peers) peer.stream?.want({ start, length: WANTED_BLOCKS })
    }
    feed._updatePeers()
  }

  let isFetching = false
  /** Of others' feeds it is all that peers have. Of this one they may claim more than was ever written. */
  const fetch = (block: number) => {
    if (!isFetching) {
      isFetching = true
      feed._selections.splice(0)
      for (const peer of feed.peers) peer.downloading = true
      feed.on('peer-add', (peer: Peer) => {
        peer.downloading = true
        peer.update()
      })
    }
    feed.download({ start: block, end: block + 1, linear: true }, () => {})
  }

  const drop = (block: number) => {
    if (!feed.readable || !feed.bitfield.set(block, false)) return
    lost.add(block)
    feed._unannounce({ start: block, length: 1 })
    // What this can't store is found again at the next opening.
    feed._sync(null, () => {})
    onDamaged(block)
    void lookAtAll()
  }

  /** What can't be read is no damage yet: a busy disk, or what looks over files, may be in the way for a moment. */
  const readPatiently = async (start: number, end: number): Promise<readonly Buffer[]> => {
    for (let tries = 0; ; tries++) {
      const blocks = await readRun(start, end).catch((error) => {
        if (!feed.readable || tries === PAUSES_MS.length) throw error
        return undefined
      })
      // What is read twice and is not right is damaged.
      if (blocks && (blocks.length === end - start || tries > 0)) return blocks
      await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[tries]))
    }
  }

  const readWith = async (
    readSome: typeof readPatiently,
    start: number,
    end: number,
  ): Promise<readonly Buffer[]> => {
    const blocks = await readSome(start, end).catch((error) => {
      if (!feed.readable) throw error
      return []
    })
    if (blocks.length === end - start) return blocks
    if (blocks.length > 0 || end - start === 1) {
      drop(start + blocks.length)
      return blocks
    }
    // None, because of one of them: half of them may be whole. Patience was had with all of them.
    const middle = start + ((end - start) >> 1)
    const first = await readWith(readRun, start, middle)
    return first.length < middle - start ? first : [...first, ...(await readWith(readRun, middle, end))]
  }
  const read = (start: number, end: number) => readWith(readPatiently, start, end)

  /** Blocks that a peer asked for, read and whole, until hypercore takes them. */
  const prepared = new Map<number, Buffer>()
  feed._prepare = (block, done) => {
    read(block, block + 1).then(
      ([found]) => {
        if (found) prepared.set(block, found)
        done(found !== undefined)
      },
      () => done(false),
    )
  }
  feed._getBuffer = (block, callback) => {
    const found = prepared.get(block)
    if (found) {
      prepared.delete(block)
      return soon(callback, null, found)
    }
    read(block, block + 1).then(
      ([found]) => soon(callback, found ? null : new Error('This block is damaged'), found),
      (error: Error) => soon(callback, error),
    )
  }
  return {
    read,
    fetchMissing() {
      const missing: number[] = []
      for (let block = 0; block < feed.length; block++) if (!feed.has(block)) missing.push(block)
      if (missing.length > 0) ask(missing)
    },
  }
}

/** The region that is asked about again: as little as hypercore answers for. */
const WANTED_BLOCKS = 8_192
