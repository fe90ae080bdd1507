import type { Feed, Pager, Peer, TreeNode } from 'hypercore'
import type { HyperdbNode, Writer } from 'hyperdb'
import { Recent } from './recent.js'

/** Nodes of a feed's tree of hashes that are kept, of those that were read: a block is proven by a path, and the next one by most of it. */
export const MAX_TREE_NODES_KEPT = 512
/** Decoded entries of a feed that are kept for the next put, which reads a path through the trie of each. */
export const MAX_ENTRIES_KEPT = 1_024

/**
 * hypercore sets aside for each feed, empty ones too, what the largest one needs: 256 KiB in each of two tables of pages, and
 * 512 KiB for nodes of its tree. These begin small and grow with what is there.
 */
export const leanFeed = (feed: Feed): void => {
  feed._storage.cache = new Recent(MAX_TREE_NODES_KEPT, ownNode)
  leanPager(feed._reserved.pages)
  feed.once('ready', () => leanPager(feed.bitfield.pages))
}

/** To be given to hypercore, so that it sets nothing aside before {@link leanFeed}. */
export const NO_TREE_CACHE = 0

/** As {@link leanFeed}, for one feed of one connection: a table for what the peer was sent of the tree. */
export const leanPeer = (peer: Peer): void => {
  const { tree, _reserved } = peer.feed
  const Tree = tree.constructor
  const Bitfield = _reserved.constructor
  const bits = new Bitfield()
  leanPager(bits.pages)
  peer.remoteTree = new Tree(bits)
}

/** hyperdb keeps decoded entries with their values, which nothing here reads: reads come from the view. */
export const leanWriter = (writer: Writer): void => {
  writer._cache = new Recent(MAX_ENTRIES_KEPT, withoutValue)
}

const leanPager = (pager: Pager): void => {
  pager.pages = pager.pages.slice(0, pager.length)
}

/** A node is read as a part of something larger, which would stay with it. */
const ownNode = ({ index, hash, size }: TreeNode): TreeNode => {
  const copy = Buffer.alloc(hash.length)
  copy.set(hash)
  return { index, hash: copy, size }
}

/** The object itself: what was found out about it is written on it. */
const withoutValue = (node: HyperdbNode): HyperdbNode => {
  node.value = null
  return node
}
