import { describe, expect, test } from 'vitest'
import { readCandidate, readSessionDescription } from '../../src/protocol/session-description.js'
import { localDescriptions } from './local-descriptions.js'

const fingerprint = `sha-256 ${Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':')}`
const describeWith = (...lines: string[]) => `${lines.join('\r\n')}\r\n`

const offer = [
  'v=0',
  'o=- 5481065643702231877 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=candidate:3077952869 1 udp 2122265343 2001:db8::2 49317 typ host generation 0 network-id 2',
  'a=ice-ufrag:cXnh',
  'a=ice-pwd:RgiJi1mRQ5xZyDVPTnEn1TpV',
  'a=ice-options:trickle',
  `a=fingerprint:${fingerprint}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
]
/** What says the same in both places. */
const IN_BOTH = ['a=extmap-allow-mixed', 'a=sendrecv', 'a=end-of-candidates', 'b=AS:30']
const SECTION = offer.findIndex((text) => text.startsWith('m='))
const withSession = (...lines: string[]) => [...offer.slice(0, SECTION), ...lines, ...offer.slice(SECTION)]
const withMedia = (...lines: string[]) => [...offer, ...lines]

describe('a session description', () => {
  test.each(Object.entries(localDescriptions))('goes through whole: %s', (_, text) => {
    const lines = text.trim().split('\n')
    expect(readSessionDescription(describeWith(...lines))).toBe(describeWith(...lines))
    expect(readSessionDescription(lines.join('\n'))).toBe(describeWith(...lines))
  })

  test.each([
    'a=extmap-allow-mixed',
    'a=ice-ufrag:other',
    'a=ice-pwd:another+of+its+own+22c',
    'a=ice-options:ice2 trickle',
    `a=fingerprint:${fingerprint.replace('00', 'FF')}`,
    'a=setup:active',
    'a=sendrecv',
    'a=inactive',
    'a=end-of-candidates',
    'c=IN IP6 ::',
    'b=AS:30',
  ])('may say for all what its section says otherwise: %s', (text) => {
    const plain = withSession().filter((other) => other !== 'a=extmap-allow-mixed')
    const lines = [...plain.slice(0, 5), text, ...plain.slice(5), ...(IN_BOTH.includes(text) ? [text] : [])]
    expect(readSessionDescription(describeWith(...lines))).toBe(describeWith(...lines))
  })

  test('that says a thing twice says it once', () => {
    const twice = offer.flatMap((text) => (text.startsWith('m=') ? [text] : [text, text]))
    const candidates = offer.filter((text) => text.startsWith('a=candidate'))
    const read = readSessionDescription(describeWith(...twice))
      ?.trim()
      .split('\r\n')
    expect(read?.filter((text) => !candidates.includes(text))).toEqual(
      offer.filter((text) => !candidates.includes(text)),
    )
  })

  test('may have fingerprints of several kinds', () => {
    const lines = withMedia(`a=fingerprint:sha-512 ${new Array(64).fill('AB').join(':')}`)
    expect(readSessionDescription(describeWith(...lines))).toBe(describeWith(...lines))
  })

  test('loses what means nothing to a data channel, or not where it stands', () => {
    const more = withMedia(
      'a=something-new:1',
      'a=rtpmap:96 VP8/90000',
      `a=ice-pwd:${'9'.repeat(300)}`,
      'a=ice-lite',
      'a=group:BUNDLE 1',
      's=another',
      '\0',
    )
    more.splice(SECTION, 0, 'a=mid:9', 'a=sctp-port:9', 'a=candidate:1 1 udp 1 127.0.0.1 1 typ host')
    expect(readSessionDescription(describeWith(...more))).toBe(describeWith(...offer))
  })

  const changed = (from: string, to: string) => offer.map((text) => text.replace(from, to))
  test.each([
    ['no section', offer.filter((text) => !text.startsWith('m='))],
    ['two sections', withMedia('m=application 9 UDP/DTLS/SCTP webrtc-datachannel')],
    ['another section beside', withMedia('m=audio 9 UDP/TLS/RTP/SAVPF 111')],
    ['another section before', withSession('m=video 9 UDP/TLS/RTP/SAVPF 96')],
    ['a section of another kind', changed('m=application 9 UDP/DTLS/SCTP', 'm=audio 9 UDP/TLS/RTP/SAVPF')],
    ['a section of endless numbers', changed('application 9', `application ${'9'.repeat(30)}`)],
    ['two sections’ names', withMedia('a=mid:1')],
    ['two ports', withMedia('a=sctp-port:5001')],
    ['two passwords in one place', withMedia('a=ice-pwd:0123456789abcdef0123456789')],
    ['two roles in one place', withMedia('a=setup:passive')],
    ['two directions in one place', withMedia('a=sendrecv', 'a=inactive')],
    ['two groups', withSession('a=group:BUNDLE 1')],
    ['two sessions', withSession('o=- 2 2 IN IP4 127.0.0.1')],
    ['nothing', []],
  ])('of %s is none', (_, lines) => {
    expect(readSessionDescription(describeWith(...lines))).toBeUndefined()
  })
})

describe('a candidate', () => {
  test.each([
    '',
    'candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag cXnh network-cost 999',
    'candidate:1 1 UDP 2122252543 5f0e1c1c-7a3b-4a0e-9c55-0d1f0a3f2c11.local 55555 typ host',
    'candidate:2 1 TCP 2105524479 fd00::1 9 typ host tcptype active',
    'candidate:3 1 udp 41885439 2001:db8::1 50000 typ relay raddr :: rport 0',
  ])('is one: %s', (text) => {
    expect(readCandidate(text)).toBe(text)
  })

  test.each([
    'x',
    '\0',
    'candidate:1 1 tcp 99999999999 ::1 70000 typ relay raddr x',
    'candidate:1 1 udp 1 host name 1 typ host',
    `candidate:1 1 udp 1 127.0.0.1 1 typ host ${'x '.repeat(50)}`,
    'candidate:1 1 udp 1 127.0.0.1 1 typ host\r\na=mid:0',
  ])('is none: %j', (text) => {
    expect(readCandidate(text)).toBeUndefined()
  })
})
