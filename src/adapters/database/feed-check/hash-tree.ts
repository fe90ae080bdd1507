import { equalBytes } from '../../../protocol/bytes.js'
import { sodium } from '../engine.js'
import { giveWay } from '../yielding.js'

/** A node of a feed's tree of hashes, as it is stored: a hash, then the number of bytes below it, big-endian. */
export const NODE_BYTES = 40
const HASH_BYTES = 32
/** Nodes between two looks at the clock. */
const SLICE = 512

/** A place in the tree: 0 is the depth of the leaves, which are hashes of blocks. */
export interface Place {
  readonly depth: number
  readonly offset: number
}

/** Where hypercore stores a node: leaves and what joins them in turns. */
export const indexOf = ({ depth, offset }: Place): number => (2 * offset + 1) * 2 ** depth - 1

/** The tops of the trees, from left to right, that a feed of so many blocks consists of. */
export const rootsOf = (length: number): Place[] => {
  const roots: Place[] = []
  let start = 0
  for (let depth = Math.floor(Math.log2(Math.max(1, length))); depth >= 0; depth--) {
    const blocks = 2 ** depth
    if (length - start < blocks) continue
    roots.push({ depth, offset: start / blocks })
    start += blocks
  }
  return roots
}

export const sizeIn = (node: Uint8Array): number => {
  const view = new DataView(node.buffer, node.byteOffset + HASH_BYTES, 8)
  return view.getUint32(0) * 2 ** 32 + view.getUint32(4)
}

const writeSize = (bytes: Uint8Array, at: number, size: number): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8)
  view.setUint32(0, Math.floor(size / 2 ** 32))
  view.setUint32(4, size % 2 ** 32)
}

const LEAF_HEAD = 9
const PARENT_BYTES = 1 + 8 + 2 * HASH_BYTES

export const leafOf = (block: Uint8Array): Uint8Array => {
  const head = new Uint8Array(LEAF_HEAD)
  writeSize(head, 1, block.length)
  const leaf = new Uint8Array(NODE_BYTES)
  sodium.crypto_generichash_batch(leaf.subarray(0, HASH_BYTES), [head, block])
  writeSize(leaf, HASH_BYTES, block.length)
  return leaf
}

/** Whether a block is the one that a leaf is the hash of. */
export const isOfLeaf = (block: Uint8Array, leaf: Uint8Array): boolean =>
  sizeIn(leaf) === block.length && equalBytes(leafOf(block), leaf)

/** What is hashed for a parent, made anew for each: of 10,000 blocks there are as many. */
const parentInput = new Uint8Array(PARENT_BYTES)
parentInput[0] = 1

export const parentOf = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const size = sizeIn(left) + sizeIn(right)
  writeSize(parentInput, 1, size)
  parentInput.set(left.subarray(0, HASH_BYTES), 9)
  parentInput.set(right.subarray(0, HASH_BYTES), 9 + HASH_BYTES)
  const parent = new Uint8Array(NODE_BYTES)
  sodium.crypto_generichash(parent.subarray(0, HASH_BYTES), parentInput)
  writeSize(parent, HASH_BYTES, size)
  return parent
}

/** What a feed's signature signs. */
export const signedBy = (roots: readonly { place: Place; node: Uint8Array }[]): Uint8Array => {
  const inputs: Uint8Array[] = [Uint8Array.of(2)]
  for (const { place, node } of roots) {
    const index = new Uint8Array(8)
    writeSize(index, 0, indexOf(place))
    inputs.push(node.subarray(0, HASH_BYTES), index, node.subarray(HASH_BYTES))
  }
  const hash = new Uint8Array(HASH_BYTES)
  sodium.crypto_generichash_batch(hash, inputs)
  return hash
}

/**
 * A feed's tree of hashes as it is stored. What two nodes below another say is compared with what that one says; where they
 * differ, both are kept until it is known which of them leads up to the feed's signature.
 */
