import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Database } from '../adapters/database/database.js'
import type { JsonValue, Message } from '../api.js'
import type { PromptInput } from '../machines/prompt.js'
import type { ControlMessage, LegacyRequest } from '../protocol/control-message.js'
import { RELAY } from '../protocol/extensions.js'
import { isJsonObject, ownField, parseJson } from '../protocol/json.js'
import {
  FRAME_BURST,
  FRAMES_PER_SECOND,
  MAX_FRAME_BYTES,
  RELAY_FRAME_FACTOR,
  RELAY_HINT_BURST,
  RELAY_HINTS_PER_SECOND,
  REQUEST_BURST_PER_TARGET,
  REQUEST_INTERVAL_PER_TARGET_MS,
} from '../protocol/limits.js'
import { decodePlaintext } from '../protocol/plaintext.js'
import { createTokenBucket, type TokenBucket } from '../protocol/rate-limit.js'
import { targetFault } from '../protocol/target-key.js'
import type { Codec } from './codec.js'
import type { Link } from './link.js'
import type { PresenceKeeper } from './presence.js'
import { fingerprint, type MessageTrace, type Traces } from './tracing.js'

/** What control messages say, for the machine. */
export interface ChannelListener {
  /** A device that may not have heard this node's question yet. */
  peerAppeared(): void
  /** About this node's own request. `by` is a writer's key. */
  acknowledged(by: string): void
  approved(by: string): void
  declined(by: string): void
  /** Whether a person has said no to it already. */
  wasDeclined(requestId: string): boolean
  /** Of others. `false` when there is no room for it now: it may come again. */
  requested(request: PromptInput): boolean
  cancelled(requestId: string, target: string): void
  declinedElsewhere(requestId: string): void
}

export interface InboxOptions {
  readonly codec: Codec
  readonly crypto: Crypto
  readonly database: Database
  readonly hyphalink: string
  readonly isAdmitted: (writer: string) => boolean
  readonly now: () => number
  readonly wordsFor: (requestId: string, target: string) => readonly string[]
  readonly acknowledge: (requestId: string, target: string) => void
  readonly decline: (requestId: string, target: string) => void
  /** For inspectors. */
  readonly traces?: Traces
  readonly onMessage: (message: Message) => void
  readonly presence?: Pick<PresenceKeeper, 'heard' | 'relays'>
  readonly onMisbehaviour: (link: Link, reason: string) => void
}

/** Answers that can't be believed yet because the writers' list has not arrived. */
const MAX_HELD_ANSWERS = 16
/** Targets whose rate is remembered; one more forgets the one asked for longest ago. */
const MAX_TARGET_BUCKETS = 1_000
/** What does not count as misbehaving: clocks and roads do it, and nodes that know of more than this one. */
const INNOCENT = new Set(['expired', 'from-the-future', 'unknown-kind'])

interface LinkState {
  bucket: TokenBucket
  /** Of hints: each makes an asker ask again, on all its links. */
  hints: TokenBucket
  /** Undefined until it says that it is a relay. */
  others: number | undefined
  isReported: boolean
}

type Answer = Extract<ControlMessage, { kind: 'decision' | 'acknowledgement' }>

