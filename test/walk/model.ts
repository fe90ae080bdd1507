/** What a person expects of their nodes, told by what they did and saw: small, and knows nothing of how it is done. */
import type { AuthorisationRequest, HyphaNode } from '../../src/index.js'

/** One write that a node was asked for. */
export interface Written {
  readonly key: string
  /** Unique among all writes; undefined for a deletion. */
  readonly value: string | undefined
  /** What its node had under the key right before: it takes the place of these. */
  readonly seen: readonly string[]
  readonly begun: number
  /** When it was acknowledged; undefined until then, and for ever for one that a crash overtook. */
  done: number | undefined
}

export interface Hypha {
  readonly hyphalink: string
  /** Undefined for one whose sign-up never told. */
  passphrase: string | undefined
  readonly domain: string
  /** The writer of the node where the person signed up. */
  founder: string | undefined
  /** Nodes, by name, that were its origin. */
  readonly origins: Set<string>
  /** Writers that a person said yes to. */
  readonly approved: Set<string>
  readonly writes: Written[]
}

interface Ask {
  readonly node: string
  readonly hyphalink: string
  readonly writerKey: string
  answer?: 'yes' | 'no'
}

/** A question that was shown, on one node. */
interface Shown {
  times: number
  /** The life of the node in which it was shown last. */
  life: number
  /** By the walk's clock. */
  at: number
  isAnswered: boolean
}

/** A prompt may go by itself after this: nobody answered, and the asker did not renew. */
const PROMPT_LIFETIME_MS = 12 * 60_000 - 1_000

export interface Observer {
  readonly name: string
  readonly life: number
}

