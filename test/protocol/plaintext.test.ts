import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Crypto, KeyPair } from '../../src/adapters/crypto/crypto.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { type AppMessage, encodeAppMessage } from '../../src/protocol/app-message.js'
import { toBase64url } from '../../src/protocol/base64url.js'
import { concat, fromUtf8, toHex, utf8 } from '../../src/protocol/bytes.js'
import { type ControlBody, encodeControl, type RequestBody } from '../../src/protocol/control-message.js'
import {
  MAX_CLOCK_SKEW_MS,
  MAX_CONTROL_BYTES,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_BYTES,
  MESSAGE_LIFETIME_MS,
  REQUEST_LIFETIME_MS,
} from '../../src/protocol/limits.js'
import { decodePlaintext, type Plaintext } from '../../src/protocol/plaintext.js'
import { encodeSecureFrame } from '../../src/protocol/secure-ephemeral.js'
import { damaged, fuzz, noise } from '../fuzz.js'
import { frameVectors } from '../vectors.js'

const now = Date.parse('2026-01-01T12:00:00Z')
const db = 'd0'.repeat(32)
const requestId = '11'.repeat(16)
const messageId = '22'.repeat(16)

let crypto: Crypto
let laptop: KeyPair
let phone: KeyPair
let laptopKey: string
let phoneKey: string

beforeAll(async () => {
  crypto = await createCrypto()
  laptop = crypto.signingKeyPair(new Uint8Array(32).fill(1))
  phone = crypto.signingKeyPair(new Uint8Array(32).fill(2))
  laptopKey = toHex(laptop.publicKey)
  phoneKey = toHex(phone.publicKey)
})

const fields = (sender: string, target: string) => {
  const ids = { db, request: requestId, message: messageId }
  return { ...ids, sender, target, issued: now, lifetime: REQUEST_LIFETIME_MS }
}
const request = (): RequestBody => ({ type: 'request', ...fields(phoneKey, phoneKey), name: 'Phone' })
const decision = (): ControlBody => {
  return { type: 'decision', ...fields(laptopKey, phoneKey), outcome: 'authorised' }
}
const signedBy = (pair: KeyPair) => (bytes: Uint8Array) => crypto.sign(bytes, pair.secretKey)

const decode = (plaintext: Uint8Array, at = now): Plaintext =>
  decodePlaintext(plaintext, { hyphalink: db, now: at, verify: crypto.verify, hash: crypto.hash })
const decodeJson = (json: unknown, at?: number) => decode(utf8(JSON.stringify(json)), at)
const refused = (reason: string) => ({ kind: 'refused', reason })

const parsed = (plaintext: Uint8Array): Record<string, unknown> => JSON.parse(fromUtf8(plaintext))

/** A request whose body says anything, signed rightly. */
const requestOf = (change: Record<string, unknown>, outer: Record<string, unknown> = {}): Uint8Array => {
  const bytes = utf8(JSON.stringify({ ...request(), ...change }))
  const signature = crypto.sign(concat(utf8('hypha-runtime/control/1\0'), bytes), phone.secretKey)
  return utf8(
    JSON.stringify({ v: 2, readKey: phoneKey, b: toBase64url(bytes), s: toBase64url(signature), ...outer }),
  )
}