export class HashTree {
  readonly #bytes: Uint8Array
  readonly #count: number
  /** What the nodes below say, where the stored one says something else. */
  readonly #others = new Map<number, Uint8Array>()
  /** By index: whether anything is stored there. */
  readonly #isStored: Uint8Array<ArrayBuffer>
  readonly #trusted: Uint8Array<ArrayBuffer>
  /** Nodes whose stored bytes are wrong: what is right, or nothing when that isn't known. */
  readonly repairs = new Map<number, Uint8Array | undefined>()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#count = Math.floor(bytes.length / NODE_BYTES)
    this.#trusted = new Uint8Array(this.#count)
    this.#isStored = new Uint8Array(this.#count)
    for (let index = 0; index < this.#count; index++) {
      const end = (index + 1) * NODE_BYTES
      let at = index * NODE_BYTES
      while (at < end && bytes[at] === 0) at++
      this.#isStored[index] = at < end ? 1 : 0
    }
  }

  get count(): number {
    return this.#count
  }

  /** As stored; undefined when nothing is. */
  at(place: Place): Uint8Array | undefined {
    return this.#at(indexOf(place))
  }

  #at(index: number): Uint8Array | undefined {
    const repaired = this.repairs.get(index)
    if (repaired) return repaired
    return this.#isStored[index]
      ? this.#bytes.subarray(index * NODE_BYTES, (index + 1) * NODE_BYTES)
      : undefined
  }

  isTrusted(index: number): boolean {
    return this.#trusted[index] === 1
  }

  /** The stored one, and what those below it say. */
  candidates(place: Place): Uint8Array[] {
    const stored = this.at(place)
    const other = this.#others.get(indexOf(place))
    return [...(stored ? [stored] : []), ...(other ? [other] : [])]
  }

  /** Compares each node with the two below it. */
  async compare(): Promise<void> {
    let looked = 0
    for (let depth = 1; 2 ** depth <= this.#count; depth++) {
      const half = 2 ** (depth - 1)
      for (let index = 2 * half - 1; index + half < this.#count; index += 4 * half) {
        if (++looked % SLICE === 0) await giveWay()
        const left = this.#at(index - half) ?? this.#others.get(index - half)
        const right = left && (this.#at(index + half) ?? this.#others.get(index + half))
        if (!left || !right) continue
        const said = parentOf(left, right)
        const stored = this.#at(index)
        if (!stored || !equalBytes(stored, said)) this.#others.set(index, said)
      }
    }
  }

  /** Takes a value for a place, which something that is trusted proves. */
  #accept(place: Place, value: Uint8Array): void {
    const index = indexOf(place)
    const stored = this.#at(index)
    if (!stored || !equalBytes(stored, value)) this.repairs.set(index, value)
    if (index < this.#count) this.#trusted[index] = 1
  }

  /**
   * Trusts a node, which a signature proves, and of what is below it all that leads up to it. `leaf` reads a block and answers
   * with its hash, for a leaf that may be wrong.
   */
  async trust(
    top: Place,
    value: Uint8Array,
    leaf: (block: number, size: number) => Promise<Uint8Array | undefined>,
  ): Promise<void> {
    this.#accept(top, value)
    if (this.#trustAll(top)) return
    const waiting: [Place, Uint8Array][] = [[top, value]]
    let looked = 0
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [place, known] = next
      if (place.depth === 0) continue
      if (++looked % SLICE === 0) await giveWay()
      const [left, right] = below(place)
      const pair = this.#pairAsStored(place, known, left, right) ?? (await this.#pair(place, known, leaf))
      if (!pair) continue
      this.#accept(left, pair[0])
      this.#accept(right, pair[1])
      waiting.push([right, pair[1]], [left, pair[0]])
    }
  }

  /** All below a node at once, where all is there and fits. */
  #trustAll(top: Place): boolean {
    if (this.#others.size > 0 || this.repairs.size > 0) return false
    const half = 2 ** top.depth
    const from = indexOf(top) - half + 1
    const end = indexOf(top) + half
    if (end > this.#count || this.#isStored.subarray(from, end).includes(0)) return false
    this.#trusted.fill(1, from, end)
    return true
  }

  #pairAsStored(
    place: Place,
    known: Uint8Array,
    left: Place,
    right: Place,
  ): [Uint8Array, Uint8Array] | undefined {
    const index = indexOf(place)
    if (this.#others.has(index) || this.repairs.has(index)) return undefined
    const one = this.at(left)
    const two = one && this.at(right)
    // Compared already, and what is known is what is stored.
    return one && two && equalBytes(known, this.at(place) ?? known) ? [one, two] : undefined
  }

  /** Which values of the two below a node make what is known of it. */
  async #pair(
    place: Place,
    known: Uint8Array,
    leaf: (block: number, size: number) => Promise<Uint8Array | undefined>,
  ): Promise<[Uint8Array, Uint8Array] | undefined> {
    const [left, right] = below(place)
    const fitting = (ones: readonly Uint8Array[], twos: readonly Uint8Array[]) => {
      for (const one of ones) {
        for (const two of twos) {
          const isIt = equalBytes(parentOf(one, two), known)
          if (isIt) return [one, two] satisfies [Uint8Array, Uint8Array]
        }
      }
      return undefined
    }
    const ones = this.candidates(left)
    const twos = this.candidates(right)
    const found = fitting(ones, twos)
    if (found || place.depth > 1) return found
    // Two leaves: blocks say what their hashes are, and each one's size is what the other leaves of both.
    const both = sizeIn(known)
    for (const two of twos) {
      const block = await leaf(left.offset, both - sizeIn(two))
      const pair = block && fitting([block], [two])
      if (pair) return pair
    }
    for (const one of ones) {
      const block = await leaf(right.offset, both - sizeIn(one))
      const pair = block && fitting([one], [block])
      if (pair) return pair
    }
    return undefined
  }

  /** Where a block begins among the feed's bytes; undefined where the tree does not say. */
  offsetOf(block: number): number | undefined {
    let offset = 0
    for (const root of rootsOf(block)) {
      const found = this.at(root)
      if (!found) return undefined
      offset += sizeIn(found)
    }
    return offset
  }

  /** Nodes below so many blocks that are stored, and nothing proves. */
  *untrusted(length: number): Generator<number, void> {
    const end = Math.min(this.#count, Math.max(0, 2 * length - 1))
    for (let index = 0; index < end; index++) {
      if (this.#trusted[index] === 0 && this.#isStored[index] === 1) yield index
    }
  }
}

const below = ({ depth, offset }: Place): [Place, Place] => [
  { depth: depth - 1, offset: 2 * offset },
  { depth: depth - 1, offset: 2 * offset + 1 },
]