export const createModel = (now: () => number) => {
  const hyphas = new Map<string, Hypha>()
  const asks = new Map<string, Ask>()
  const shown = new Map<string, Shown>()
  const messages = new Map<string, number>()
  const violations: string[] = []
  let serial = 0

  const violate = (text: string): void => {
    if (violations.length < 20 && !violations.includes(text)) violations.push(text)
  }

  const hyphaOf = (hyphalink: string, domain = ''): Hypha => {
    const known = hyphas.get(hyphalink)
    if (known) return known
    const hypha: Hypha = {
      hyphalink,
      passphrase: undefined,
      domain,
      founder: undefined,
      origins: new Set(),
      approved: new Set(),
      writes: [],
    }
    hyphas.set(hyphalink, hypha)
    return hypha
  }

  const mayBeWriter = (hypha: Hypha, key: string) => key === hypha.founder || hypha.approved.has(key)
  const short = (key: string | undefined) => key?.slice(0, 8) ?? 'none'

  /** Looks at a node, whenever it changed. */
  const look = (node: HyphaNode, { name }: Observer): void => {
    const { state, hyphalink, writerKey } = node
    if (!hyphalink || !writerKey || state === 'opening') return
    const hypha = hyphaOf(hyphalink)
    if (state === 'origin') {
      hypha.founder ??= writerKey
      hypha.origins.add(name)
      if (hypha.origins.size > 1) violate(`${[...hypha.origins]} are origins of one hypha`)
      if (hypha.founder !== writerKey)
        violate(`${name} is an origin that writes with another key than before`)
    }
    if (state === 'writer' && !mayBeWriter(hypha, writerKey))
      violate(`${name} became a writer and no person said yes to it`)
    if (hypha.founder) {
      for (const other of node.nodes())
        if (!mayBeWriter(hypha, other.writerKey))
          violate(`${name} counts ${short(other.writerKey)} as a writer, whom no person said yes to`)
    }
    const own = node.request()
    if (own && !asks.has(own.id)) asks.set(own.id, { node: name, hyphalink, writerKey })
    const requests = node.requests()
    if (requests.length > 0 && state !== 'origin' && state !== 'writer')
      violate(`${name} asks its person about others in the state ${state}`)
    if (new Set(requests.map((request) => request.writerKey)).size < requests.length)
      violate(`${name} shows two questions of one node`)
  }

  /** A question came up on a screen. */
  const asked = ({ id }: AuthorisationRequest, { name, life }: Observer): void => {
    const key = `${name} ${id}`
    const before = shown.get(key)
    if (!before) {
      shown.set(key, { times: 1, life, at: now(), isAnswered: false })
      return
    }
    const wasForgotten = life !== before.life || now() - before.at >= PROMPT_LIFETIME_MS
    if (before.isAnswered)
      violate(`${name} asks its person again about ${short(id)}, which they have answered`)
    else if (!wasForgotten) violate(`${name} asks its person twice about ${short(id)}`)
    before.times++
    before.life = life
    before.at = now()
  }

  /** A person is about to answer. */
  const answers = (request: AuthorisationRequest, hyphalink: string, answer: 'yes' | 'no'): void => {
    if (answer === 'yes') hyphaOf(hyphalink).approved.add(request.writerKey)
  }

  /** A person's answer was carried out. */
  const answered = (id: string, { name }: Observer, answer: 'yes' | 'no'): void => {
    const seen = shown.get(`${name} ${id}`)
    if (seen) seen.isAnswered = true
    const ask = asks.get(id)
    if (ask) ask.answer = answer
  }

  /** Questions must be of nodes that asked them. */
  const checkAsked = (request: AuthorisationRequest, { name }: Observer): void => {
    const ask = asks.get(request.id)
    if (!ask) violate(`${name} shows the question ${short(request.id)}, which no node asked`)
    else if (ask.writerKey !== request.writerKey)
      violate(`${name} shows the question ${short(request.id)} in another node’s name`)
  }

  const heard = (message: unknown, { name, life }: Observer): void => {
    const key = `${name} ${life} ${String(message)}`
    const times = (messages.get(key) ?? 0) + 1
    messages.set(key, times)
    if (times > 1) violate(`${name} heard the message ${String(message)} ${times} times`)
  }

  const begins = (
    hyphalink: string,
    { key, value, seen }: Pick<Written, 'key' | 'value' | 'seen'>,
  ): Written => {
    const written: Written = { key, value, seen, begun: ++serial, done: undefined }
    hyphaOf(hyphalink).writes.push(written)
    return written
  }
  const acknowledged = (written: Written): void => {
    written.done = ++serial
  }

  /**
   * What is wrong with a key's values, if something is: each acknowledged write must be there, or something that was not over
   * before it began; and what a write saw and replaced must not.
   */
  const faultOf = (hypha: Hypha, key: string, values: readonly string[]): string | undefined => {
    const writes = hypha.writes.filter((written) => written.key === key)
    const heads = writes.filter(({ value }) => value !== undefined && values.includes(value))
    const alien = values.find((value) => !writes.some((written) => written.value === value))
    if (alien !== undefined) return `${key} has the value ${alien}, which nobody wrote`
    const deletions = writes.filter(({ value }) => value === undefined)
    for (const written of writes) {
      if (written.done === undefined) continue
      const back = written.seen.find((value) => values.includes(value))
      if (back !== undefined) return `${key} is ${back}, which ${written.value ?? 'a deletion'} had replaced`
      // What a deletion did not see it leaves alone.
      if (written.value === undefined || heads.includes(written)) continue
      const isReplaced = [...heads, ...deletions].some((other) => (other.done ?? Infinity) > written.begun)
      if (!isReplaced)
        return `${key} was acknowledged as ${written.value}, and is ${values.join(', ') || 'gone'}`
    }
    return undefined
  }

  return {
    hyphas,
    asks,
    violations,
    violate,
    hyphaOf,
    mayBeWriter,
    look,
    asked,
    answers,
    answered,
    checkAsked,
    heard,
    begins,
    acknowledged,
    faultOf,
  }
}

export type Model = ReturnType<typeof createModel>
