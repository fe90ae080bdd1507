import type { Peer } from 'hypercore'
import type { Channel } from 'hypercore-protocol'
import { HyphaError } from '../../protocol/errors.js'
import {
  GREETING_TIMEOUT_MS,
  MAX_ANSWERS_AT_ONCE,
  MAX_EARLY_BYTES,
  MAX_FEEDS_PER_CONNECTION,
  MAX_GREETING_BYTES,
  MAX_WAITING_BYTES,
  MAX_WAITING_REQUESTS,
  MAX_WANTS_OF_A_REGION,
} from '../../protocol/limits.js'
import {
  type DataMessage,
  type HandshakeMessage,
  type HaveMessage,
  parseFeed,
  parseReplicationMessage,
  type RangeMessage,
  type ReplicationMessage,
  type RequestMessage,
} from '../../protocol/replication-messages.js'
import { endOfVarint, readVarint } from '../../protocol/wire-fields.js'
import { Protocol } from './engine.js'
import { leanPeer } from './lean-memory.js'

export type Claim = { type: 'have'; message: HaveMessage } | { type: 'data'; message: DataMessage }

export interface GuardOptions {
  readonly id: Buffer
  readonly extensions: readonly string[]
  onExtension(name: string, bytes: Buffer): void
  /** Asked before hypercore sees what a peer says about the feed. False drops the message. */
  admits(discoveryKey: Buffer, claim: Claim): boolean
  /** True when a block that doesn't fit ends its feed on this stream, and nothing else. */
  contains(discoveryKey: Buffer, error: Error): boolean
  /** Our storage failed below the protocol; the stream is destroyed for it. */
  onFault(error: Error): void
}

/** Messages about a feed that a peer knows before we do; hypercore sends two or three. */
const MAX_EARLY_MESSAGES = 16

/** hypercore-protocol looks after its connections this often. */
const KICK_MS = 1_250
const MAX_KICKS_WITHOUT_HANDSHAKE = GREETING_TIMEOUT_MS / KICK_MS

interface Answer {
  readonly channel: Channel
  readonly peer: Peer
  readonly request: RequestMessage
}

const misbehaved = (what: string, cause?: unknown): HyphaError =>
  new HyphaError('PEER_MISBEHAVED', `A peer broke the replication protocol and was disconnected: ${what}.`, {
    cause,
  })

/** What hypercore and its protocol say of a peer. Anything else that ends a stream has another reason. */
const PEERS_FAULT =
  /^(Remote (sent|did not|message|signature|checksum)|Only \d+ feeds|First shared|No proof|Missing tree roots|Unexpected data size|Unable to seek)/

/** hypercore-protocol 6 for strangers: our own parsers see each message first, what throws ends this stream alone. */
export class GuardedProtocol extends Protocol {
  blocksReceived = 0
  blocksSent = 0
  bytesReceived = 0
  bytesSent = 0

  readonly #options: GuardOptions
  readonly #wanted = new Map<Channel, Map<number, number>>()
  #waiting: Answer[] = []
  #answering = 0
  #kicksWithoutHandshake = 0
  readonly #left = new Set<Channel>() // Of feeds that are left alone.
  /** Of all messages that had to wait for their feed. */
  #earlyBytes = 0
  #remoteExtensions: readonly string[] = []
  /** The first channel while it is open for the handshake and extensions only. */
  #greeting: Channel | undefined

  constructor(options: GuardOptions) {
    super({
      id: options.id,
      live: true,
      encrypt: true,
      extensions: options.extensions,
      maxFeeds: MAX_FEEDS_PER_CONNECTION,
    })
    this.#options = options
    this.on('error', () => {}) // Without a listener it is thrown; whoever pipes this stream adds another.
    // hypercore-protocol compares the two lists as if both were sorted. This is the first listener, so the others see the mended.
    this.on('handshake', () => {
      this.remoteExtensions = this.#remoteExtensions.map((name) => this.extensions.indexOf(name))
    })
  }

  override destroy(error?: Error | null): this {
    if (this.destroyed) return this
    super.destroy(error ? this.#explain(error) : undefined)
    return this
  }

  #explain(error: Error): Error {
    if (error instanceof HyphaError) return error
    if (error.message === 'Remote timed out' || error.message === 'Request timeout') {
      return new HyphaError('PEER_TIMED_OUT', 'A peer has not answered and was disconnected.', {
        cause: error,
      })
    }
    return PEERS_FAULT.test(error.message) ? misbehaved(error.message, error) : error
  }