/** What arrives on the ephemeral channel: limits first, then the seal, then what it says and whether it is to be believed. */
export const createInbox = (options: InboxOptions) => {
  const { codec, crypto, database, hyphalink, isAdmitted, now, traces } = options
  const states = new WeakMap<Link, LinkState>()
  const targets = new Map<string, TokenBucket>()
  const held: Answer[] = []
  let listener: ChannelListener | undefined
  let ownRequest: string | undefined

  const stateOf = (link: Link): LinkState => {
    let state = states.get(link)
    if (!state) {
      state = {
        bucket: createTokenBucket({ rate: FRAMES_PER_SECOND, burst: FRAME_BURST }),
        hints: createTokenBucket({ rate: RELAY_HINTS_PER_SECOND, burst: RELAY_HINT_BURST }),
        others: undefined,
        isReported: false,
      }
      states.set(link, state)
    }
    return state
  }

  const trace = (
    what: MessageTrace['what'],
    link: Link,
    frame: Uint8Array,
    { kind, request }: { kind?: string; request?: string } = {},
  ) =>
    traces?.tell?.({
      what,
      linkId: link.id,
      frame: fingerprint(crypto.hash, frame.subarray(0, MAX_FRAME_BYTES)),
      bytes: frame.length,
      kind: kind === 'refused' ? undefined : kind,
      request,
    })

  const refuse = (link: Link, reason: string) => {
    link.counters.messagesRefused++
    const state = stateOf(link)
    if (state.isReported || INNOCENT.has(reason)) return
    state.isReported = true
    options.onMisbehaviour(link, reason)
  }

  /** An always-on node says how many others are there. A hint: it makes the asker ask again, and may bring more frames. */
  const heedRelay = (link: Link, bytes: Uint8Array) => {
    const hint = parseJson(bytes, { maxBytes: 64 })
    const others = isJsonObject(hint) ? ownField(hint, 'peers') : undefined
    if (typeof others !== 'number' || !Number.isSafeInteger(others) || others < 0)
      return refuse(link, 'malformed')
    const state = stateOf(link)
    // Once a link: a new bucket is a full one.
    if (state.others === undefined) {
      state.bucket = createTokenBucket({
        rate: FRAMES_PER_SECOND * RELAY_FRAME_FACTOR,
        burst: FRAME_BURST * RELAY_FRAME_FACTOR,
      })
    }
    // As many as before is said when one has left and another one has come.
    const grew = others > 0 && others >= (state.others ?? 0)
    state.others = others
    options.presence?.relays(link, others)
    if (grew && state.hints.take(now())) listener?.peerAppeared()
  }

  /** Anybody can send a 2019 request for any key: those must not use up what the key's owner may send. */
  const isWithinTargetRate = (kind: string, target: string): boolean => {
    const key = `${kind}:${target}`
    const bucket =
      targets.get(key) ??
      createTokenBucket({ rate: 1_000 / REQUEST_INTERVAL_PER_TARGET_MS, burst: REQUEST_BURST_PER_TARGET })
    targets.delete(key)
    targets.set(key, bucket)
    const [oldest] = targets.keys()
    if (targets.size > MAX_TARGET_BUCKETS && oldest !== undefined) targets.delete(oldest)
    return bucket.take(now())
  }

  const takeRequest = (
    link: Link,
    message: LegacyRequest | Extract<ControlMessage, { kind: 'request' }>,
    frame: Uint8Array,
  ) => {
    const { target, request, nodeName, seenKey } = message
    const fault = targetFault(target, {
      hyphalink,
      ownWriter: database.localWriter,
      isPublicKey: crypto.isPublicKey,
      isAuthorised: isAdmitted,
    })
    // One's own request comes back by another road, and one that was answered lingers: neither is an attack.
    const isInnocent = fault === 'own-key' || fault === 'already-authorised'
    const isTooOften = !fault && !isWithinTargetRate(message.kind, target)
    trace((fault && !isInnocent) || isTooOften ? 'refused' : 'received', link, frame, message)
    if (isInnocent) return
    if (fault) return refuse(link, fault)
    if (isTooOften) {
      // An honest node repeats itself, and is heard when there is time again.
      link.gate?.forget(seenKey)
      return refuse(link, 'too-many-requests')
    }
    const legacy = message.kind === 'legacy-request'
    const isShown = listener?.requested({
      id: request,
      nodeName,
      writerKey: target,
      receivedAt: now(),
      words: options.wordsFor(request, target),
      legacy,
    })
    // A request that found no room may come again.
    if (!isShown) return link.gate?.forget(seenKey)
    if (!legacy && isAdmitted(database.localWriter)) options.acknowledge(request, target)
  }

  /** The person has said no, and is not asked again. */
  const sayAgain = ({ request, target }: Extract<ControlMessage, { kind: 'request' }>) => {
    // By the question: whoever asks it may make up targets, and each answer goes out on all links.
    if (isAdmitted(database.localWriter) && isWithinTargetRate('declined', request))
      options.decline(request, target)
  }

  /** False when it is by one whom the database does not list as a writer, yet. */
  const takeAnswer = (answer: Answer): boolean => {
    const { sender, target, request } = answer
    if (!isAdmitted(sender)) return false
    const isMine = target === database.localWriter && request === ownRequest
    if (answer.kind === 'acknowledgement') {
      if (isMine) listener?.acknowledged(sender)
    } else if (isMine) {
      if (answer.outcome === 'authorised') listener?.approved(sender)
      else listener?.declined(sender)
    } else if (answer.outcome === 'declined') {
      listener?.declinedElsewhere(request)
    }
    return true
  }

  const take = (link: Link, message: ControlMessage | LegacyRequest, frame: Uint8Array) => {
    if (message.kind === 'request' || message.kind === 'legacy-request')
      return takeRequest(link, message, frame)
    trace('received', link, frame, message)
    switch (message.kind) {
      case 'cancel':
        listener?.cancelled(message.request, message.target)
        return
      default:
        if (takeAnswer(message)) return
        held.push(message)
        if (held.length > MAX_HELD_ANSWERS) held.shift()
    }
  }

  const open = (link: Link, frame: Uint8Array) => {
    const plaintext = codec.open(frame)
    if (!plaintext) {
      trace('refused', link, frame)
      return refuse(link, 'unsealed')
    }
    const message = decodePlaintext(plaintext, {
      hyphalink,
      now: now(),
      verify: crypto.verify,
      hash: crypto.hash,
    })
    if (message.kind === 'refused') {
      trace('refused', link, frame)
      return refuse(link, message.reason)
    }
    if (message.kind === 'presence') {
      link.counters.messagesReceived++
      // Whoever has the channel's key can make up keys that are there.
      const isHeard = isWithinTargetRate('presence', message.sender)
      trace(isHeard ? 'received' : 'refused', link, frame, { kind: 'presence' })
      if (isHeard) options.presence?.heard(link, message)
      return
    }
    // Seen or not: it would not come again if its answer had arrived.
    if (message.kind === 'request' && listener?.wasDeclined(message.request)) {
      trace('received', link, frame, message)
      return sayAgain(message)
    }
    if (!link.gate?.admit(message.seenKey)) return trace('duplicate', link, frame, message)
    link.counters.messagesReceived++
    if (message.kind !== 'app') return take(link, message, frame)
    trace('received', link, frame, { kind: 'app' })
    const { from, to, app } = message
    if (from === database.localWriter || (to !== undefined && to !== database.localWriter)) return
    options.onMessage({ from, message: app as JsonValue, direct: to !== undefined })
  }

  return {
    joined: (link: Link) => {
      if (link.replication?.supports(codec.extension)) listener?.peerAppeared()
    },

    receive: (link: Link, extension: string, bytes: Uint8Array) => {
      const isTooLarge = bytes.length > MAX_FRAME_BYTES
      if (isTooLarge || !stateOf(link).bucket.take(now())) {
        if (extension === codec.extension) trace('refused', link, bytes)
        return refuse(link, isTooLarge ? 'too-large' : 'too-many-frames')
      }
      if (extension === RELAY) heedRelay(link, bytes)
      else if (extension === codec.extension) open(link, bytes)
    },

    listen: (next: ChannelListener) => {
      listener = next
      return () => {
        if (listener === next) listener = undefined
      }
    },

    /** The request whose answers count, or none. */
    expectAnswer: (requestId: string | undefined) => {
      ownRequest = requestId
    },

    reconsider: () => {
      for (const answer of held.splice(0)) {
        if (now() < answer.expiresAt && !takeAnswer(answer)) held.push(answer)
      }
    },
  }
}
