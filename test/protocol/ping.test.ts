import fc from 'fast-check'
import { expect, it } from 'vitest'
import { concat } from '../../src/protocol/bytes.js'
import { decodePing, encodePing, type Ping } from '../../src/protocol/ping.js'
import { damaged, fuzz, noise } from '../fuzz.js'

const pings: fc.Arbitrary<Ping> = fc.record({
  kind: fc.constantFrom('ping', 'pong'),
  id: fc.nat(2 ** 32 - 1),
})

it('a heartbeat comes back as it was, from the middle of a buffer too', () => {
  fc.assert(
    fc.property(pings, (ping) => {
      expect(decodePing(encodePing(ping))).toEqual(ping)
      expect(decodePing(concat(Uint8Array.of(9, 9), encodePing(ping)).subarray(2))).toEqual(ping)
    }),
    fuzz,
  )
  expect(encodePing({ kind: 'pong', id: 0x01020304 })).toEqual(Uint8Array.of(1, 1, 2, 3, 4))
})

it('whatever else comes is none, or is written alike', () => {
  for (const none of [[], [0], [0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0], [255, 0, 0, 0, 1]]) {
    expect(decodePing(Uint8Array.from(none))).toBeUndefined()
  }
  const hostile = fc.oneof(noise, damaged(encodePing({ kind: 'ping', id: 7 })))
  fc.assert(
    fc.property(hostile, (bytes) => {
      const ping = decodePing(bytes)
      if (ping) expect(encodePing(ping)).toEqual(bytes)
    }),
    fuzz,
  )
})
