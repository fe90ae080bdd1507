import { concat, equalBytes, utf8 } from '../../protocol/bytes.js'
import { PROOF } from '../../protocol/extensions.js'
import {
  decodeHeldProof,
  encodeHeldProof,
  HELD_HASH_BYTES,
  HELD_NONCE_BYTES,
  type HeldProofAnswer,
  type HeldProofAsk,
} from '../../protocol/held-proof.js'
import {
  HELD_PROOF_AGAIN_MS,
  HELD_PROOF_ANSWER_BURST,
  HELD_PROOF_ANSWERS_PER_SECOND,
  HELD_PROOF_ASK_BURST,
  HELD_PROOF_ASKS_PER_SECOND,
  MAX_HELD_PROOF_BLOCKS,
} from '../../protocol/limits.js'
import { createTokenBucket, type TokenBucket } from '../../protocol/rate-limit.js'
import { libsodium } from '../libsodium.js'

/** Who was asked often of late is asked again after this. */
const PAUSE_MS = 1_000 / HELD_PROOF_ASKS_PER_SECOND
const CONTEXT = utf8('hypha-runtime/held/1\0')

/** One end of a replication, to which can be sent. */
export interface Sender {
  send(extension: string, bytes: Uint8Array): boolean
}

interface Known {
  /** How much of the own feed it says that it holds. */
  claimed: number
  /** How long the own feed was when it proved to hold it. */
  proven: number
  asked: { readonly ask: HeldProofAsk; readonly length: number } | undefined
  /** It is asked no earlier than this. */
  timer: ReturnType<typeof setTimeout> | undefined
  isAnswered: boolean
  readonly asks: TokenBucket
  readonly answers: TokenBucket
}

export interface HeldProofs {
  /** Ends that proved to hold all of the own feed. */
  count(): number
  add(end: Sender): void
  /** An end says how much of the own feed it holds. It is asked to prove it once that is all. */
  claimed(end: Sender, length: number): void
  heard(end: Sender, bytes: Uint8Array): void
  gone(end: Sender): void
  close(): void
}

/** What proves that somebody has these blocks: their hash under the nonce, so it can't be made before the nonce is known. */
export const heldHash = (
  { feed, nonce, blocks }: HeldProofAsk,
  contents: readonly Uint8Array[],
): Uint8Array => {
  const state = libsodium.crypto_generichash_init(nonce, HELD_HASH_BYTES)
  libsodium.crypto_generichash_update(state, concat(CONTEXT, feed))
  for (const [i, content] of contents.entries()) {
    const header = new Uint8Array(8)
    const view = new DataView(header.buffer)
    view.setUint32(0, blocks[i] ?? 0)
    view.setUint32(4, content.length)
    libsodium.crypto_generichash_update(state, header)
    libsodium.crypto_generichash_update(state, content)
  }
  return libsodium.crypto_generichash_final(state, HELD_HASH_BYTES)
}

/** The last block, and others that nobody can foresee among those that were not proven yet. */
const chooseBlocks = (proven: number, length: number): number[] => {
  const blocks = new Set([length - 1])
  const rolls = globalThis.crypto.getRandomValues(new Uint32Array(MAX_HELD_PROOF_BLOCKS - 1))
  for (const roll of rolls) blocks.add(proven + (roll % (length - proven)))
  return [...blocks].sort((a, b) => a - b)
}

/**
 * Anybody who knows the hyphalink can say that it holds everything, so a node asks for proof of it. What was proven is that
 * whoever answered had these blocks at hand then. Not asked of ends that don't know of it: they count as nothing proven.
 */
export const createHeldProofs = (about: {
  /** The own feed. */
  readonly feed: Uint8Array
  length(): number
  /** A block of any feed; undefined when it is not here. */
  read(feed: Uint8Array, block: number): Promise<Uint8Array | undefined>
  onChange(): void
}): HeldProofs => {
  const { feed, onChange } = about
  const ends = new Map<Sender, Known>()

  const hashOf = async (ask: HeldProofAsk): Promise<Uint8Array | undefined> => {
    const contents: Uint8Array[] = []
    for (const block of ask.blocks) {
      // What can't be read is told where it is found; here it is not proven.
      const content = await about.read(ask.feed, block).catch(() => undefined)
      if (!content) return undefined
      contents.push(content)
    }
    return heldHash(ask, contents)
  }

  const waitAndLook = (end: Sender, known: Known, ms: number) => {
    known.timer = setTimeout(() => {
      known.timer = undefined
      known.asked = undefined
      look(end, known)
    }, ms)
  }
  const look = (end: Sender, known: Known) => {
    const length = about.length()
    if (known.timer || known.claimed < length || known.proven >= length) return
    if (!known.asks.take(performance.now())) return waitAndLook(end, known, PAUSE_MS)
    const nonce = globalThis.crypto.getRandomValues(new Uint8Array(HELD_NONCE_BYTES))
    const ask = { type: 'ask', feed, nonce, blocks: chooseBlocks(known.proven, length) } as const
    if (!end.send(PROOF, encodeHeldProof(ask))) return
    known.asked = { ask, length }
    waitAndLook(end, known, HELD_PROOF_AGAIN_MS)
  }

  const check = async (end: Sender, known: Known, { nonce, hash }: HeldProofAnswer) => {
    const { asked } = known
    if (!asked || !equalBytes(nonce, asked.ask.nonce)) return
    // One answer to each ask.
    known.asked = undefined
    const expected = await hashOf(asked.ask)
    if (!expected || !equalBytes(hash, expected) || !ends.has(end)) return
    clearTimeout(known.timer)
    known.timer = undefined
    known.proven = Math.min(asked.length, known.claimed)
    onChange()
    look(end, known)
  }

  const answer = async (end: Sender, known: Known, ask: HeldProofAsk) => {
    // A node's own feed says nothing of who else has it, and the answer could be handed on to where this node asks.
    if (equalBytes(ask.feed, feed) || known.isAnswered || !known.answers.take(performance.now())) return
    known.isAnswered = true
    const hash = await hashOf(ask)
    known.isAnswered = false
    if (hash && ends.has(end)) end.send(PROOF, encodeHeldProof({ type: 'answer', nonce: ask.nonce, hash }))
  }

  return {
    count() {
      const length = about.length()
      return [...ends.values()].filter(({ proven }) => proven > 0 && proven >= length).length
    },
    add(end) {
      ends.set(end, {
        claimed: 0,
        proven: 0,
        asked: undefined,
        timer: undefined,
        isAnswered: false,
        asks: createTokenBucket({ rate: HELD_PROOF_ASKS_PER_SECOND, burst: HELD_PROOF_ASK_BURST }),
        answers: createTokenBucket({ rate: HELD_PROOF_ANSWERS_PER_SECOND, burst: HELD_PROOF_ANSWER_BURST }),
      })
    },
    claimed(end, length) {
      const known = ends.get(end)
      if (!known || length === known.claimed) return
      known.claimed = length
      if (length < known.proven) {
        known.proven = length
        onChange()
      }
      look(end, known)
    },
    heard(end, bytes) {
      const known = ends.get(end)
      const message = decodeHeldProof(bytes)
      if (!known || !message) return
      void (message.type === 'ask' ? answer(end, known, message) : check(end, known, message))
    },
    gone(end) {
      const known = ends.get(end)
      clearTimeout(known?.timer)
      if (ends.delete(end) && known?.proven) onChange()
    },
    close() {
      for (const { timer } of ends.values()) clearTimeout(timer)
      ends.clear()
    },
  }
}
