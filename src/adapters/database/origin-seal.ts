import { concat, equalBytes } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import { ORIGIN_LENGTH } from '../../protocol/limits.js'
import type { Storage } from '../storage/storage.js'
import { Feed, hypercoreCrypto, messages, sodium } from './engine.js'
import { fastSodium } from './fast-sodium.js'
import { ensureLocalWriter, publicKeyOf, storageFailed } from './writer-keys.js'

export interface SealOptions {
  readonly hyphalink: Uint8Array
  /** 64 bytes. Wiped when this ends, well or not. */
  readonly originSecretKey: Uint8Array
  readonly storage: Storage
}

/**
 * Seals the origin feed: makes a random local writer, if the storage has none, and writes to the origin what authorises it,
 * in one append of both blocks that it will ever have. The secret is not stored. Killed at any moment, the same call goes on
 * with the same writer and writes the same bytes (Ed25519 is deterministic), so there is no moment in which the origin could
 * fork. Nothing is written when the storage holds a sealed origin.
 *
 * @throws HyphaError STORAGE_FAILED, OPTION_INVALID (the secret is not this hyphalink's)
 */
export const sealOrigin = async ({ hyphalink, originSecretKey, storage }: SealOptions): Promise<void> => {
  await fastSodium()
  const secretKey = Buffer.from(originSecretKey)
  try {
    const publicKey = publicKeyOf(secretKey)
    if (!publicKey || !equalBytes(publicKey, hyphalink)) {
      throw new HyphaError(
        'OPTION_INVALID',
        'originSecretKey must be the 64-byte secret key of this hyphalink.',
      )
    }
    const writer = await ensureLocalWriter(storage)
    const open = (options: object) =>
      new Feed((name) => storage.file(`source/${name}`), Buffer.from(hyphalink), options)
    // Without the secret first: a sealed origin is opened as it always will be.
    const looked = await closing(open({}), async (feed) => feed.length)
    if (looked >= ORIGIN_LENGTH) return
    await closing(open({ secretKey, storeSecretKey: false }), (feed) =>
      append(feed, sealBlocks(hyphalink, writer, feed.length)),
    )
  } finally {
    secretKey.fill(0)
    originSecretKey.fill(0)
  }
}

/** The origin's blocks from `length` on: the header, and an entry without a key that lists the origin and its one writer. */
export const sealBlocks = (hyphalink: Uint8Array, writer: Uint8Array, length: number): Buffer[] =>
  [
    messages.Header.encode({ protocol: 'hyperdb' }),
    messages.InflatedEntry.encode({
      key: '',
      trie: Buffer.alloc(0),
      clock: [ORIGIN_LENGTH, 0],
      inflate: 1,
      feeds: [{ key: hyphalink }, { key: writer }],
    }),
  ].slice(length)

const append = (feed: Feed, blocks: Buffer[]): Promise<void> =>
  new Promise((resolve, reject) => feed.append(blocks, (error) => (error ? reject(error) : resolve())))

const closing = async <T>(feed: Feed, use: (feed: Feed) => Promise<T>): Promise<T> => {
  try {
    await new Promise<void>((resolve, reject) => {
      feed.on('error', reject)
      feed.ready(resolve)
    })
    return await use(feed)
  } catch (error) {
    throw storageFailed(error)
  } finally {
    await new Promise<void>((resolve) => closeFeed(feed, resolve))
  }
}

/** hypercore's close opens a feed again that could not be opened, and throws on files that it never made. */
export const closeFeed = (feed: Feed, done: () => void): void => {
  if (feed.opened) feed.close(() => done())
  else done()
}

/** A seal: the hash of the origin's tree at its two blocks, and the origin key's signature over it. */
export const SEAL_BYTES = 96

/** What this replica has, once it has both blocks. */
export const readSeal = (origin: Feed): Promise<Uint8Array | undefined> =>
  new Promise((resolve) => {
    const last = ORIGIN_LENGTH - 1
    if (!origin.has(0, ORIGIN_LENGTH)) resolve(undefined)
    else {
      origin.signature(last, (_, found) => {
        if (found?.index !== last) resolve(undefined)
        else
          origin.rootHashes(last, (_, roots) =>
            resolve(roots && concat(hypercoreCrypto.tree(roots), found.signature)),
          )
      })
    }
  })

/** Whether the bytes are a seal by this origin, of whichever blocks. */
export const isSeal = (bytes: Uint8Array, hyphalink: Uint8Array): boolean =>
  bytes.length === SEAL_BYTES &&
  sodium.crypto_sign_verify_detached(bytes.subarray(32), bytes.subarray(0, 32), hyphalink)

/** Whether two seals are of different blocks. */
export const isFork = (seal: Uint8Array, other: Uint8Array): boolean =>
  !equalBytes(seal.subarray(0, 32), other.subarray(0, 32))
