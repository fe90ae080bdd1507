/**
 * What WebRTC is told of the other end. Implementations are native code, and take much more than a data channel needs: what
 * goes through is chosen by what it may be, rather than by what it may not.
 */

const NUMBER = '\\d{1,10}'
const LARGE_NUMBER = '\\d{1,20}'
const HOST = '[\\w.:-]{1,255}'
const TOKEN = '[\\w+/.:-]{1,256}'

const line = (pattern: string) => new RegExp(`^${pattern}$`)

/** The one media section: a data channel's, as it is written today and as it was before. */
const MEDIA = line(`m=application \\d{1,5} (?:(?:UDP|TCP)/)?DTLS/SCTP (?:webrtc-datachannel|\\d{1,5})`)

/** Before the media section, or in it. */
type Level = 'session' | 'media'

interface Rule {
  readonly pattern: RegExp
  readonly levels: readonly Level[]
  /** Whether several of them, with different contents, are as good as one. */
  readonly many?: true
}

const session = (pattern: string): Rule => ({ pattern: line(pattern), levels: ['session'] })
const media = (pattern: string): Rule => ({ pattern: line(pattern), levels: ['media'] })
/** The session's holds for its sections, and a section's own goes before it: both may be there, and may differ. */
const both = (pattern: string): Rule => ({ pattern: line(pattern), levels: ['session', 'media'] })

/** All other lines that mean something to a data channel, and where they do. */
const RULES: readonly Rule[] = [
  session('v=0'),
  session(`o=${TOKEN} ${LARGE_NUMBER} ${LARGE_NUMBER} IN IP[46] ${HOST}`),
  session('s=[\\w. -]{1,64}'),
  session('t=0 0'),
  session('a=group:BUNDLE [\\w-]{1,16}'),
  session('a=msid-semantic: ?WMS(?: \\*)?'),
  session('a=ice-lite'),
  both(`c=IN IP[46] ${HOST}`),
  both(`b=AS:${NUMBER}`),
  both('a=extmap-allow-mixed'),
  both('a=ice-ufrag:[\\w+/]{4,256}'),
  both('a=ice-pwd:[\\w+/]{22,256}'),
  both('a=ice-options:[\\w+/, -]{1,64}'),
  { ...both('a=fingerprint:sha-\\d{1,3} [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){15,63}'), many: true },
  both('a=setup:(?:actpass|active|passive)'),
  both('a=(?:sendrecv|sendonly|recvonly|inactive)'),
  both('a=end-of-candidates'),
  media('a=mid:[\\w-]{1,16}'),
  media(`a=sctp-port:\\d{1,5}`),
  media(`a=sctpmap:\\d{1,5} webrtc-datachannel ${NUMBER}`),
  media(`a=max-message-size:${NUMBER}`),
]

const CANDIDATE = line(
  `candidate:[\\w+/]{1,32} \\d{1,3} (?:udp|tcp) ${NUMBER} ${HOST} \\d{1,5} typ (?:host|srflx|prflx|relay)(?: ${TOKEN}){0,32}`,
)
const isCandidate = (text: string): boolean => CANDIDATE.test(text.toLowerCase())

/** The lines of one level that mean something there; undefined where two contradict each other: nobody can say which holds. */
const readLevel = (level: Level, given: readonly string[]): string[] | undefined => {
  const taken = new Map<Rule, string>()
  const kept: string[] = []
  for (const text of given) {
    if (level === 'media' && text.startsWith('a=') && isCandidate(text.slice(2))) {
      kept.push(text)
      continue
    }
    const rule = RULES.find(({ pattern, levels }) => levels.includes(level) && pattern.test(text))
    if (!rule) continue
    const before = taken.get(rule)
    // Said twice is said once.
    if (before === text) continue
    if (before !== undefined && !rule.many) return undefined
    taken.set(rule, text)
    kept.push(text)
  }
  return kept
}

/** The description with the lines that a data channel needs; undefined for one of anything else. */
export const readSessionDescription = (sdp: string): string | undefined => {
  const given = sdp.split(/\r?\n/)
  const start = given.findIndex((text) => text.startsWith('m='))
  const [section = '', ...rest] = given.slice(Math.max(start, 0))
  // A second section, of whatever kind, would leave its lines to the first.
  if (!MEDIA.test(section) || rest.some((text) => text.startsWith('m='))) return undefined
  const ofSession = readLevel('session', given.slice(0, start))
  const ofMedia = readLevel('media', rest)
  return ofSession && ofMedia && `${[...ofSession, section, ...ofMedia].join('\r\n')}\r\n`
}

/** An address to try, or the empty one by which some say that there are no more; undefined for what is none. */
export const readCandidate = (text: string): string | undefined =>
  text === '' || isCandidate(text.replace(/^a=/, '')) ? text : undefined
