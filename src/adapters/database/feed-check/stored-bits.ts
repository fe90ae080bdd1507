import { equalBytes } from '../../../protocol/bytes.js'
import { Bitfield } from '../engine.js'
import type { FeedFiles } from './feed-files.js'

/** hypercore's pages of bits: for 8,192 blocks which are here, which nodes of the tree are, and an index of the first. */
const PAGE_BYTES = 3_584
const HEADER_BYTES = 32
const BLOCK_BYTES = 1_024
const TREE_BYTES = 2_048
/** Pages that are read at a time. */
const PAGES_AT_ONCE = 32

/** A magic number, that it is a bitfield, version 0, and the size of a page. */
const HEADER = new Uint8Array(HEADER_BYTES)
HEADER.set([5, 2, 87, 0, 0, PAGE_BYTES >> 8, PAGE_BYTES & 255])

/** What a feed's bitfield says is stored. It is a claim: any bit may have flipped. */
export class StoredBits {
  /** Of 8,192 blocks each. */
  readonly pages: readonly Uint8Array[]
  readonly isHeaderWhole: boolean
  readonly isThere: boolean

  private constructor(pages: readonly Uint8Array[], header: Uint8Array | undefined) {
    this.pages = pages
    this.isThere = header !== undefined
    this.isHeaderWhole = header !== undefined && equalBytes(header, HEADER)
  }

  static async read(files: FeedFiles): Promise<StoredBits> {
    const header = await files.read('bitfield', 0, HEADER_BYTES)
    const pages: Uint8Array[] = []
    for (let at = HEADER_BYTES; header; ) {
      const many = await files.read('bitfield', at, PAGES_AT_ONCE * PAGE_BYTES)
      const read = many ?? (await files.read('bitfield', at, PAGE_BYTES))
      if (!read) break
      for (let i = 0; i < read.length; i += PAGE_BYTES) pages.push(read.subarray(i, i + PAGE_BYTES))
      at += read.length
    }
    return new StoredBits(pages, header)
  }

  /** How many blocks it names. */
  get blocks(): number {
    return this.pages.reduce((sum, page) => sum + bitsIn(page.subarray(0, BLOCK_BYTES)), 0)
  }

  /** How many nodes of the tree it names. */
  get nodes(): number {
    return this.pages.reduce(
      (sum, page) => sum + bitsIn(page.subarray(BLOCK_BYTES, BLOCK_BYTES + TREE_BYTES)),
      0,
    )
  }

  hasBlock(block: number): boolean {
    return isSet(this.pages, 0, BLOCK_BYTES, block)
  }

  hasNode(index: number): boolean {
    return isSet(this.pages, BLOCK_BYTES, TREE_BYTES, index)
  }

  /** One more than the last block that is here, by this. */
  get length(): number {
    for (let block = this.pages.length * BLOCK_BYTES * 8 - 1; block >= 0; block--) {
      if (this.hasBlock(block)) return block + 1
    }
    return 0
  }
}

const bitsIn = (bytes: Uint8Array): number => {
  let count = 0
  for (const byte of bytes) for (let rest = byte; rest > 0; rest &= rest - 1) count++
  return count
}

const isSet = (pages: readonly Uint8Array[], from: number, bytes: number, index: number): boolean => {
  const byte = index >> 3
  const page = pages[Math.floor(byte / bytes)]
  return page !== undefined && ((page[from + (byte % bytes)] ?? 0) & (128 >> (index & 7))) !== 0
}

/** Stores which blocks and nodes are here, and hypercore's index of it, where that isn't what is stored. True if it was not. */
export const storeBits = async (
  files: FeedFiles,
  stored: StoredBits,
  blocks: Iterable<number>,
  nodes: Iterable<number>,
): Promise<boolean> => {
  const bits = new Bitfield(PAGE_BYTES, [])
  for (const block of blocks) bits.set(block, true)
  for (const index of nodes) bits.tree.set(index, true)
  let changed = false
  const write = async (offset: number, bytes: Uint8Array) => {
    changed = true
    await files.write('bitfield', offset, bytes)
  }
  if (!stored.isHeaderWhole) await write(0, HEADER)
  const count = Math.max(bits.pages.length, stored.pages.length)
  for (let i = 0; i < count; i++) {
    const page = bits.pages.get(i, true)?.buffer ?? new Uint8Array(PAGE_BYTES)
    const old = stored.pages[i]
    if (!old || !equalBytes(old, page)) await write(HEADER_BYTES + i * PAGE_BYTES, page)
  }
  return changed
}
