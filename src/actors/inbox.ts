import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Database } from '../adapters/database/database.js'
import type { JsonValue, Message } from '../api.js'
import type { PromptInput } from '../machines/prompt.js'
import type { ControlMessage, LegacyRequest } from '../protocol/control-message.js'
import { HyphaError } from '../protocol/errors.js'
import { PACK, RELAY } from '../protocol/extensions.js'
import {
  MAX_FRAME_BYTES,
  REQUEST_BURST_PER_TARGET,
  REQUEST_INTERVAL_PER_TARGET_MS,
  REQUEST_LIFETIME_MS,
} from '../protocol/limits.js'
import { type MessagePack, packSeenKey } from '../protocol/message-pack.js'
import { decodePlaintext } from '../protocol/plaintext.js'
import { createTokenBucket, type TokenBucket } from '../protocol/rate-limit.js'
import { createSeenSet } from '../protocol/seen-set.js'
import { targetFault } from '../protocol/target-key.js'
import type { Clocks } from './clocks.js'
import type { Codec } from './codec.js'
import type { Heard } from './heard.js'
import type { Link } from './link.js'
import { createLinkStates, type LinkStateOptions } from './link-states.js'
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
  /** Of others. `false` when it is not shown, now: it may come again. @param link that brought it */
  requested(request: PromptInput, link: Link): boolean
  /** Whether that question was here. */
  cancelled(requestId: string, target: string): boolean
  /** Whether its asker has taken it back. */
  wasTakenBack(requestId: string, target: string): boolean
  /** A link has ended. */
  left(link: Link): void
  declinedElsewhere(requestId: string): void
}

export interface InboxOptions extends LinkStateOptions {
  readonly codec: Codec
  readonly crypto: Crypto
  readonly database: Database
  readonly hyphalink: string
  readonly isAdmitted: (writer: string) => boolean
  readonly now: () => number
  readonly heard?: Pick<Heard, 'pass'>
  readonly clocks: Pick<Clocks, 'offsetOf' | 'doubt' | 'heard'>
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

/** Cancels whose question has not come; one more forgets the oldest. */
const MAX_OVERTAKING_CANCELS = 256

type Cancel = Extract<ControlMessage, { kind: 'cancel' }>
type Answer = Extract<ControlMessage, { kind: 'decision' | 'acknowledgement' }>

/** What arrives on the ephemeral channel: limits first, then the seal, then what it says and whether it is to be believed. */
export const createInbox = (options: InboxOptions) => {
  const { clocks, codec, crypto, database, hyphalink, isAdmitted, now, traces } = options
  const { stateOf, heed } = createLinkStates(options)
  const targets = new Map<string, TokenBucket>()
  const held: { readonly answer: Answer; readonly heardAt: number }[] = []
  const overtaking = createSeenSet({ max: MAX_OVERTAKING_CANCELS, ttl: REQUEST_LIFETIME_MS })
  let listener: ChannelListener | undefined
  let ownRequest: string | undefined

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
    // What a relay passes on is others' doing, and it cuts them by itself.
    if (reason === 'unsealed' && state.others === undefined && !state.noise.take(now()))
      link.connection.stream.destroy(
        new HyphaError('PEER_MISBEHAVED', 'A peer sent noise on and on, and was disconnected.'),
      )
    if (state.isReported || INNOCENT.has(reason)) return
    state.isReported = true
    options.onMisbehaviour(link, reason)
  }

  const heedRelay = (link: Link, bytes: Uint8Array) => {
    const heard = heed(link, bytes)
    if (heard === 'malformed') refuse(link, heard)
    else if (heard === 'more') listener?.peerAppeared()
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
    const isShown = listener?.requested(
      {
        id: request,
        nodeName,
        writerKey: target,
        receivedAt: now(),
        words: options.wordsFor(request, target),
        legacy,
      },
      link,
    )
    // A request that found no room may come again.
    if (!isShown) return link.gate?.forget(seenKey)
    if (!legacy) acknowledge(request, target)
  }

  const acknowledge = (request: string, target: string) => {
    if (isAdmitted(database.localWriter)) options.acknowledge(request, target)
  }

  /** The person has said no, and is not asked again. */
  const sayAgain = ({ request, target }: Extract<ControlMessage, { kind: 'request' }>) => {
    // By the question: whoever asks it may make up targets, and each answer goes out on all links.
    if (isAdmitted(database.localWriter) && isWithinTargetRate('declined', request))
      options.decline(request, target)
  }

  const concernsMe = ({ target, request }: Answer): boolean =>
    target === database.localWriter && request === ownRequest

