import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { claimBytes, claimCertificateBytes, isMemberProven, memberBytes } from '../../src/protocol/claim.js'
import { decodeHostMessage, encodeHostMessage, type HostMessage } from '../../src/protocol/host-message.js'

const crypto = await createCrypto()
const bytes = (length: number) => new Uint8Array(randomBytes(length))

const messages: HostMessage[] = [
  { type: 'ask', nonce: bytes(32), isEmpty: false },
  { type: 'ask', nonce: bytes(32), isEmpty: true },
  { type: 'proof', claimKey: bytes(32), certificate: bytes(64), signature: bytes(64) },
]

test('what is written is read again, and what is cut, longer or of another version is none', () => {
  for (const message of messages) {
    const encoded = encodeHostMessage(message)
    expect(decodeHostMessage(encoded)).toEqual(message)
    expect(decodeHostMessage(encoded.subarray(0, -1))).toBeUndefined()
    expect(decodeHostMessage(new Uint8Array([...encoded, 0]))).toBeUndefined()
  }
  for (const [at, value] of [
    [0, 3],
    [1, 2],
    [2, 2],
  ] as const) {
    const other = encodeHostMessage(messages[0]!)
    other[at] = value
    expect(decodeHostMessage(other)).toBeUndefined()
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (noise) => {
      decodeHostMessage(noise)
    }),
  )
})

test('a proof holds for one nonce, one hypha and its person alone, and a claim is none', () => {
  const [origin, claiming, mallory] = [0, 1, 2].map(() => crypto.signingKeyPair()) as [
    ReturnType<typeof crypto.signingKeyPair>,
    ReturnType<typeof crypto.signingKeyPair>,
    ReturnType<typeof crypto.signingKeyPair>,
  ]
  const about = { nonce: bytes(32), discoveryKey: bytes(32), hyphalink: origin.publicKey }
  const certificate = crypto.sign(claimCertificateBytes(claiming.publicKey), origin.secretKey)
  const signed = (message: Uint8Array, by = claiming) => ({
    claimKey: by.publicKey,
    certificate,
    signature: crypto.sign(message, by.secretKey),
  })
  const right = signed(memberBytes(about.nonce, about.discoveryKey))
  expect(isMemberProven(right, about, crypto)).toBe(true)
  expect(isMemberProven(right, { ...about, nonce: bytes(32) }, crypto)).toBe(false)
  expect(isMemberProven(right, { ...about, discoveryKey: bytes(32) }, crypto)).toBe(false)
  expect(isMemberProven(right, { ...about, hyphalink: mallory.publicKey }, crypto)).toBe(false)
  expect(isMemberProven(signed(claimBytes(about.nonce, about.discoveryKey)), about, crypto)).toBe(false)
  expect(isMemberProven(signed(memberBytes(about.nonce, about.discoveryKey), mallory), about, crypto)).toBe(
    false,
  )
})