describe('a request', () => {
  it('arrives as it was sent', () => {
    expect(decode(encodeControl(request(), signedBy(phone)))).toEqual({
      kind: 'request',
      seenKey: `control:${phoneKey}:${messageId}`,
      request: requestId,
      message: messageId,
      sender: phoneKey,
      target: phoneKey,
      nodeName: 'Phone',
      issued: now,
      expiresAt: now + REQUEST_LIFETIME_MS,
    })
  })

  it('can be read by a node of 2019', () => {
    const { b, s, ...json } = parsed(encodeControl(request(), signedBy(phone)))
    expect(json).toEqual({
      action: 'authorise',
      nodeName: 'Phone',
      timestamp: '2026-01-01T12:00:00.000Z',
      readKey: phoneKey,
      v: 2,
    })
    expect([typeof b, typeof s]).toEqual(['string', 'string'])
  })

  it('fits its limit with the longest name', () => {
    for (const name of ['"'.repeat(1_000), '👋'.repeat(1_000)]) {
      const plaintext = encodeControl({ ...request(), name }, signedBy(phone))
      expect(plaintext.length).toBeLessThanOrEqual(MAX_CONTROL_BYTES)
      expect(decode(plaintext)).toMatchObject({ kind: 'request', nodeName: [...name].slice(0, 64).join('') })
    }
  })

  it('shows a clean name', () => {
    expect(decode(requestOf({ name: 'Pho\u202ene\u001b[31m' }))).toMatchObject({ nodeName: 'Phone' })
    expect(decode(requestOf({ name: ' ' }))).toMatchObject({ nodeName: 'a node without a name' })
  })

  it.each([
    ['not hex', 'zz'.repeat(32)],
    ['31 bytes', '11'.repeat(31)],
    ['33 bytes', '11'.repeat(33)],
    ['empty', ''],
    ['a Buffer as JSON', { type: 'Buffer', data: [1, 2, 3] }],
    ['capitals', 'AB'.repeat(32)],
    ['missing', undefined],
  ])('is refused when its target is %s', (_, target) => {
    expect(decode(requestOf({ target }))).toEqual(refused('bad-target'))
    expect(decode(requestOf({}, { readKey: target }))).toEqual(refused('bad-target'))
  })

  it('is refused when it asks for another node than the one that signed it', () => {
    expect(decode(requestOf({ target: laptopKey }))).toEqual(refused('wrong-sender'))
    expect(decode(requestOf({}, { readKey: laptopKey }))).toEqual(refused('bad-target'))
    expect(decode(requestOf({ sender: laptopKey, target: laptopKey }, { readKey: laptopKey }))).toEqual(
      refused('bad-signature'),
    )
  })

  it.each([
    ['another database', { db: 'd1'.repeat(32) }, 'another-database'],
    ['no database', { db: undefined }, 'another-database'],
    ['a short request id', { request: '11' }, 'malformed'],
    ['a request id of bytes', { request: { type: 'Buffer', data: [1] } }, 'malformed'],
    ['no message id', { message: undefined }, 'malformed'],
    ['a sender of another length', { sender: '11'.repeat(31) }, 'malformed'],
    ['no name', { name: undefined }, 'malformed'],
    ['a name of no text', { name: ['Phone'] }, 'malformed'],
    ['a time in words', { issued: '2026' }, 'malformed'],
    ['a lifetime of none', { lifetime: 0 }, 'bad-lifetime'],
    ['a lifetime that is too long', { lifetime: REQUEST_LIFETIME_MS + 1 }, 'bad-lifetime'],
    ['another type', { type: 'revoke' }, 'unknown-kind'],
    ['a type of a prototype', { type: 'constructor' }, 'unknown-kind'],
  ])('is refused with %s', (_, change, reason) => {
    expect(decode(requestOf(change))).toEqual(refused(reason))
  })

  it('is refused when a bit of the body or the signature has flipped', () => {
    const json = parsed(encodeControl(request(), signedBy(phone)))
    for (const name of ['b', 's']) {
      const bytes = Buffer.from(String(json[name]), 'base64url')
      for (let at = 0; at < bytes.length; at += 7) {
        const flipped = Uint8Array.from(bytes)
        flipped[at]! ^= 1
        expect(decodeJson({ ...json, [name]: toBase64url(flipped) }).kind).toBe('refused')
      }
    }
  })

  it('is refused over its limit', () => {
    const json = parsed(encodeControl(request(), signedBy(phone)))
    const padded = (bytes: number) => {
      const around = JSON.stringify({ ...json, pad: '' }).length
      return decodeJson({ ...json, pad: 'a'.repeat(bytes - around) })
    }
    expect(padded(MAX_CONTROL_BYTES).kind).toBe('request')
    expect(padded(MAX_CONTROL_BYTES + 1)).toEqual(refused('too-large'))
    expect(decodeJson({ ...json, readKey: 'a'.repeat(1_000_000) })).toEqual(refused('too-large'))
  })

  it('lives for its lifetime, by clocks that differ by no more than the skew', () => {
    const plaintext = encodeControl(request(), signedBy(phone))
    expect(decode(plaintext, now + REQUEST_LIFETIME_MS - 1).kind).toBe('request')
    expect(decode(plaintext, now + REQUEST_LIFETIME_MS)).toMatchObject(refused('expired'))
    expect(decode(plaintext, now - MAX_CLOCK_SKEW_MS).kind).toBe('request')
    expect(decode(plaintext, now - MAX_CLOCK_SKEW_MS - 1)).toMatchObject(refused('from-the-future'))
    expect(decode(plaintext, now + 10 * 60_000)).toMatchObject(refused('expired'))
    expect(decode(plaintext, now - 10 * 60_000)).toMatchObject(refused('from-the-future'))
  })
})

