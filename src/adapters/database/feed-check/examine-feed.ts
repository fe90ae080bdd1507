import { equalBytes } from '../../../protocol/bytes.js'
import { MAX_BLOCK_BYTES } from '../../../protocol/limits.js'
import { sodium } from '../engine.js'
import { giveWay } from '../yielding.js'
import type { FeedFiles } from './feed-files.js'
import {
  HashTree,
  indexOf,
  isOfLeaf,
  leafOf,
  NODE_BYTES,
  type Place,
  rootsOf,
  signedBy,
  sizeIn,
} from './hash-tree.js'
import { StoredBits, storeBits } from './stored-bits.js'

const HEADER_BYTES = 32
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Signatures that are verified to find the last one that holds; each takes 0.1 ms. */
const MAX_SIGNATURES_TRIED = 256

/** What was found of a feed's files before hypercore opened them. */
export interface Examination {
  /** How long the feed was, by what is stored of it. */
  readonly claimed: number
  /** How long it is by a signature that holds. */
  readonly length: number
  /** Blocks that were here and can't be read any more: the first, and how many. Peers may have them. */
  readonly lost: { readonly first: number; readonly count: number } | undefined
  /** Something was damaged, and what it had been is known from the rest. */
  readonly isMended: boolean
}

/**
 * What a feed is opened for. To `fetch` what another writes: what can't be proven goes, and comes again from peers; its last
 * leaves may not have come yet. To `read` one that was written here: the same, but its last leaf is there. To `write`
 * to it: nothing is stored of one that lost its end, as who went on there would write other blocks in the place of those that
 * peers have; and of what a killed process had begun to append, all is there or nothing. To `look`: nothing is stored.
 */
export type Purpose = 'fetch' | 'read' | 'write' | 'look'

const NOTHING: Examination = { claimed: 0, length: 0, lost: undefined, isMended: false }

interface Head {
  readonly length: number
  readonly roots: readonly { place: Place; node: Uint8Array }[]
}

/**
 * Looks through the files of a feed and makes them fit together, before hypercore reads them: it believes its bitfield, builds
 * what it signs on stored hashes, and hands on what it reads. What holds here is what leads up to a signature of the feed's
 * key: the tree of hashes is compared in itself and with its signature, and mended where blocks or other nodes say what was
 * there; the bitfield is made anew. So a bit that flipped in it hides no block, and blocks that a killed process stored
 * without their bits are there again. Blocks themselves are hashed when they are read.
 *
 * @throws HyphaError STORAGE_FAILED
 */
export const examineFeed = async (
  files: FeedFiles,
  key: Uint8Array,
  purpose: Purpose = 'read',
): Promise<Examination> => {
  const bits = await StoredBits.read(files)
  const bitLength = bits.length
  const treeBytes = await files.sizeOf(
    'tree',
    bitLength > 0 ? HEADER_BYTES + (2 * bitLength - 1) * NODE_BYTES : 0,
  )
  const storedKey = await files.read('key', 0, KEY_BYTES)
  if (treeBytes <= HEADER_BYTES && bitLength === 0) {
    // Whatever is there, no block is. A key that is another's would keep hypercore from opening.
    if ((purpose === 'fetch' || purpose === 'read') && storedKey && !equalBytes(storedKey, key))
      await files.write('key', 0, key)
    return NOTHING
  }
  return new Examiner(files, key, bits, bitLength, purpose).run(treeBytes, storedKey)
}

class Examiner {
  readonly #files: FeedFiles
  readonly #key: Uint8Array
  readonly #bits: StoredBits
  readonly #bitLength: number
  readonly #purpose: Purpose
  #tree = new HashTree(new Uint8Array(0))
  #signatures: Uint8Array = new Uint8Array(0)
  #isMended = false

  constructor(files: FeedFiles, key: Uint8Array, bits: StoredBits, bitLength: number, purpose: Purpose) {
    this.#files = files
    this.#key = key
    this.#bits = bits
    this.#bitLength = bitLength
    this.#purpose = purpose
  }

