import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeHeldProof, encodeHeldProof, type HeldProofAsk } from '../../src/protocol/held-proof.js'
import { MAX_FEED_LENGTH, MAX_HELD_PROOF_BLOCKS } from '../../src/protocol/limits.js'

const feed = new Uint8Array(32).fill(7)
const nonce = new Uint8Array(32).fill(8)
const ask = (...blocks: number[]): HeldProofAsk => ({ type: 'ask', feed, nonce, blocks })
const answer = { type: 'answer', nonce, hash: new Uint8Array(32).fill(9) } as const
const most = Array.from({ length: MAX_HELD_PROOF_BLOCKS }, (_, i) => i)

describe('a proof of what is held', () => {
  it('is read as it was written', () => {
    for (const message of [ask(0), ask(3, 9), ask(...most), ask(MAX_FEED_LENGTH - 1), answer])
      expect(decodeHeldProof(encodeHeldProof(message))).toEqual(message)
  })

  it('is nothing when it asks for too much, for a block twice, or for none', () => {
    for (const wrong of [
      ask(),
      ask(...most, MAX_HELD_PROOF_BLOCKS),
      ask(MAX_FEED_LENGTH),
      ask(5, 5),
      ask(5, 4),
    ])
      expect(decodeHeldProof(encodeHeldProof(wrong))).toBeUndefined()
  })

  it('is nothing when it is cut short, longer, or of another kind', () => {
    for (const message of [ask(1, 2), answer]) {
      const bytes = encodeHeldProof(message)
      expect(decodeHeldProof(bytes.subarray(0, -1))).toBeUndefined()
      expect(decodeHeldProof(Uint8Array.of(...bytes, 0))).toBeUndefined()
      expect(decodeHeldProof(Uint8Array.of(3, ...bytes.subarray(1)))).toBeUndefined()
    }
    expect(decodeHeldProof(new Uint8Array(0))).toBeUndefined()
  })

  it('is what its bytes say, whatever they are', () => {
    const bytes = fc
      .tuple(fc.nat(3), fc.uint8Array({ maxLength: 120, size: 'max' }))
      .map(([kind, rest]) => Uint8Array.of(kind, ...rest))
    fc.assert(
      fc.property(bytes, (noise) => {
        const message = decodeHeldProof(noise)
        if (message) expect(encodeHeldProof(message)).toEqual(noise)
      }),
    )
  })
})
