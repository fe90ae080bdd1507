import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { concat } from '../../src/protocol/bytes.js'
import {
  decodeLinkMessage,
  encodeLinkMessage,
  type LinkMessage,
  linkProofBytes,
} from '../../src/protocol/link-proof.js'
import { damaged, fuzz, noise } from '../fuzz.js'

const some = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const messages: fc.Arbitrary<LinkMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), nonce: some(32) }),
  fc.record({ type: fc.constant('proof' as const), writerKey: some(32), signature: some(64) }),
  fc.record({ type: fc.constantFrom('use' as const, 'lost' as const), serial: fc.nat(2 ** 32 - 1) }),
)

describe('a message about links', () => {
  it('comes back as it was, as a copy', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = concat(Uint8Array.of(9), encodeLinkMessage(message)).subarray(1)
        const read = decodeLinkMessage(bytes)
        bytes.fill(0)
        expect(read).toEqual(message)
      }),
      fuzz,
    )
  })

  it('is exactly as long as it has to be, of a known kind and version', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const right = encodeLinkMessage(message)
        expect(decodeLinkMessage(right.subarray(0, -1))).toBeUndefined()
        expect(decodeLinkMessage(concat(right, Uint8Array.of(0)))).toBeUndefined()
        for (const kind of [0, 5, 255])
          expect(decodeLinkMessage(concat(Uint8Array.of(kind), right.subarray(1)))).toBeUndefined()
      }),
      fuzz,
    )
    const hello = encodeLinkMessage({ type: 'hello', nonce: new Uint8Array(32) })
    hello[1] = 2
    expect(decodeLinkMessage(hello)).toBeUndefined()
  })

  it('is nothing else: whatever is read is written alike', () => {
    const hostile = fc.oneof(
      noise,
      messages.chain((message) => damaged(encodeLinkMessage(message))),
    )
    fc.assert(
      fc.property(hostile, (bytes) => {
        const read = decodeLinkMessage(bytes)
        if (read) expect(encodeLinkMessage(read)).toEqual(bytes)
      }),
      fuzz,
    )
  })
})

it('a proof holds for its hypha, its link and its direction only', async () => {
  const crypto = await createCrypto()
  const keys = crypto.signingKeyPair()
  const [discoveryKey, verifierNonce, proverNonce] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const about = { discoveryKey, verifierNonce, proverNonce }
  const signature = crypto.sign(linkProofBytes(about), keys.secretKey)
  const holds = (other: typeof about) => crypto.verify(signature, linkProofBytes(other), keys.publicKey)
  expect(holds(about)).toBe(true)
  expect(holds({ ...about, verifierNonce: proverNonce, proverNonce: verifierNonce })).toBe(false)
  for (const name of ['discoveryKey', 'verifierNonce', 'proverNonce'] as const)
    expect(holds({ ...about, [name]: new Uint8Array(32) })).toBe(false)
})
