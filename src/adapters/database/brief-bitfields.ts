import type { Feed } from 'hypercore'

/** Blocks of one page of a feed's bitfield: hypercore packs whole pages. */
const PAGE_BLOCKS = 8_192

/**
 * hypercore answers each Want of 1,048,576 blocks by packing a mebibyte, read to its end three times, however few blocks there
 * are: milliseconds for every feed of every connection. What comes after the last block is zeros, which are left out of what
 * is packed: the answer is the same to the byte.
 */
export const packOnlyWhatIsThere = (feed: Feed): void => {
  feed.once('ready', () => {
    const { bitfield } = feed
    const compress = bitfield.compress
    bitfield.compress = (start, length) => {
      const there = Math.ceil(Math.max(0, bitfield.data.length - start) / PAGE_BLOCKS) * PAGE_BLOCKS
      // To hypercore, nothing from 0 is everything.
      return compress.call(bitfield, start, length && Math.min(length, Math.max(there, PAGE_BLOCKS)))
    }
  })
}
