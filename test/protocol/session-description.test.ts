import { describe, expect, test } from 'vitest'
import { readCandidate, readSessionDescription } from '../../src/protocol/session-description.js'

const fingerprint = `sha-256 ${Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':')}`
const describeWith = (...lines: string[]) => `${lines.join('\r\n')}\r\n`

const chromium = [
  'v=0',
  'o=- 5481065643702231877 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=candidate:3077952869 1 udp 2122265343 fd00::2 49317 typ host generation 0 network-id 2',
  'a=ice-ufrag:cXnh',
  'a=ice-pwd:RgiJi1mRQ5xZyDVPTnEn1TpV',
  'a=ice-options:trickle',
  `a=fingerprint:${fingerprint}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
]
const firefox = [
  'v=0',
  'o=mozilla...THIS_IS_SDPARTA-99.0 8056237654321098765 0 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  `a=fingerprint:${fingerprint}`,
  'a=group:BUNDLE 0',
  'a=ice-options:trickle',
  'a=msid-semantic:WMS *',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=sendrecv',
  'a=ice-pwd:0123456789abcdef0123456789abcdef',
  'a=ice-ufrag:0a1b2c3d',
  'a=mid:0',
  'a=setup:active',
  'a=sctp-port:5000',
  'a=max-message-size:1073741823',
]

describe('a session description', () => {
  test.each([
    ['Chromium', chromium],
    ['Firefox', firefox],
  ])('of %s goes through as it is', (_, lines) => {
    expect(readSessionDescription(describeWith(...lines))).toBe(describeWith(...lines))
    expect(readSessionDescription(lines.join('\n'))).toBe(describeWith(...lines))
  })

  test('loses what means nothing to a data channel', () => {
    const more = [
      ...chromium,
      'a=something-new:1',
      'a=rtpmap:96 VP8/90000',
      `a=ice-pwd:${'9'.repeat(300)}`,
      '\0',
    ]
    expect(readSessionDescription(describeWith(...more))).toBe(describeWith(...chromium))
  })

  const changed = (from: string, to: string) => chromium.map((text) => text.replace(from, to))
  test.each([
    ['no section', chromium.filter((text) => !text.startsWith('m='))],
    ['two sections', [...chromium, 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel']],
    ['another section beside', [...chromium, 'm=audio 9 UDP/TLS/RTP/SAVPF 111']],
    ['a section of no known kind', changed('m=application', 'm=applicat-1on')],
    ['a section of endless numbers', changed('application 9', `application ${'9'.repeat(30)}`)],
    ['a line that is there twice', [...chromium, 'a=mid:1']],
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
