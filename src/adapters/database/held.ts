import { concat, equalBytes, fromHex } from '../../protocol/bytes.js'
import { MAX_FEEDS_PER_CONNECTION } from '../../protocol/limits.js'
import type { FeedProgress } from './database.js'
import { createHeldProofs, type Sender } from './held-proofs.js'

/** Tells the other end how much of each feed is here: hypercore never tells a block's sender that it arrived. */
export const HELD_EXTENSION = 'hypha-held'

/** Peers are told at most this often. */
const INTERVAL_MS = 50
const KEY_BYTES = 32
const ITEM_BYTES = KEY_BYTES + 4

/** By writer key, hex: blocks from 0 on that are here and readable. */
export const encodeHeld = (lengths: ReadonlyMap<string, number>): Uint8Array =>
  concat(
    ...[...lengths].map(([writer, length]) => {
      const item = new Uint8Array(ITEM_BYTES)
      item.set(fromHex(writer, KEY_BYTES) ?? new Uint8Array(KEY_BYTES))
      new DataView(item.buffer).setUint32(KEY_BYTES, length)
      return item
    }),
  )

/** What a message says of one feed; undefined when it says nothing of it, or is none of ours. */
export const heldOf = (bytes: Uint8Array, writer: Uint8Array): number | undefined => {
  if (bytes.length % ITEM_BYTES !== 0 || bytes.length > ITEM_BYTES * MAX_FEEDS_PER_CONNECTION)
    return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += ITEM_BYTES) {
    if (equalBytes(bytes.subarray(at, at + KEY_BYTES), writer)) return view.getUint32(at + KEY_BYTES)
  }
  return undefined
}

export interface HeldKeeper {
  /** Ends that have proven to hold all of the local feed. */
  readonly heldBy: number
  /** An end has said hello. */
  met(end: Sender): void
  heard(end: Sender, bytes: Uint8Array): void
  /** An end asks for a proof, or gives one. */
  heardProof(end: Sender, bytes: Uint8Array): void
  gone(end: Sender): void
  /** Something arrived here. */
  progressed(): void
  close(): void
}

export const createHeldKeeper = (about: {
  readonly localWriter: string
  localLength(): number
  progress(): readonly FeedProgress[]
  /** A block of any feed; undefined when it is not here. */
  read(feed: Uint8Array, block: number): Promise<Uint8Array | undefined>
  /** {@link HeldKeeper.heldBy} may be another. */
  onChange(): void
}): HeldKeeper => {
  const local = fromHex(about.localWriter, KEY_BYTES) ?? new Uint8Array(KEY_BYTES)
  /** What each end was told, by writer. */
  const told = new Map<Sender, Map<string, number>>()
  const proofs = createHeldProofs({
    feed: local,
    length: about.localLength,
    read: about.read,
    onChange: about.onChange,
  })
  let timer: ReturnType<typeof setTimeout> | undefined

  const tell = () => {
    timer = undefined
    const progress = about.progress()
    for (const [end, known] of told) {
      const news = new Map<string, number>()
      for (const { writer, folded } of progress)
        if (folded > (known.get(writer) ?? 0)) news.set(writer, folded)
      if (news.size === 0 || !end.send(HELD_EXTENSION, encodeHeld(news))) continue
      for (const [writer, length] of news) known.set(writer, length)
    }
  }
  const progressed = () => {
    if (told.size > 0) timer ??= setTimeout(tell, INTERVAL_MS)
  }
  return {
    get heldBy() {
      return proofs.count()
    },
    met(end) {
      told.set(end, new Map())
      proofs.add(end)
      progressed()
    },
    heard(end, bytes) {
      const length = heldOf(bytes, local)
      if (length !== undefined) proofs.claimed(end, length)
    },
    heardProof: proofs.heard,
    gone(end) {
      told.delete(end)
      proofs.gone(end)
    },
    progressed,
    close() {
      clearTimeout(timer)
      told.clear()
      proofs.close()
    },
  }
}
