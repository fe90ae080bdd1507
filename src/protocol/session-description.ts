/**
 * What WebRTC is told of the other end, let through by what it may be rather than by what it may not: implementations are
 * native code, of which one ends the process for a media section that it doesn't know.
 */

const NUMBER = '\\d{1,10}'
const LARGE_NUMBER = '\\d{1,20}'
const HOST = '[\\w.:-]{1,255}'
const TOKEN = '[\\w+/.:-]{1,256}'

const line = (pattern: string) => new RegExp(`^${pattern}$`)

/** The one media section: a data channel's, as it is written today and as it was before. */
const MEDIA = line(`m=application \\d{1,5} (?:(?:UDP|TCP)/)?DTLS/SCTP (?:webrtc-datachannel|\\d{1,5})`)

/** All other lines that mean something to a data channel. */
const LINES = [
  'v=0',
  `o=${TOKEN} ${LARGE_NUMBER} ${LARGE_NUMBER} IN IP[46] ${HOST}`,
  's=[\\w.-]{1,64}',
  't=0 0',
  `c=IN IP[46] ${HOST}`,
  `b=AS:${NUMBER}`,
  'a=group:BUNDLE [\\w-]{1,16}',
  'a=mid:[\\w-]{1,16}',
  'a=extmap-allow-mixed',
  'a=msid-semantic: ?WMS(?: \\*)?',
  'a=ice-ufrag:[\\w+/]{4,256}',
  'a=ice-pwd:[\\w+/]{22,256}',
  'a=ice-options:[\\w+/ -]{1,64}',
  'a=ice-lite',
  'a=fingerprint:sha-\\d{1,3} [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){15,63}',
  'a=setup:(?:actpass|active|passive)',
  'a=(?:sendrecv|end-of-candidates)',
  `a=sctp-port:\\d{1,5}`,
  `a=sctpmap:\\d{1,5} webrtc-datachannel ${NUMBER}`,
  `a=max-message-size:${NUMBER}`,
].map(line)

const CANDIDATE = line(
  `candidate:[\\w+/]{1,32} \\d{1,3} (?:udp|tcp) ${NUMBER} ${HOST} \\d{1,5} typ (?:host|srflx|prflx|relay)(?: ${TOKEN}){0,32}`,
)
const isCandidate = (text: string): boolean => CANDIDATE.test(text.toLowerCase())

/** Each of these once at most: what a second one would mean nobody can say. */
const isRepeated = (lines: readonly string[]): boolean => {
  const names = lines
    .filter((text) => !/^(?:a=candidate|a=fingerprint|c=|b=)/.test(text))
    .map((text) => /^[a-z]=(?:[\w-]+(?=:|$))?/.exec(text)?.[0])
  return new Set(names).size < names.length
}

/** The description with the lines that a data channel needs; undefined for one of anything else. */
export const readSessionDescription = (sdp: string): string | undefined => {
  const given = sdp.split(/\r?\n/)
  // A second section, of whatever kind, would leave its lines to the first.
  const sections = given.filter((text) => text.startsWith('m='))
  if (sections.length !== 1 || !sections.every((text) => MEDIA.test(text))) return undefined
  const lines = given.filter(
    (text) =>
      MEDIA.test(text) ||
      LINES.some((known) => known.test(text)) ||
      (text.startsWith('a=') && isCandidate(text.slice(2))),
  )
  return isRepeated(lines) ? undefined : `${lines.join('\r\n')}\r\n`
}

/** An address to try, or the empty one by which some say that there are no more; undefined for what is none. */
export const readCandidate = (text: string): string | undefined =>
  text === '' || isCandidate(text.replace(/^a=/, '')) ? text : undefined
