import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Database } from '../adapters/database/database.js'
import type { Clock, Message } from '../api.js'
import { encodeMessageText, writeMessage } from '../protocol/app-message.js'
import { fromHex, toHex } from '../protocol/bytes.js'
import { type ControlBody, encodeControl } from '../protocol/control-message.js'
import { HyphaError } from '../protocol/errors.js'
import { REQUEST_LIFETIME_MS } from '../protocol/limits.js'
import { LOSS_REPORT_INTERVAL_MS } from '../protocol/message-limits.js'
import { encodePack, idInPack, type MessageText, PACK_ID_BYTES } from '../protocol/message-pack.js'
import { encodePresence, type PresenceRuns } from '../protocol/presence-message.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
import { wordsToCompare } from '../protocol/words-to-compare.js'
import { createClocks } from './clocks.js'
import type { Codec } from './codec.js'
import type { Heard } from './heard.js'
import { type ChannelListener, createInbox } from './inbox.js'
import type { Link } from './link.js'
import { createOutbox, type OutboxOptions, type Sending } from './outbox.js'
import type { PresenceKeeper } from './presence.js'
import { fingerprint, type Traces } from './tracing.js'

export interface ChannelOptions {
  readonly codec: Codec
  readonly crypto: Crypto
  readonly database: Database
  /** Whether the view counts a writer as admitted. */
  readonly isAdmitted: (writer: string) => boolean
  /** This node's own name. */
  readonly name: string
  readonly clock: Clock
  readonly words: readonly string[]
  readonly onMessage: (message: Message) => void
  /** For inspectors. */
  readonly traces?: Traces
  /** Hears what always-on nodes and others say of who is there. */
  readonly presence?: Pick<PresenceKeeper, 'heard' | 'left' | 'relays'>
  /** What was heard before a restart is not heard again. */
  readonly heard?: Pick<Heard, 'pass'>
  /** What a person calls a node that may write. */
  readonly nameOf: (writerKey: string) => string | undefined
  /** Messages were lost, or a clock is wrong. */
  readonly report: (error: HyphaError) => void
  /** A peer sent something that no honest one would; once a link. */
  readonly onMisbehaviour: (link: Link, reason: string) => void
}

/** The ephemeral channel of a node: what it says and hears on all its links, sealed for the person's nodes. */
export interface Channel {
  /** A link is ready to talk. Returns what ends that. */
  join(link: Link): () => void
  /** What a link brought. Never throws. */
  receive(link: Link, extension: string, bytes: Uint8Array): void
  /** Who hears of control messages: the node's machine. */
  listen(listener: ChannelListener): () => void
  /** Signs and sends a new message under a request's id. */
  sendRequest(requestId: string): void
  /** Sends the last one again: the same plaintext, a fresh nonce. */
  repeatRequest(): void
  sendCancel(requestId: string): void
  sendDecision(requestId: string, target: string, outcome: 'authorised' | 'declined'): void
  /** It waits its turn. @throws HyphaError MESSAGE_INVALID, MESSAGE_TOO_LARGE, MESSAGES_WAITING, WRITER_KEY_INVALID */
  sendMessage(message: unknown, to?: string): Sending
  /** Says to who is behind those links that this node is there, or leaves. `at`: milliseconds since 1970, later each time. */
  sendPresence(said: { here: boolean; at: number } & PresenceRuns, links: readonly Link[]): void
  /** The words that both screens show for a request. */
  wordsFor(requestId: string, target: string): readonly string[]
  /** Milliseconds since 1970, of the request under way. */
  readonly askedAt: number
  /** Tells an asker that its question is shown. */
  acknowledge(requestId: string, target: string): void
  /** Says what still can be said. */
  close(): void
  /** The view changed: who may write, and so whose answers count, may have too. */
  reconsider(): void
}

