import Feed from 'hypercore'
import { expect, it, vi } from 'vitest'
import { packOnlyWhatIsThere } from '../../../src/adapters/database/brief-bitfields.js'
import { memoryStorage } from '../../../src/index.js'

const WANTED = 1024 * 1024
const PAGE = 8_192

const openFeed = async (isMended: boolean) => {
  const storage = memoryStorage()
  const feed = new Feed((name) => storage.file(name), null)
  if (isMended) packOnlyWhatIsThere(feed)
  await new Promise<void>((resolve, reject) => feed._ready((error) => (error ? reject(error) : resolve())))
  return feed
}
const append = (feed: Feed, count: number) =>
  new Promise<void>((resolve, reject) => {
    const blocks = Array.from({ length: count }, () => Buffer.from('x'))
    feed.append(blocks, (error) => (error ? reject(error) : resolve()))
  })

it('answers a Want as hypercore does, to the byte, from a small part of the work', async () => {
  const asItIs = await openFeed(false)
  const mended = await openFeed(true)
  const wants = [
    [0, WANTED],
    [0, PAGE],
    [PAGE, PAGE],
    [PAGE, WANTED],
    [WANTED, WANTED],
    [0, 0],
    [PAGE, 0],
  ] as const
  for (const more of [0, 1, 6, 57, PAGE - 64, 1, 1_500, PAGE]) {
    if (more > 0) await Promise.all([append(asItIs, more), append(mended, more)])
    for (const [start, length] of wants)
      expect(
        mended.bitfield.compress(start, length),
        `${mended.length} blocks, ${length} wanted from ${start}`,
      ).toEqual(asItIs.bitfield.compress(start, length))
  }

  /** Pages that one answer looks at. */
  const looks = ({ bitfield }: Feed) => {
    const { pages } = bitfield as unknown as { pages: { get(index: number): unknown } }
    const get = vi.spyOn(pages, 'get')
    bitfield.compress(0, WANTED)
    return get.mock.calls.length
  }
  expect(looks(asItIs)).toBeGreaterThan(100)
  expect(looks(mended)).toBeLessThan(10)
})
