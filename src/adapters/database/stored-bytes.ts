import type { Feed } from 'hypercore'

/**
 * The bytes of the blocks that a feed holds as it opens, by where its last block in order ends: as many reads as the tree is
 * high, whatever its length. Blocks beyond a gap, few as they are asked for in order, count as long as the others are on average.
 */
export const measureStored = (feed: Feed, found: (bytes: number) => void): void => {
  const { length, byteLength, bitfield } = feed
  const here = length > 0 ? bitfield.total(0, length) : 0
  if (here === 0) return
  if (here === length) {
    found(byteLength)
    return
  }
  const inOrder = firstGap(feed)
  const guess = () => found(Math.round((byteLength * here) / length))
  if (inOrder === 0) {
    guess()
    return
  }
  feed._storage.dataOffset(inOrder - 1, [], (error, offset = 0, size = 0) => {
    if (error) {
      guess()
      return
    }
    const bytes = offset + size
    const beyond = Math.round(((byteLength - bytes) * (here - inOrder)) / (length - inOrder))
    found(bytes + beyond)
  })
}

/** Halving what is left: `total` counts eight blocks at a time. */
const firstGap = ({ length, bitfield }: Feed): number => {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (bitfield.total(low, middle) === middle - low) low = middle
    else high = middle - 1
  }
  return low
}