export const createChannel = (options: ChannelOptions): Channel => {
  const { clock, codec, crypto, database, name, traces, words } = options
  const now = () => clock.now()
  const time: Clock = {
    now,
    setTimeout: (run, delay) => clock.setTimeout(run, delay),
    clearTimeout: (timer) => clock.clearTimeout(timer),
  }
  const missedReports = createTokenBucket({ rate: 1_000 / LOSS_REPORT_INTERVAL_MS, burst: 1 })
  const hyphalink = toHex(database.hyphalink)
  const links = new Set<Link>()
  let lastRequest: Uint8Array | undefined
  let lastId: string | undefined
  let askedAt = 0

  const newId = () => toHex(crypto.randomBytes(16))

  const tellSent = (frame: Uint8Array, sent: number, kind: string, request?: string) =>
    traces?.tell?.({
      what: 'sent',
      frame: fingerprint(crypto.hash, frame),
      bytes: frame.length,
      kind,
      request,
      links: sent,
    })

  const send = (
    plaintext: Uint8Array,
    { kind, request, to = links }: { kind: string; request?: string | undefined; to?: Iterable<Link> },
  ): number => {
    const frame = codec.seal(plaintext)
    let sent = 0
    for (const link of to) {
      if (link.isRetired || !link.replication?.send(codec.extension, frame)) continue
      link.counters.messagesSent++
      sent++
    }
    tellSent(frame, sent, kind, request)
    return sent
  }

  const encode = (
    content:
      | { type: 'request'; name: string }
      | { type: 'decision'; outcome: 'authorised' | 'declined' }
      | { type: 'acknowledgement' | 'cancel' }
      | { type: 'clock'; answers: boolean },
    request: string,
    target: string,
  ): Uint8Array => {
    const body = {
      ...content,
      db: hyphalink,
      request,
      message: newId(),
      sender: database.localWriter,
      target,
      issued: now(),
      lifetime: REQUEST_LIFETIME_MS,
    } as ControlBody
    return encodeControl(body, (bytes) => database.sign(bytes))
  }

  const wordsFor = (requestId: string, target: string): readonly string[] => {
    const id = fromHex(requestId, 16)
    const key = fromHex(target, 32)
    return id && key
      ? wordsToCompare({ hyphalink: database.hyphalink, id, target: key }, words, crypto.hash)
      : []
  }

  const sealMessages: OutboxOptions['seal'] = (messages, kinds) => {
    const id = toHex(crypto.randomBytes(PACK_ID_BYTES))
    const from = database.localWriter
    const t = now()
    const single = ({ text, to }: MessageText, place: number) =>
      codec.seal(encodeMessageText(text, { id: idInPack(id, place), from, t, ...(to ? { to } : {}) }))
    return {
      ...(kinds.pack ? { pack: codec.seal(encodePack(messages, { id, from, t })) } : {}),
      singles: kinds.singles ? messages.map(single) : [],
    }
  }
  const outbox = createOutbox({
    extension: codec.extension,
    packs: codec.packs,
    ...time,
    seal: sealMessages,
    onSent: (frames, sent) => {
      if (traces?.tell) for (const frame of frames) tellSent(frame, sent, 'app')
    },
    onLost: options.report,
  })

  const clocks = createClocks({
    clock: time,
    localWriter: database.localWriter,
    randomBytes: crypto.randomBytes,
    say: (link, { target, token, answers }) =>
      send(encode({ type: 'clock', answers }, token, target), { kind: 'clock', to: [link] }),
    nameOf: options.nameOf,
    report: options.report,
  })
  const inbox = createInbox({
    ...options,
    now,
    clocks,
    clock: time,
    outbox,
    onMissed: ({ connection: { address } }, frames) => {
      if (!missedReports.take(now())) return
      const what = frames === 1 ? 'a frame' : `${frames} frames`
      options.report(
        new HyphaError(
          'MESSAGES_LOST',
          `The always-on node at ${address} dropped ${what} of messages for this device, which took them too slowly. What matters belongs in an entry.`,
        ),
      )
    },
    hyphalink,
    wordsFor,
    acknowledge: (request, target) =>
      send(encode({ type: 'acknowledgement' }, request, target), { kind: 'acknowledgement', request }),
    decline: (request, target) =>
      send(encode({ type: 'decision', outcome: 'declined' }, request, target), { kind: 'decision', request }),
  })

  return {
    join: (link) => {
      links.add(link)
      outbox.joined(link)
      inbox.joined(link)
      return () => {
        links.delete(link)
        inbox.left(link)
        outbox.left(link)
        options.presence?.left(link)
      }
    },
    receive: inbox.receive,
    listen: inbox.listen,
    reconsider: inbox.reconsider,
    acknowledge: inbox.acknowledge,
    sendRequest: (requestId) => {
      // Renewing keeps the id, and the moment that the person asked.
      if (requestId !== lastId) askedAt = now()
      lastId = requestId
      lastRequest = encode({ type: 'request', name }, requestId, database.localWriter)
      inbox.expectAnswer(requestId)
      send(lastRequest, { kind: 'request', request: requestId })
    },
    repeatRequest: () => {
      if (lastRequest) send(lastRequest, { kind: 'request', request: lastId })
    },
    sendCancel: (requestId) => {
      lastRequest = undefined
      inbox.expectAnswer(undefined)
      send(encode({ type: 'cancel' }, requestId, database.localWriter), {
        kind: 'cancel',
        request: requestId,
      })
    },
    sendDecision: (requestId, target, outcome) => {
      send(encode({ type: 'decision', outcome }, requestId, target), { kind: 'decision', request: requestId })
    },
    sendMessage: (message, to) => {
      if (to !== undefined && !fromHex(to, 32)) {
        throw new HyphaError('WRITER_KEY_INVALID', 'A writer key is 64 hex digits. Take one from nodes().')
      }
      const { text, bytes } = writeMessage(message)
      const sending = outbox.add({ text, to }, bytes)
      // Inspectors see that nobody heard it.
      if (sending.peers === 0 && traces?.tell)
        tellSent(
          sealMessages([{ text, to }], { pack: false, singles: true }).singles[0] as Uint8Array,
          0,
          'app',
        )
      return sending
    },
    sendPresence: (said, to) => {
      const body = { ...said, db: hyphalink, message: newId(), sender: database.localWriter }
      send(
        encodePresence(body, (bytes) => database.sign(bytes)),
        { kind: 'presence', to },
      )
      // A goodbye is the last that is written, and what waits to be written together with more would not leave any more.
      if (!said.here) for (const { connection } of to) connection.stream.uncork()
    },
    wordsFor,
    close: () => {
      outbox.close()
      clocks.close()
      for (const link of links) inbox.left(link)
    },
    get askedAt() {
      return askedAt
    },
  }
}
