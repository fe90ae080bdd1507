import { expect, it } from 'vitest'
import { syncProgress, writerProgress } from '../../src/view/progress.js'

const feed = (folded: number, downloaded: number, proven: number) => ({
  writer: 'a'.repeat(64),
  folded,
  downloaded,
  proven,
  bytes: 100 * proven,
  bytesHere: 100 * downloaded,
  received: 0,
})

it.each([
  ['nothing is known', [], { folded: 0, known: 0, percent: 0, complete: false }],
  ['a feed is known and empty', [feed(0, 0, 0)], { folded: 0, known: 0, percent: 0, complete: false }],
  ['half is here', [feed(2, 2, 2), feed(1, 5, 8)], { folded: 3, known: 10, percent: 30, complete: false }],
  [
    'one block of many lacks',
    [feed(9_999, 9_999, 10_000)],
    { folded: 9_999, known: 10_000, percent: 99, complete: false },
  ],
  ['all is here', [feed(2, 2, 2), feed(8, 8, 8)], { folded: 10, known: 10, percent: 100, complete: true }],
  [
    'what was written here is not yet proven',
    [feed(3, 3, 2)],
    { folded: 3, known: 3, percent: 100, complete: true },
  ],
])('sync progress when %s', (_, feeds, expected) => {
  expect(syncProgress(feeds)).toEqual(expected)
})

it.each([
  ['nothing is known of it', feed(0, 0, 0), [0, 0], [0, 0], 0],
  ['half is here, and less of it readable', feed(1, 2, 4), [1, 4], [200, 400], 25],
  ['one block of many lacks', feed(9_999, 9_999, 10_000), [9_999, 10_000], [999_900, 1_000_000], 99],
  ['what was written here is not yet proven', feed(3, 3, 2), [3, 3], [300, 300], 100],
])('progress of one writer when %s', (_, of, [here, known], [bytesHere, bytesKnown], percent) => {
  expect(writerProgress(of)).toEqual({
    blocks: { here, known },
    bytes: { here: bytesHere, known: bytesKnown },
    percent,
  })
})