describe('an answer', () => {
  it('arrives as it was sent', () => {
    expect(decode(encodeControl(decision(), signedBy(laptop)))).toMatchObject({
      kind: 'decision',
      outcome: 'authorised',
      sender: laptopKey,
      target: phoneKey,
    })
    const acknowledgement: ControlBody = { type: 'acknowledgement', ...fields(laptopKey, phoneKey) }
    expect(decode(encodeControl(acknowledgement, signedBy(laptop))).kind).toBe('acknowledgement')
  })

  it('says nothing to a node of 2019', () => {
    expect(Object.keys(parsed(encodeControl(decision(), signedBy(laptop))))).toEqual(['v', 'b', 's'])
  })

  it('is refused when somebody else signed it', () => {
    expect(decode(encodeControl(decision(), signedBy(phone)))).toEqual(refused('bad-signature'))
  })

  it('has one of two outcomes', () => {
    const odd = { ...decision(), outcome: 'maybe' } as unknown
    const bytes = utf8(JSON.stringify(odd))
    const s = toBase64url(crypto.sign(concat(utf8('hypha-runtime/control/1\0'), bytes), laptop.secretKey))
    expect(decodeJson({ v: 2, b: toBase64url(bytes), s })).toEqual(refused('malformed'))
  })
})

describe('a cancel', () => {
  it('comes from the node that asked, and from no other', () => {
    const cancel = (sender: string): ControlBody => ({ type: 'cancel', ...fields(sender, phoneKey) })
    expect(decode(encodeControl(cancel(phoneKey), signedBy(phone))).kind).toBe('cancel')
    expect(decode(encodeControl(cancel(laptopKey), signedBy(laptop)))).toEqual(refused('wrong-sender'))
  })
})

describe('a request of a 2019 node', () => {
  const legacy = {
    nodeName: 'Firefox on Ubuntu 64-bit',
    timestamp: '2026-01-01T12:00:00.000Z',
    action: 'authorise',
    readKey: '33'.repeat(32),
  }

  it('of the vectors is understood, in its time', () => {
    const plaintext = utf8(frameVectors.frames[0]!.plaintext)
    const then = Date.parse('2019-02-10T12:00:00.000Z')
    const hash = toHex(crypto.hash(plaintext))
    expect(decode(plaintext, then)).toEqual({
      kind: 'legacy-request',
      seenKey: `legacy:${hash}`,
      request: hash.slice(0, 32),
      target: '684eda39d75f47ccd0d7c31a332d555059e028870ff6997ad8b4cec0532d402b',
      nodeName: 'Firefox on Ubuntu 64-bit',
      issued: then,
      expiresAt: then + REQUEST_LIFETIME_MS,
    })
    expect(decode(plaintext)).toMatchObject(refused('expired'))
  })

  it.each([
    ['no time', { timestamp: undefined }, 'malformed'],
    ['a time that is none', { timestamp: 'yesterday' }, 'malformed'],
    ['a number for a time', { timestamp: now }, 'malformed'],
    ['a time in the future', { timestamp: '2026-01-01T12:02:00.001Z' }, 'from-the-future'],
    ['an old time', { timestamp: '2026-01-01T11:50:00.000Z' }, 'expired'],
    ['no name', { nodeName: undefined }, 'malformed'],
    ['a target that is no key', { readKey: 'zz' }, 'bad-target'],
    ['a target of bytes', { readKey: { type: 'Buffer', data: [] } }, 'bad-target'],
    ['another action', { action: 'format' }, 'unknown-kind'],
    ['another version', { v: 3 }, 'unknown-kind'],
    ['our version and nothing of it', { v: 2 }, 'malformed'],
    ['a long name', { nodeName: 'a'.repeat(MAX_CONTROL_BYTES) }, 'too-large'],
  ])('is refused with %s', (_, change, reason) => {
    expect(decodeJson({ ...legacy, ...change })).toEqual(refused(reason))
  })
})

