import type { Feed } from 'hypercore'

/** Hears of each block that is written to a feed, before whoever writes hears that it is written. */
export const hearAppends = (feed: Feed, heard: (seq: number, block: Buffer) => void): void => {
  const append = feed.append
  feed.append = (blocks, callback) =>
    append.call(feed, blocks, (error, first) => {
      if (!error && first !== undefined) {
        const list = Array.isArray(blocks) ? blocks : [blocks]
        list.forEach((block, i) => void heard(first + i, block))
      }
      callback(error, first)
    })
}
