import type { Feed } from 'hypercore'
import { equalBytes } from '../../../protocol/bytes.js'
import type { FeedHead } from '../../../protocol/feed-head.js'
import { hypercoreCrypto as crypto, sodium } from '../engine.js'
import { promised } from '../promised.js'

/** The hash that a writer signs at a length; undefined where the tree isn't here, or can't be read. */
export const treeHashAt = async (feed: Feed, length: number): Promise<Uint8Array | undefined> => {
  if (length < 1 || length > feed.length) return undefined
  try {
    const roots = await promised<Parameters<typeof crypto.tree>[0]>((callback) =>
      feed.rootHashes(length - 1, callback),
    )
    return crypto.tree(roots)
  } catch {
    return undefined
  }
}

/** A feed's head with its writer's signature; undefined when it has none, or what is stored of it is damaged. */
export const headOf = async (feed: Feed): Promise<FeedHead | undefined> => {
  const { length } = feed
  if (length === 0) return undefined
  try {
    const [roots, found] = await Promise.all([
      promised<FeedHead['roots']>((callback) => feed.rootHashes(length - 1, callback)),
      promised<{ index: number; signature: Uint8Array }>((callback) => feed.signature(length - 1, callback)),
    ])
    const head = { length, roots, signature: found.signature }
    return found.index === length - 1 && isSigned(head, feed.key) ? head : undefined
  } catch {
    return undefined
  }
}

/** Whether a feed's writer signed this head. */
export const isSigned = ({ roots, signature }: FeedHead, writer: Uint8Array): boolean =>
  sodium.crypto_sign_verify_detached(signature, crypto.tree(roots), writer)

/** Whether a head is of a beginning of the feed, or of all of it. The feed is at least as long. */
export const isBeginningOf = async (feed: Feed, { length, roots }: FeedHead): Promise<boolean> => {
  const ours = await treeHashAt(feed, length)
  return ours !== undefined && equalBytes(ours, crypto.tree(roots))
}

/** How many blocks two feeds of one writer have in common from the beginning on. */
export const commonLength = async (one: Feed, other: Feed): Promise<number> => {
  // Trees of equal hashes are of equal beginnings, so halving finds the end of them.
  let low = 0
  let high = Math.min(one.length, other.length)
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    const [a, b] = await Promise.all([treeHashAt(one, middle), treeHashAt(other, middle)])
    if (a && b && equalBytes(a, b)) low = middle
    else high = middle - 1
  }
  return low
}

/** The hash of a block that is here, as the tree has it. */
export const leafAt = (feed: Feed, block: number): Promise<Uint8Array | undefined> =>
  new Promise((resolve) =>
    feed._storage.getNode(2 * block, (error, node) => resolve(error ? undefined : node?.hash)),
  )
