import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { fromBase64url, toBase64url } from '../../src/protocol/base64url.js'
import { toHex, utf8 } from '../../src/protocol/bytes.js'
import {
  MAX_CLOCK_SKEW_MS,
  MAX_CONTROL_BYTES,
  MAX_FRAME_BYTES,
  PRESENCE_LIFETIME_MS,
} from '../../src/protocol/limits.js'
import { decodePlaintext } from '../../src/protocol/plaintext.js'
import { encodePresence, type PresenceBody } from '../../src/protocol/presence-message.js'

const NOW = 1_700_000_000_000

describe('a presence message', async () => {
  const crypto = await createCrypto()
  const { publicKey, secretKey } = crypto.signingKeyPair(new Uint8Array(32).fill(7))
  const hyphalink = 'ab'.repeat(32)
  const body: PresenceBody = {
    db: hyphalink,
    message: 'cd'.repeat(16),
    sender: toHex(publicKey),
    at: NOW,
    here: true,
  }
  const sign = (bytes: Uint8Array) => crypto.sign(bytes, secretKey)
  const decode = (plaintext: Uint8Array, now = NOW) =>
    decodePlaintext(plaintext, { hyphalink, now, verify: crypto.verify, hash: crypto.hash })
  /** The same envelope with another body, and the signature that was there. */
  const altered = (change: (text: string) => string): Uint8Array => {
    const envelope = JSON.parse(new TextDecoder().decode(encodePresence(body, sign)))
    const text = new TextDecoder().decode(fromBase64url(envelope.b))
    return utf8(JSON.stringify({ ...envelope, b: toBase64url(utf8(change(text))) }))
  }
  const refused = (reason: string) => ({ kind: 'refused', reason })

  it.each([true, false])('says who is there, or leaves: %s', (here) => {
    expect(decode(encodePresence({ ...body, here }, sign))).toEqual({
      kind: 'presence',
      sender: body.sender,
      at: NOW,
      here,
    })
  })

  it('says its run, and the one that it heard of, where it knows them', () => {
    const runs = { run: '0123456789abcdef', twin: 'fedcba9876543210' }
    expect(decode(encodePresence({ ...body, ...runs }, sign))).toMatchObject(runs)
    for (const run of ['', '0123', '0123456789ABCDEF', `${runs.run}00`])
      expect(decode(encodePresence({ ...body, run }, sign))).toMatchObject(refused('malformed'))
  })

  it('is small', () => {
    expect(encodePresence(body, sign).length).toBeLessThan(800)
    expect(MAX_CONTROL_BYTES).toBeLessThan(MAX_FRAME_BYTES)
  })

  it('is a message that has expired to nodes that don’t know of presence', () => {
    const { b } = JSON.parse(new TextDecoder().decode(encodePresence(body, sign)))
    const fields = JSON.parse(new TextDecoder().decode(fromBase64url(b)))
    expect(fields.issued + fields.lifetime).toBeLessThan(NOW)
    expect(fields.lifetime).toBeGreaterThan(0)
    expect(fields).toMatchObject({ target: body.sender, request: body.message })
    // And nothing that a node of 2019 acts on.
    expect(Object.keys(JSON.parse(new TextDecoder().decode(encodePresence(body, sign))))).not.toContain(
      'action',
    )
  })

  it.each([
    ['by another key', (text: string) => text.replace(body.sender, 'ef'.repeat(32)), 'bad-signature'],
    ['of another moment', (text: string) => text.replace(`${NOW}`, `${NOW + 1}`), 'bad-signature'],
    ['a goodbye made of it', (text: string) => text.replace('"here":true', '"here":false'), 'bad-signature'],
    ['of another hypha', (text: string) => text.replace(hyphalink, '00'.repeat(32)), 'another-database'],
    ['without a moment', (text: string) => text.replace(`"at":${NOW},`, ''), 'malformed'],
    ['neither here nor gone', (text: string) => text.replace('"here":true', '"here":1'), 'malformed'],
    ['by nobody', (text: string) => text.replaceAll(body.sender, 'me'), 'malformed'],
    ['without an id', (text: string) => text.replace(/"message":"\w+",/, ''), 'malformed'],
  ])('is refused %s', (_, change, reason) => {
    expect(decode(altered(change))).toEqual(refused(reason))
  })

  it('is not taken before its time, nor after it', () => {
    const plaintext = encodePresence(body, sign)
    expect(decode(plaintext, NOW - MAX_CLOCK_SKEW_MS).kind).toBe('presence')
    expect(decode(plaintext, NOW - MAX_CLOCK_SKEW_MS - 1)).toMatchObject(refused('from-the-future'))
    const end = NOW + PRESENCE_LIFETIME_MS + MAX_CLOCK_SKEW_MS
    expect(decode(plaintext, end - 1).kind).toBe('presence')
    expect(decode(plaintext, end)).toMatchObject(refused('expired'))
  })
})
