import type { Feed } from 'hypercore'
import { concat, equalBytes, toHex, utf8 } from '../../../protocol/bytes.js'
import {
  type AbandonedMessage,
  abandonedBlock,
  abandonedHead,
  blockOfAbandoned,
  decodeHeadMessage,
  encodeHeadMessage,
} from '../../../protocol/feed-head.js'
import { MAX_ABANDONED_ITEMS, MAX_FEEDS_PER_CONNECTION } from '../../../protocol/limits.js'
import { libsodium } from '../../libsodium.js'
import type { Storage } from '../../storage/storage.js'
import { openTwoSlots } from '../../storage/two-slots.js'
import { storageFailed } from '../writer-keys.js'
import { closing, dropFolder, openFolder, peerFolder } from './files.js'
import { leafAt } from './heads.js'

const CONTEXT = utf8('hypha-runtime/abandoned/1\0')
const KEY_BYTES = 32
const LENGTH_BYTES = 4
/** Of all feeds together; who writes two branches over and over again is a rare one. */
const MAX_BYTES = 1024 * 1024

/** What writers have said of branches of their feeds that are not to stay, by feed. */
export interface Abandoned {
  /** What they said, as it is passed on. */
  readonly messages: Iterable<Uint8Array>
  /** @param hash what a writer signed at a length */
  has(feed: Uint8Array, length: number, hash: Uint8Array): boolean
  /** Whether a feed, as it is here, has a block of an abandoned branch. */
  isIn(feed: Feed): Promise<boolean>
  /** Stores what a writer said, if it did and it is news. */
  take(message: AbandonedMessage): Promise<boolean>
  /** Says what of the own feed is abandoned, beside what is already. */
  add(
    keys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array },
    items: readonly Uint8Array[],
  ): Promise<void>
  /** Drops other writers' feeds of which something abandoned is stored: they are fetched again. Before they are opened. */
  dropStored(own: Uint8Array): Promise<void>
}

const signedBytes = (feed: Uint8Array, items: readonly Uint8Array[]): Uint8Array =>
  concat(CONTEXT, feed, ...items)

/** @throws HyphaError STORAGE_FAILED */
export const openAbandoned = async (storage: Storage): Promise<Abandoned> => {
  const slots = await openTwoSlots({
    storage,
    name: 'own/abandoned',
    maxBytes: MAX_BYTES,
    hash: (bytes) => libsodium.crypto_generichash(KEY_BYTES, bytes, null),
    failed: storageFailed,
  })
  const known = new Map<string, { message: AbandonedMessage; bytes: Uint8Array; items: Set<string> }>()
  const remember = (message: AbandonedMessage) =>
    known.set(toHex(message.feed), {
      message,
      bytes: encodeHeadMessage(message),
      items: new Set(message.items.map(toHex)),
    })
  for (const bytes of split(slots.record ?? new Uint8Array(0))) {
    const message = decodeHeadMessage(bytes)
    if (message?.type === 'abandoned') remember(message)
  }
  const store = async (message: AbandonedMessage) => {
    remember(message)
    await slots.replace(join([...known.values()].map(({ bytes }) => bytes)))
  }

  const isIn = async (feed: Feed): Promise<boolean> => {
    for (const item of known.get(toHex(feed.key))?.message.items ?? []) {
      const block = blockOfAbandoned(item)
      if (block === undefined || !feed.has(block)) continue
      const leaf = await leafAt(feed, block)
      if (leaf && equalBytes(abandonedBlock(block, leaf), item)) return true
    }
    return false
  }

  return {
    get messages() {
      return [...known.values()].map(({ bytes }) => bytes)
    },
    has: (feed, length, hash) =>
      known.get(toHex(feed))?.items.has(toHex(abandonedHead(length, hash))) === true,
    isIn,
    async take(message) {
      const { feed, items, signature } = message
      const before = known.get(toHex(feed))
      // Writers add to what they said before.
      if (before && items.every((item) => before.items.has(toHex(item)))) return false
      const stored = [...known.values()].reduce((sum, { bytes }) => sum + LENGTH_BYTES + bytes.length, 0)
      const more = LENGTH_BYTES + encodeHeadMessage(message).length
      if (known.size > MAX_FEEDS_PER_CONNECTION || stored + more > MAX_BYTES) return false
      if (!libsodium.crypto_sign_verify_detached(signature, signedBytes(feed, items), feed)) return false
      await store(message)
      return true
    },
    async add({ publicKey, secretKey }, added) {
      const before = known.get(toHex(publicKey))
      const fresh = added.filter((item) => !before?.items.has(toHex(item)))
      if (fresh.length === 0) return
      const items = [...(before?.message.items ?? []), ...fresh].slice(-MAX_ABANDONED_ITEMS)
      const signature = libsodium.crypto_sign_detached(signedBytes(publicKey, items), secretKey)
      await store({ type: 'abandoned', feed: publicKey, items, signature })
    },
    async dropStored(own) {
      for (const { message } of known.values()) {
        const { feed: key } = message
        if (equalBytes(key, own)) continue
        const folder = peerFolder(key)
        const feed = await openFolder(storage, folder, key)
        const isThere = await isIn(feed).finally(() => closing(feed))
        if (isThere) await dropFolder(storage, folder)
      }
    },
  }
}

const join = (messages: readonly Uint8Array[]): Uint8Array =>
  concat(
    ...messages.flatMap((bytes) => {
      const length = new Uint8Array(LENGTH_BYTES)
      new DataView(length.buffer).setUint32(0, bytes.length)
      return [length, bytes]
    }),
  )

function* split(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at + LENGTH_BYTES <= bytes.length; ) {
    const end = at + LENGTH_BYTES + view.getUint32(at)
    yield bytes.subarray(at + LENGTH_BYTES, end)
    at = end
  }
}