  /** hypercore ends a connection through a channel: for a proof that fails, or for storage of ours that does. */
  #onfault(channel: Channel, error?: Error): void {
    if (error && channel.discoveryKey && this.#options.contains(channel.discoveryKey, error)) {
      this.#left.add(channel)
      return
    }
    const reason = error && this.#explain(error)
    if (!reason || reason instanceof HyphaError) {
      this.destroy(reason)
      return
    }
    const failure = new HyphaError(
      'STORAGE_FAILED',
      'Replication could not read or write the storage. Check that the disk is there and not full.',
      { cause: error },
    )
    this.destroy(failure)
    this.#options.onFault(failure)
  }

  override _close(): void {
    super._close()
    // hypercore-protocol forgets this one, and WebAssembly's memory has no collector.
    this._remoteXor?.final()
    this._remoteXor = null
    this.#waiting = []
  }

  override _write(data: Buffer, encoding: BufferEncoding, callback: () => void): void {
    this.bytesReceived += data.length
    // It is decrypted in place, and not ours: whoever sent or carries it may hold it still.
    super._write(Buffer.from(data), encoding, callback)
  }

  override _parse(data: Buffer, start: number, callback: () => void): void {
    try {
      super._parse(data, start, callback)
    } catch (error) {
      this.destroy(misbehaved('its frames can not be read', error))
      callback()
    }
  }

  override _parseLength(data: Buffer, start: number): number {
    const end = super._parseLength(data, start)
    // Who has another key than ours sends noise, which mostly is the length of something endless.
    if (!this.remoteId && this._missing > MAX_GREETING_BYTES * 2) {
      this.destroy(misbehaved('it sent no handshake, or does not know the hyphalink'))
    }
    return end
  }

  override _kick(): void {
    if (!this.remoteId && ++this.#kicksWithoutHandshake > MAX_KICKS_WITHOUT_HANDSHAKE) this._ontimeout()
    else super._kick()
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk) this.bytesSent += chunk.length
    return super.push(chunk, encoding)
  }

  /** The peer has taken what there was. */
  override _read(): void {
    this.#answer()
  }

  /** Says hello about a feed that is given to it later: what comes for the feed until then waits. */
  greet(key: Buffer, discoveryKey: Buffer): void {
    this.#greeting = this.feed(key, { discoveryKey })
    if (this.#greeting) this.#greeting._buffer ??= []
  }

  override feed(key: Buffer, options?: { discoveryKey?: Buffer; peer?: Peer }): Channel {
    if (options?.peer) leanPeer(options.peer)
    const channel = super.feed(key, options)
    if (options?.peer && channel && channel === this.#greeting) {
      this.#greeting = undefined
      if (channel._buffer?.length) channel._resume()
      else channel._buffer = null
    }
    return channel
  }

  override _feed(discoveryKey: Buffer): Channel {
    const channel = super._feed(discoveryKey)
    if (Object.hasOwn(channel, '_emit')) return channel
    // hypercore-protocol delivers here, too, in a tick of its own, what had to wait for the channel.
    channel._emit = (_code, message) => this.#guarded(() => this.#deliver(channel, discoveryKey, message))
    channel.destroy = (error) => this.#onfault(channel, error)
    const data = channel.data
    channel.data = (message) => {
      this.blocksSent++
      this.#answering--
      const taken = data.call(channel, message)
      this.#answer()
      return taken
    }
    return channel
  }

  override _onmessage(data: Buffer, start: number, end: number): void {
    if (end - start < 2) return
    const fault = this.#take(data, start, end)
    if (fault) this.destroy(misbehaved(`it sent ${fault}`))
  }

  /** Answers what is wrong with the message, if something is. */
  #take(data: Buffer, start: number, end: number): string | undefined {
    const header = readVarint(data, start, end)
    const id = Math.floor(header / 16)
    const code = header % 16
    if (header < 0) return 'a header that is no number'
    if (id >= MAX_FEEDS_PER_CONNECTION) return `more than ${MAX_FEEDS_PER_CONNECTION} feeds`
    const from = endOfVarint()
    while (this._remoteFeeds.length < id) this._remoteFeeds.push(null)
    const channel = this._remoteFeeds[id]
    if (code === 0) {
      if (channel || !parseFeed(data, from, end))
        return 'an opening of a feed that is malformed or not the first'
      this._onopen(id, data, from, end)
      return undefined
    }
    if (!channel) return 'a message about a feed that it did not open'
    if (!this.remoteId && code !== 1) return 'something before its handshake, or does not know the hyphalink'
    if (code === 15) return this.#takeExtension(data, from, end)
    const parsed = parseReplicationMessage(code, data, from, end)
    if (!parsed) return `a malformed message (type ${code}), or one beyond our limits`
    if (channel.closed) return undefined
    if (parsed.type === 'handshake') this._onhandshake(parsed.message)
    else if (!channel._buffer) channel._emit(code, parsed)
    else return this.#keep(channel._buffer, code, data.subarray(from, end))
    return undefined
  }

  /** For when the feed is open here, which may be never. */
  #keep(early: NonNullable<Channel['_buffer']>, code: number, bytes: Buffer): string | undefined {
    this.#earlyBytes += bytes.length
    if (early.length >= MAX_EARLY_MESSAGES || this.#earlyBytes > MAX_EARLY_BYTES)
      return 'too many messages about a feed that is not open here'
    // A copy: what is parsed points into all that came with it, which would stay, too.
    const message = parseReplicationMessage(code, Buffer.from(bytes), 0, bytes.length)
    if (message) early.push({ type: code, message })
    return undefined
  }

  #takeExtension(data: Buffer, start: number, end: number): string | undefined {
    const id = readVarint(data, start, end)
    if (id < 0) return 'an extension message that names no extension'
    const name = this.extensions[this.remoteExtensions?.[id] ?? -1]
    const from = endOfVarint()
    if (name !== undefined) this.#options.onExtension(name, data.subarray(from, end))
    return undefined
  }

  override _onhandshake(handshake: HandshakeMessage): void {
    if (this.remoteId) return
    this.#remoteExtensions = handshake.extensions
    super._onhandshake(handshake)
  }

  #deliver(channel: Channel, discoveryKey: Buffer, parsed: ReplicationMessage): void {
    const peer = channel.peer
    if (!peer || this.destroyed || this.#left.has(channel)) return
    switch (parsed.type) {
      case 'info':
        peer.oninfo(parsed.message)
        break
      case 'have':
        if (this.#options.admits(discoveryKey, parsed)) peer.onhave(parsed.message)
        break
      case 'unhave':
        peer.onunhave(parsed.message)
        break
      case 'want':
        if (this.#mayAsk(channel, parsed.message)) peer.onwant(parsed.message)
        break
      case 'request':
        this.#enqueue({ channel, peer, request: parsed.message })
        break
      case 'data':
        if (!this.#options.admits(discoveryKey, parsed)) break
        this.blocksReceived++
        peer.ondata(parsed.message)
    }
    // Unwant and cancel, which hypercore does not act on, and a second handshake end here.
  }

  /** hypercore asks for a region once, and again for what it lost; answering costs a megabyte of memory for a moment. */
  #mayAsk(channel: Channel, want: RangeMessage): boolean {
    const regions = this.#wanted.get(channel) ?? new Map<number, number>()
    this.#wanted.set(channel, regions)
    const asked = (regions.get(want.start) ?? 0) + 1
    regions.set(want.start, asked)
    return asked <= MAX_WANTS_OF_A_REGION
  }

  #enqueue(answer: Answer): void {
    this.#waiting.push(answer)
    this.#answer()
    if (this.#waiting.length > MAX_WAITING_REQUESTS) {
      this.destroy(misbehaved('it sent more requests than can be under way'))
    }
  }

  #answer(): void {
    while (this.#answering < MAX_ANSWERS_AT_ONCE && this._readableState.length <= MAX_WAITING_BYTES) {
      const next = this.#waiting.shift()
      if (!next) return
      // A block that isn't here gets no answer; hypercore would end the connection for some of these.
      const { feed } = next.peer
      const { index } = next.request
      if (next.channel.closed || !feed.bitfield.get(index)) continue
      this.#answering++
      const answer = () => this.#guarded(() => next.peer.onrequest(next.request))
      if (!feed._prepare || next.request.hash || next.request.bytes) answer()
      else {
        feed._prepare(index, (isWhole) => {
          if (isWhole && !next.channel.closed) return answer()
          // Damaged, so it isn't here any more.
          this.#answering--
          this.#answer()
        })
      }
    }
  }

  /** For what runs outside of a parse: what throws in there is about this peer's message. */
  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.destroy(misbehaved('a message of it could not be handled', error))
    }
  }
}