describe('an app’s message', () => {
  const message = (change: Partial<AppMessage> = {}): AppMessage => {
    return { app: { hello: ['world'] }, id: messageId, from: phoneKey, t: now, ...change }
  }

  it('arrives as it was sent, to all or to one', () => {
    const seenKey = `app:${phoneKey}:${messageId}`
    expect(decode(encodeAppMessage(message()))).toEqual({ kind: 'app', seenKey, ...message() })
    expect(decode(encodeAppMessage(message({ to: laptopKey })))).toMatchObject({ to: laptopKey })
  })

  it('may be any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const app = JSON.parse(JSON.stringify(json))
        expect(decode(encodeAppMessage(message({ app })))).toMatchObject({ kind: 'app', app })
      }),
    )
  })

  it('may have MAX_MESSAGE_BYTES as JSON, and then fits a frame', () => {
    const app = 'a'.repeat(MAX_MESSAGE_BYTES - 2)
    const plaintext = encodeAppMessage(message({ app, to: laptopKey }))
    expect(decode(plaintext)).toMatchObject({ kind: 'app' })
    const frame = encodeSecureFrame({
      nonce: new Uint8Array(24),
      ciphertext: new Uint8Array(plaintext.length + 16),
    })
    expect(frame.length).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    const tooLarge = expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' })
    expect(() => encodeAppMessage(message({ app: `${app}a` }))).toThrow(tooLarge)
  })

  it.each([undefined, () => 1, 1n])('that is no JSON gives MESSAGE_INVALID: %s', (app) => {
    expect(() => encodeAppMessage(message({ app }))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    )
  })

  it('is refused when it is too old to be remembered, or from the future', () => {
    const plaintext = encodeAppMessage(message())
    expect(decode(plaintext, now + MESSAGE_LIFETIME_MS - 1).kind).toBe('app')
    expect(decode(plaintext, now + MESSAGE_LIFETIME_MS)).toMatchObject(refused('expired'))
    expect(decode(plaintext, now - MAX_CLOCK_SKEW_MS - 1)).toMatchObject(refused('from-the-future'))
  })

  it.each([
    ['no id', { id: undefined }],
    ['a sender that is no key', { from: 'Laura' }],
    ['a receiver that is no key', { to: 'all' }],
    ['a receiver of null', { to: null }],
    ['no time', { t: undefined }],
    ['a body too', { b: 'AAAA' }],
  ])('is refused with %s', (_, change) => {
    expect(decodeJson({ v: 2, ...message(), ...change })).toEqual(refused('malformed'))
  })
})

describe('other plaintexts', () => {
  it.each([
    'null',
    '[]',
    '7',
    '"authorise"',
    '',
    '{',
    '\ufeff{}',
    `{"a":${'['.repeat(100_000)}`,
  ])('are malformed or too large, whatever they are', (text) => {
    expect(['malformed', 'too-large']).toContain((decode(utf8(text)) as { reason: string }).reason)
  })

  it('are refused when they are not UTF-8, or over a frame', () => {
    expect(decode(Uint8Array.of(0x7b, 0xff, 0x7d))).toEqual(refused('malformed'))
    expect(decode(new Uint8Array(MAX_FRAME_BYTES + 1))).toEqual(refused('too-large'))
  })

  it('borrow nothing from a prototype', () => {
    expect(decode(utf8('{"__proto__":{"action":"authorise","v":2,"app":1}}'))).toEqual(
      refused('unknown-kind'),
    )
    expect(decode(utf8('{"constructor":{},"toString":1}'))).toEqual(refused('unknown-kind'))
  })

  it('never make it throw', () => {
    const rights = [
      encodeControl(request(), signedBy(phone)),
      encodeControl(decision(), signedBy(laptop)),
      encodeAppMessage({ app: null, id: messageId, from: phoneKey, t: now }),
    ]
    fc.assert(
      fc.property(fc.oneof(noise, ...rights.map(damaged)), (bytes) => {
        decode(bytes)
      }),
      fuzz,
    )
    fc.assert(
      fc.property(fc.object(), fc.object(), (body, outer) => {
        decode(requestOf(body, JSON.parse(JSON.stringify(outer))))
      }),
      fuzz,
    )
  })
})
