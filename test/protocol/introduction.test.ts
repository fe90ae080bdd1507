import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/protocol/bytes.js'
import {
  decodeIntroduction,
  encodeIntroduction,
  type Introduced,
  introductionContext,
} from '../../src/protocol/introduction.js'
import { MAX_INTRODUCTION_BYTES, MAX_SIGNALLING_ROOM_MEMBERS } from '../../src/protocol/limits.js'
import {
  decodeFromSignalling,
  decodeToSignalling,
  encodeSignalling,
  type FromSignalling,
  type ToSignalling,
} from '../../src/protocol/signalling.js'
import { damaged, fuzz, noise } from '../fuzz.js'

const id = 'a1'.repeat(16)
const session = 'b2'.repeat(16)
const attempt = 'c3'.repeat(8)
const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 1 typ host', sdpMLineIndex: 0, sdpMid: '0' }
const sdp = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n'

const introductions: Introduced[] = [
  { session, counter: 1, introduction: { type: 'hello' } },
  { session, counter: 2, introduction: { type: 'welcome' } },
  { session, counter: 3, introduction: { type: 'signal', attempt, signal: { type: 'offer', sdp } } },
  {
    session,
    counter: 4,
    introduction: { type: 'signal', attempt, signal: { type: 'candidate', candidate } },
  },
  { session, counter: 5, introduction: { type: 'failed', attempt } },
]

describe('introductions', () => {
  it('tell an offer or answer that this node can make nothing of from what is none', () => {
    for (const kind of ['offer', 'answer']) {
      const wrong = { v: 1, s: session, n: 1, type: 'signal', attempt, signal: { type: kind, sdp: 'v=0' } }
      expect(decodeIntroduction(utf8(JSON.stringify(wrong)))).toEqual({
        session,
        counter: 1,
        introduction: { type: 'unusable', attempt, kind },
      })
    }
  })

  it.each(introductions)('come back as they were: $introduction.type', (introduced) => {
    expect(decodeIntroduction(encodeIntroduction(introduced))).toEqual(introduced)
  })

  const hello = { v: 1, s: session, n: 1, type: 'hello' }
  const signal = { ...hello, type: 'signal', attempt }
  it.each([
    { ...hello, v: 2 },
    { ...hello, s: 'b2' },
    { ...hello, n: 0 },
    { ...hello, n: 1.5 },
    { ...hello, n: '1' },
    { ...hello, type: 'constructor' },
    { ...signal },
    { ...signal, attempt: 'c3', signal: { type: 'offer', sdp } },
    { ...signal, signal: { type: 'renegotiate', renegotiate: true } },
    { ...signal, signal: { type: 'candidate', candidate: 'text' } },
    { ...signal, signal: { type: 'candidate', candidate: { ...candidate, sdpMLineIndex: -1 } } },
    { ...signal, signal: { type: 'candidate', candidate: { ...candidate, sdpMid: 7 } } },
    { ...signal, signal: { type: 'candidate', candidate: { ...candidate, candidate: 'text' } } },
    { ...signal, signal: { type: 'candidate', candidate: { candidate: candidate.candidate } } },
    { ...hello, type: 'failed' },
    { ...hello, type: 'failed', attempt: 'c3' },
    { ...signal, signal: { type: 'offer', sdp: 'x'.repeat(MAX_INTRODUCTION_BYTES) } },
    null,
    [],
  ])('are nothing when they are %j', (wrong) => {
    expect(decodeIntroduction(utf8(JSON.stringify(wrong)))).toBeUndefined()
  })

  it('are bound to who speaks to whom, and where', () => {
    const key = new Uint8Array(32)
    const contexts = [
      introductionContext(key, id, session),
      introductionContext(key, session, id),
      introductionContext(
        key.map(() => 1),
        id,
        session,
      ),
    ]
    expect(new Set(contexts.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(3)
  })
})

describe('signalling messages', () => {
  const sealed = Uint8Array.of(1, 2, 3)
  const there: ToSignalling[] = [
    { type: 'join', room: 'ab'.repeat(32), id },
    { type: 'send', to: id, sealed },
  ]
  const back: FromSignalling[] = [
    { type: 'joined', members: [id] },
    { type: 'refused', reason: 'full' },
    { type: 'came', id },
    { type: 'went', id },
    { type: 'message', from: id, sealed },
    { type: 'beat' },
  ]
  it('come back as they were', () => {
    for (const message of there) expect(decodeToSignalling(encodeSignalling(message))).toEqual(message)
    for (const message of back) expect(decodeFromSignalling(encodeSignalling(message))).toEqual(message)
  })

  it('are nothing when a room has too many members', () => {
    const members = Array.from({ length: MAX_SIGNALLING_ROOM_MEMBERS }, () => id)
    expect(decodeFromSignalling(encodeSignalling({ type: 'joined', members }))).toBeUndefined()
  })
})

const rights = [
  ...introductions.map(encodeIntroduction),
  encodeSignalling({ type: 'send', to: id, sealed: new Uint8Array(9) }),
]
it('never throw, whatever comes', () => {
  const hostile = fc.oneof(noise, ...rights.map((right) => damaged(right)))
  fc.assert(
    fc.property(hostile, (bytes) => {
      decodeIntroduction(bytes)
      decodeToSignalling(bytes)
      decodeFromSignalling(bytes)
    }),
    fuzz,
  )
})