  /** False when it is by one whom the database does not list as a writer, yet. */
  const takeAnswer = (answer: Answer): boolean => {
    const { sender, request } = answer
    if (!isAdmitted(sender)) return false
    const isMine = concernsMe(answer)
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

  /**
   * An answer or a cancel. It changes nothing when it comes again, as it is about one question for ever; so what concerns nobody
   * here, or anything made up, is not remembered, and takes no room from what does.
   */
  const takeReply = (link: Link, message: Answer | Cancel, frame: Uint8Array) => {
    if (link.gate?.has(message.seenKey)) return trace('duplicate', link, frame, message)
    trace('received', link, frame, message)
    link.counters.messagesReceived++
    if (message.kind === 'cancel') {
      const isKnown = listener?.cancelled(message.request, message.target) === true
      // It may have overtaken its question, by another road.
      if (!isKnown) overtaking.add(`${message.target}:${message.request}`, now())
    } else if (isAdmitted(message.sender)) {
      takeAnswer(message)
      if (concernsMe(message)) link.gate?.admit(message.seenKey)
    } else if (concernsMe(message) || (message.kind === 'decision' && message.outcome === 'declined')) {
      held.push({ answer: message, heardAt: now() })
      if (held.length > MAX_HELD_ANSWERS) held.shift()
    }
  }

  const isTakenBack = ({ request, target }: { request: string; target: string }): boolean =>
    overtaking.has(`${target}:${request}`, now()) || listener?.wasTakenBack(request, target) === true

  const open = (link: Link, frame: Uint8Array) => {
    const plaintext = codec.open(frame)
    if (!plaintext) {
      trace('refused', link, frame)
      return refuse(link, 'unsealed')
    }
    const message = decodePlaintext(plaintext, {
      hyphalink,
      now: now(),
      offsetOf: clocks.offsetOf,
      verify: crypto.verify,
      hash: crypto.hash,
    })
    if (message.kind === 'refused') {
      const isSeen = 'seenKey' in message && message.seenKey !== undefined && link.gate?.has(message.seenKey)
      if ('sender' in message && !isSeen) {
        // The frame is a part of something larger.
        const copy = new Uint8Array(frame)
        clocks.doubt(link, message, copy.length, () => open(link, copy))
      }
      trace('refused', link, frame)
      return refuse(link, message.reason)
    }
    if (message.kind === 'clock') {
      trace('received', link, frame, { kind: 'clock' })
      return clocks.heard(link, message)
    }
    if (message.kind === 'presence') {
      link.counters.messagesReceived++
      // Whoever has the channel's key can make up keys that are there.
      const isHeard = isWithinTargetRate('presence', message.sender)
      trace(isHeard ? 'received' : 'refused', link, frame, { kind: 'presence' })
      if (isHeard) options.presence?.heard(link, message)
      return
    }
    if (message.kind === 'cancel' || message.kind === 'decision' || message.kind === 'acknowledgement')
      return takeReply(link, message, frame)
    if (message.kind === 'request' || message.kind === 'legacy-request') {
      // Seen or not: it would not come again if its answer had arrived.
      if (listener?.wasDeclined(message.request)) {
        trace('received', link, frame, message)
        return message.kind === 'request' ? sayAgain(message) : undefined
      }
      if (isTakenBack(message)) return trace('duplicate', link, frame, message)
    }
    // It came in a pack before, by another road.
    const isPacked = message.kind === 'app' && link.gate?.has(packSeenKey(message.from, message.id))
    if (isPacked || !link.gate?.admit(message.seenKey)) return trace('duplicate', link, frame, message)
    link.counters.messagesReceived++
    if (message.kind === 'pack') return unpack(link, message, frame)
    if (message.kind !== 'app') return takeRequest(link, message, frame)
    const isLater = pass(message.from, message.t, () => deliver(message.from, message))
    trace(isLater ? 'received' : 'duplicate', link, frame, { kind: 'app' })
  }

  const pass = (from: string, t: number, run: () => void): boolean => {
    if (options.heard) return options.heard.pass(from, t, run)
    run()
    return true
  }

  const deliver = (from: string, { app, to }: { app: unknown; to?: string }) => {
    if (from === database.localWriter || (to !== undefined && to !== database.localWriter)) return
    options.onMessage({ from, message: app as JsonValue, direct: to !== undefined })
  }

  const unpack = (link: Link, { from, t, messages }: MessagePack, frame: Uint8Array) => {
    // Without those that came alone before, by a road where some take no packs.
    const news = messages.filter(({ seenKey }) => !link.gate?.has(seenKey))
    const isLater = pass(from, t, () => {
      for (const message of news) deliver(from, message)
    })
    trace(isLater ? 'received' : 'duplicate', link, frame, { kind: 'app' })
  }

  return {
    joined: (link: Link) => {
      if (link.replication?.supports(codec.extension)) listener?.peerAppeared()
    },

    left: (link: Link) => {
      const { taking } = stateOf(link)
      taking.tell()
      taking.stop()
      listener?.left(link)
    },
    acknowledge,

    receive: (link: Link, extension: string, bytes: Uint8Array) => {
      const isPack = extension === PACK && codec.packs
      const { bucket, taking } = stateOf(link)
      if (isPack) taking.came(bytes.length)
      const isTooLarge = bytes.length > MAX_FRAME_BYTES
      if (isTooLarge || !bucket.take(now())) {
        if (isPack || extension === codec.extension) trace('refused', link, bytes)
        return refuse(link, isTooLarge ? 'too-large' : 'too-many-frames')
      }
      if (extension === RELAY) heedRelay(link, bytes)
      else if (isPack || extension === codec.extension) open(link, bytes)
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
      for (const { answer, heardAt } of held.splice(0)) {
        if (now() < heardAt + REQUEST_LIFETIME_MS && !takeAnswer(answer)) held.push({ answer, heardAt })
      }
    },
  }
}
