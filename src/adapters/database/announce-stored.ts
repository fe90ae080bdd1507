import type { Feed } from 'hypercore'

/**
 * hypercore tells peers about a block before its bitfield is on disk. Killed in between, the feed would be one block
 * shorter than what a peer has of it, and the next put would fork it.
 */
export const announceWhatIsStored = (feed: Feed, before: (length: number) => Promise<void>): void => {
  const announce = feed._announce
  feed._announce = (message, from) => {
    if (from) announce.call(feed, message, from)
    else {
      feed._sync(null, (error) => {
        if (error) return
        // What can't be counted as told is not told.
        before(message.start + (message.length ?? 1)).then(
          () => announce.call(feed, message),
          () => {},
        )
      })
    }
  }
}
