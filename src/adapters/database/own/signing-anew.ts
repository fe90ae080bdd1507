import { equalBytes } from '../../../protocol/bytes.js'
import { rootPlaces } from '../../../protocol/feed-head.js'
import { libsodium } from '../../libsodium.js'
import { hypercoreCrypto } from '../engine.js'
import type { FeedFiles } from '../feed-check/feed-files.js'

/** hypercore's files: a header, then 40 bytes a node of the tree, a hash and a size; or 64 bytes a signature. */
const HEADER_BYTES = 32
const NODE_BYTES = 40
const HASH_BYTES = 32
const SIGNATURE_BYTES = 64

/**
 * Signs the own feed again at a length, where the tree is still the one of that length and the signature is gone. The same
 * blocks have the same signature, so nothing is said that was not said before.
 */
export const signAnew = async (
  files: FeedFiles,
  head: { readonly length: number; readonly root: Uint8Array },
  secretKey: Uint8Array,
): Promise<void> => {
  const roots: { index: number; hash: Uint8Array; size: number }[] = []
  for (const index of rootPlaces(head.length)) {
    const node = await files.read('tree', HEADER_BYTES + NODE_BYTES * index, NODE_BYTES)
    if (!node) return
    const view = new DataView(node.buffer, node.byteOffset, NODE_BYTES)
    roots.push({ index, hash: node.subarray(0, HASH_BYTES), size: Number(view.getBigUint64(HASH_BYTES)) })
  }
  const root = hypercoreCrypto.tree(roots)
  if (!equalBytes(root, head.root)) return
  const signature = libsodium.crypto_sign_detached(root, secretKey)
  await files.write('signatures', HEADER_BYTES + SIGNATURE_BYTES * (head.length - 1), signature)
}
