import type { Feed, Peer } from 'hypercore'

/**
 * hypercore tells peers about a block before its bitfield is on disk. Killed in between, the feed would be one block
 * shorter than what a peer has of it, and the next put would fork it. So peers hear of blocks after that, and after `before`.
 */
export const announceWhatIsStored = (feed: Feed, before: (length: number) => Promise<void>): void => {
  /** How much peers may have heard of. */
  let told = 0
  const prepare = (length: number, run: () => void) => {
    feed._sync(null, (error) => {
      if (error) return
      // What can't be counted as told is not told.
      before(length).then(
        () => {
          told = Math.max(told, length)
          run()
        },
        () => {},
      )
    })
  }
  const announce = feed._announce
  feed._announce = (message, from) => {
    if (from) announce.call(feed, message, from)
    else prepare(message.start + (message.length ?? 1), () => announce.call(feed, message))
  }
  feed.on('peer-add', (peer: Peer) => {
    if (feed.writable) answerWithWhatIsTold(feed, peer, () => told, prepare)
  })
}

/** A peer that asks which blocks there are is told by hypercore at once, and the proof of a block says how long the feed is. */
const answerWithWhatIsTold = (
  feed: Feed,
  peer: Peer,
  told: () => number,
  prepare: (length: number, run: () => void) => void,
) => {
  for (const name of ['onwant', 'onrequest'] as const) {
    const answer = peer[name]
    peer[name] = (message) => {
      const { length } = feed
      if (length <= told()) answer.call(peer, message)
      else
        prepare(length, () => {
          if (feed.peers.includes(peer)) answer.call(peer, message)
        })
    }
  }
}
