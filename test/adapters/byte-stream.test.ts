import { expect, it } from 'vitest'
import type { NamedByteStream } from '../../src/adapters/byte-stream.js'
import { createMemoryStreams } from '../../src/adapters/transport/memory-stream.js'

it('names for a page what our streams have, and nothing else', async () => {
  // Compiles only while a Duplex has all of it.
  const [near, far]: readonly [NamedByteStream, NamedByteStream] = createMemoryStreams()
  const heard: number[] = []
  far.on('data', (bytes) => heard.push(...bytes)).unshift(Uint8Array.of(0))
  near.cork()
  expect(near.write(Uint8Array.of(1))).toBe(true)
  expect(near.writableLength).toBe(1)
  near.uncork()
  far.pause().resume()
  const closed = new Promise<void>((resolve) => far.once('close', resolve))
  near.resume().end(Uint8Array.of(2))
  await closed
  expect(heard).toEqual([0, 1, 2])
  expect([far.closed, far.destroyed, far.readableLength]).toEqual([true, true, 0])
  near.off('data', () => {}).destroy()
})
