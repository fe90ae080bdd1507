import type { Feed } from 'hypercore'

/** Blocks beyond a gap that are measured one by one; of more the average counts. */
const MAX_MEASURED = 256

/**
 * The bytes of the blocks that a feed holds as it opens, by where its last block in order ends: as many reads as the tree is
 * high, whatever its length. Blocks beyond a gap are few, as they are asked for in order.
 */
export const measureStored = async (feed: Feed): Promise<number> => {
  const { length, byteLength, bitfield } = feed
  const here = length > 0 ? bitfield.total(0, length) : 0
  if (here === 0) return 0
  if (here === length) return byteLength
  const inOrder = firstGap(feed)
  const last = inOrder > 0 ? await placeOf(feed, inOrder - 1) : { offset: 0, size: 0 }
  const bytes = last.offset + last.size
  if (here - inOrder > MAX_MEASURED)
    return bytes + Math.round(((byteLength - bytes) * (here - inOrder)) / (length - inOrder))
  let beyond = 0
  for (let i = inOrder, left = here - inOrder; left > 0; i++) {
    if (!bitfield.get(i)) continue
    left--
    beyond += (await placeOf(feed, i)).size
  }
  return bytes + beyond
}

const placeOf = (feed: Feed, index: number): Promise<{ offset: number; size: number }> =>
  new Promise((resolve, reject) =>
    feed._storage.dataOffset(index, [], (error, offset = 0, size = 0) =>
      error ? reject(error) : resolve({ offset, size }),
    ),
  )

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