  async run(treeBytes: number, storedKey: Uint8Array | undefined): Promise<Examination> {
    const files = this.#files
    const nodes = Math.max(0, Math.floor((treeBytes - HEADER_BYTES) / NODE_BYTES))
    if (nodes > 0) {
      this.#tree = new HashTree(
        (await files.read('tree', HEADER_BYTES, nodes * NODE_BYTES)) ?? new Uint8Array(0),
      )
    }
    const expected = HEADER_BYTES + this.#bitLength * SIGNATURE_BYTES
    const signed = Math.floor(((await files.sizeOf('signatures', expected)) - HEADER_BYTES) / SIGNATURE_BYTES)
    if (signed > 0) {
      this.#signatures =
        (await files.read('signatures', HEADER_BYTES, signed * SIGNATURE_BYTES)) ?? new Uint8Array(0)
    }
    await this.#tree.compare()
    const head = await this.#findHead()
    for (const { place, node } of head.roots) await this.#tree.trust(place, node, this.#leaf)
    await this.#trustOlder(head.length)

    const lostNodes = [...this.#tree.untrusted(head.length)]
    for (const index of lostNodes) this.#tree.repairs.set(index, undefined)
    const here = await this.#blocksHere(head.length)
    const trusted: number[] = []
    for (let index = 0; index < this.#tree.count; index++)
      if (this.#tree.isTrusted(index)) trusted.push(index)

    const mayStore = this.#purpose !== 'write' || head.length >= this.#bitLength
    if (mayStore && this.#purpose !== 'look') await this.#store(storedKey, here.blocks, trusted)
    const isDamaged = here.lost !== undefined
    return {
      claimed: Math.max(this.#bitLength, head.length),
      length: head.length,
      lost: here.lost,
      isMended: this.#isMended && !isDamaged,
    }
  }

  #signatureAt(index: number): Uint8Array | undefined {
    const signature = this.#signatures.subarray(index * SIGNATURE_BYTES, (index + 1) * SIGNATURE_BYTES)
    return signature.length === SIGNATURE_BYTES && signature.some((byte) => byte !== 0)
      ? signature
      : undefined
  }

  /** Whether the signature after so many blocks signs these roots. */
  #holds(length: number, roots: Head['roots']): boolean {
    const signature = this.#signatureAt(length - 1)
    return (
      signature !== undefined && sodium.crypto_sign_verify_detached(signature, signedBy(roots), this.#key)
    )
  }

  /**
   * The most blocks that a signature here proves, and the tops of their tree. Of a feed that is being fetched a first block
   * brings the signature and the tops, and the last leaves come later.
   */
  async #findHead(): Promise<Head> {
    const signed = Math.floor(this.#signatures.length / SIGNATURE_BYTES)
    const most = this.#purpose === 'fetch' ? signed : Math.min(Math.ceil(this.#tree.count / 2), signed)
    let tried = 0
    for (let length = most; length > 0 && tried < MAX_SIGNATURES_TRIED; length--) {
      if (!this.#signatureAt(length - 1) || !this.#hasRoots(length)) continue
      tried++
      const roots = await this.#rootsThatHold(length)
      if (roots && (await this.#isWholeBeyondBits(length))) return { length, roots }
      await giveWay()
    }
    return { length: 0, roots: [] }
  }

  #hasRoots(length: number): boolean {
    return rootsOf(length).every((place) => this.#tree.candidates(place).length > 0)
  }

  /** Of a feed that is written here a signature alone, stored before its block, is none. */
  async #isWholeBeyondBits(length: number): Promise<boolean> {
    if (this.#purpose !== 'write') return true
    for (let block = this.#bitLength; block < length; block++) {
      const leaf = this.#tree.at({ depth: 0, offset: block })
      if (!leaf || !(await this.#isHere(block, leaf))) return false
    }
    return true
  }

  async #rootsThatHold(length: number): Promise<Head['roots'] | undefined> {
    const places = rootsOf(length)
    const choices = places.map((place) => this.#tree.candidates(place))
    const last = places.at(-1)
    const pick = (which: number): Head['roots'] | undefined => {
      const roots: { place: Place; node: Uint8Array }[] = []
      for (const [i, place] of places.entries()) {
        const node = choices[i]?.[which] ?? choices[i]?.[0]
        if (!node) return undefined
        roots.push({ place, node })
      }
      return this.#holds(length, roots) ? roots : undefined
    }
    const found = pick(0) ?? (choices.some((each) => each.length > 1) ? pick(1) : undefined)
    if (found || last?.depth !== 0) return found
    // The last block stands alone, so that nothing but the block itself says what its hash is.
    const size = choices.at(-1)?.[0]
    const leaf = size && (await this.#leaf(last.offset, sizeIn(size)))
    if (!leaf) return undefined
    choices[choices.length - 1] = [leaf]
    return pick(0)
  }

  /** What older signatures prove and the last does not yet: a block in between isn't here. */
  async #trustOlder(length: number): Promise<void> {
    let tried = 0
    for (let older = length - 1; older > 0 && tried < MAX_SIGNATURES_TRIED; older--) {
      if (!this.#isAnyUntrusted(length)) return
      for (; older > 0 && !this.#isOfUse(older); older--);
      const roots = rootsOf(older).flatMap((place) => {
        const node = this.#tree.at(place)
        return node ? [{ place, node }] : []
      })
      tried++
      if (older === 0 || !this.#holds(older, roots)) continue
      for (const { place, node } of roots) await this.#tree.trust(place, node, this.#leaf)
    }
  }

  #isAnyUntrusted(length: number): boolean {
    return !this.#tree.untrusted(length).next().done
  }

  /** Whether a signature after so many blocks might prove something new. */
  #isOfUse(length: number): boolean {
    if (!this.#signatureAt(length - 1)) return false
    const places = rootsOf(length)
    return (
      places.every((place) => this.#tree.at(place)) &&
      places.some((place) => !this.#tree.isTrusted(indexOf(place)))
    )
  }

  /** The leaf of a block as it is stored. */
  readonly #leaf = async (block: number, size: number): Promise<Uint8Array | undefined> => {
    const bytes = await this.#block(block, size)
    return bytes && leafOf(bytes)
  }

  async #block(block: number, size: number): Promise<Uint8Array | undefined> {
    const offset = this.#tree.offsetOf(block)
    if (offset === undefined || !(size >= 0 && size <= MAX_BLOCK_BYTES)) return undefined
    return size === 0 ? new Uint8Array(0) : this.#files.read('data', offset, size)
  }

  /** Which blocks are here: those whose hash is, which the bitfield names, or which turn out to be here. */
  async #blocksHere(length: number): Promise<{ blocks: number[]; lost: Examination['lost'] }> {
    const blocks: number[] = []
    let first = -1
    let count = 0
    for (let block = 0; block < Math.max(length, this.#bitLength); block++) {
      const place = { depth: 0, offset: block }
      const leaf = block < length && this.#tree.isTrusted(indexOf(place)) ? this.#tree.at(place) : undefined
      const isClaimed = this.#bits.hasBlock(block)
      if (leaf && (isClaimed || (await this.#isHere(block, leaf)))) blocks.push(block)
      else if (isClaimed) {
        if (first < 0) first = block
        count++
      }
    }
    return { blocks, lost: count > 0 ? { first, count } : undefined }
  }

  async #isHere(block: number, leaf: Uint8Array): Promise<boolean> {
    const bytes = await this.#block(block, sizeIn(leaf))
    return bytes !== undefined && isOfLeaf(bytes, leaf)
  }

  async #store(storedKey: Uint8Array | undefined, blocks: readonly number[], nodes: readonly number[]) {
    if (!storedKey || !equalBytes(storedKey, this.#key)) {
      await this.#files.write('key', 0, this.#key)
      this.#isMended = true
    }
    for (const [index, node] of this.#tree.repairs) {
      await this.#files.write('tree', HEADER_BYTES + index * NODE_BYTES, node ?? new Uint8Array(NODE_BYTES))
      this.#isMended ||= this.#bits.hasNode(index)
    }
    // Set bits that are wrong were never stored like that; bits that are missing may have been on their way.
    const isWrong = this.#claimsTooMuch(blocks, nodes)
    await storeBits(this.#files, this.#bits, blocks, nodes)
    this.#isMended ||= isWrong || !this.#bits.isHeaderWhole
  }

  #claimsTooMuch(blocks: readonly number[], nodes: readonly number[]): boolean {
    const rightBlocks = blocks.filter((block) => this.#bits.hasBlock(block)).length
    const rightNodes = nodes.filter((index) => this.#bits.hasNode(index)).length
    return this.#bits.blocks > rightBlocks || this.#bits.nodes > rightNodes
  }
}
