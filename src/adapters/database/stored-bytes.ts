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
  // Which they are is known at once: those that arrive while these are measured are counted by who hears of them.
  const few = here - inOrder <= MAX_MEASURED
  const beyond: number[] = []
  for (let i = inOrder; few && beyond.length < here - inOrder; i++) if (bitfield.get(i)) beyond.push(i)
  const last = inOrder > 0 ? await placeOf(feed, inOrder - 1) : { offset: 0, size: 0 }
  let bytes = last.offset + last.size
  if (!few) return bytes + Math.round(((byteLength - bytes) * (here - inOrder)) / (length - inOrder))
  for (const index of beyond) bytes += (await placeOf(feed, index)).size
  return bytes
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
