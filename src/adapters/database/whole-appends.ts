import type { Feed, Peer } from 'hypercore'
import { indexOf } from './feed-check/hash-tree.js'

const HEADER_BYTES = 32
const SIGNATURE_BYTES = 64

/**
 * An append that the storage took in part, or not at all, leaves the feed as it was: hypercore counts blocks before all of them
 * is stored, so that one that failed would be there, be shown to peers, and be forked by the next. While one is under way
 * peers who ask what is here wait.
 */
export const appendWhollyOrNotAtAll = (feed: Feed): void => {
  storeBitsUntilTheyAre(feed)
  const append = feed.append
  let underway = 0
  const waiting: (() => void)[] = []
  const end = () => {
    if (--underway > 0) return
    for (const run of waiting.splice(0)) run()
  }
  feed.append = (blocks, callback) => {
    const { length, byteLength } = feed
    underway++
    append.call(feed, blocks, (error, first) => {
      if (error && feed.length > length) takeBack(feed, length, byteLength)
      callback(error, first)
      end()
    })
  }
  feed.on('peer-add', (peer: Peer) => {
    if (!feed.writable) return
    const { onwant } = peer
    peer.onwant = (want) => {
      const answer = () => onwant.call(peer, want)
      if (underway > 0) waiting.push(answer)
      else answer()
    }
  })
}

/** hypercore forgets which bits it failed to store, and calls the next try a success. */
const storeBitsUntilTheyAre = (feed: Feed): void => {
  feed._syncBitfield = (callback) => {
    const { pages } = feed.bitfield
    const changed = []
    for (let page = pages.lastUpdate(); page; page = pages.lastUpdate()) changed.push(page)
    feed._pollWaiting()
    let missing = changed.length
    let failure: Error | null = null
    if (missing === 0) callback(null)
    for (const page of changed) {
      feed._storage.putBitfield(page.offset, page.buffer, (error) => {
        if (error) {
          failure = error
          pages.updated(page)
        }
        if (--missing === 0) callback(failure)
      })
    }
  }
}

const takeBack = (feed: Feed, length: number, byteLength: number): void => {
  for (let block = feed.length - 1; block >= length; block--) {
    feed.bitfield.set(block, false)
    // Of what joins it with others nothing was there before it.
    let [depth, offset] = [0, block]
    while (feed.tree.get(indexOf({ depth, offset }))) {
      feed.bitfield.tree.set(indexOf({ depth, offset }), false)
      depth++
      offset = Math.floor(offset / 2)
    }
    // With it the next opening would find the block whole, and count it. What can't be stored now is found then.
    feed._storage.signatures.write(
      HEADER_BYTES + block * SIGNATURE_BYTES,
      Buffer.alloc(SIGNATURE_BYTES),
      () => {},
    )
  }
  feed.length = length
  feed.byteLength = byteLength
  feed._seq = length
  feed._merkle = null
  // Nodes of the tree that it has read are not those of the next block.
  feed._storage.cache = null
  feed._sync(null, () => {})
}
