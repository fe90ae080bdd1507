import type { PeerSignal } from '../../protocol/introduction.js'
import { DATA_CHANNEL_WAITING_BYTES, WEB_RTC_TIMEOUT_MS } from '../../protocol/limits.js'
import type { ByteStream } from '../byte-stream.js'
import { type Carrier, messageStream } from './message-stream.js'
import type { LoadedWebRTC, Peer } from './web-rtc-platform.js'

/** A STUN or TURN server, as `RTCPeerConnection` takes it. */
export interface IceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

export interface AttemptOptions {
  readonly platform: LoadedWebRTC
  /** Whether this end offers. */
  readonly initiator: boolean
  readonly iceServers: readonly IceServer[]
  /** For the other end. */
  onSignal(signal: PeerSignal): void
}

export interface Connected {
  readonly stream: ByteStream
  /** Whether it passes through a TURN server. */
  readonly relayed: boolean
}

/** One try at a connection. */
export interface Attempt {
  readonly initiator: boolean
  /** Rejects when it has failed, which takes no longer than WEB_RTC_TIMEOUT_MS; nothing is left of it then. */
  readonly connected: Promise<Connected>
  /** Takes what the other end said. */
  signal(signal: PeerSignal): void
  /** Gives it up, and ends what has come of it. @param reason what `connected` rejects with, if it is not just given up */
  destroy(reason?: Error): void
}

/** Nothing went wrong: it is not wanted any more, or there is another. */
export const GIVEN_UP = new Error('it was given up')

interface DataChannel {
  readonly bufferedAmount: number
  bufferedAmountLowThreshold: number
  onbufferedamountlow: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  send(bytes: Uint8Array): void
}

/** simple-peer reads messages into a stream of its own, which costs: the channel itself is quicker. */
const channelOf = (peer: Peer): DataChannel => Reflect.get(peer, '_channel')

const carrierOf = (peer: Peer): Carrier => {
  const channel = channelOf(peer)
  return {
    listen: ({ message, text, drain, close }) => {
      const take = (data: unknown) => {
        if (data instanceof ArrayBuffer) message(Buffer.from(data))
        else if (ArrayBuffer.isView(data)) message(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
        else text()
      }
      peer.on('close', close)
      // What came while the other end thought that both were ready. Each is whole: the stream is one of objects.
      for (let data = peer.read(); data !== null; data = peer.read()) take(data)
      channel.onmessage = ({ data }) => take(data)
      channel.bufferedAmountLowThreshold = DATA_CHANNEL_WAITING_BYTES / 4
      channel.onbufferedamountlow = drain
    },
    isFull: () => channel.bufferedAmount > DATA_CHANNEL_WAITING_BYTES,
    send: (bytes) => channel.send(bytes),
    close: () => peer.destroy(),
  }
}

interface Stats {
  forEach(look: (report: Readonly<Record<string, unknown>>) => void): void
}

const isRelayed = async (connection: { getStats(): Promise<Stats> }): Promise<boolean> => {
  const reports = new Map<unknown, Readonly<Record<string, unknown>>>()
  const stats = await connection.getStats()
  stats.forEach((report) => void reports.set(report.id, report))
  const all = [...reports.values()]
  const selected = all.find(({ type }) => type === 'transport')?.selectedCandidatePairId
  const pair =
    reports.get(selected) ??
    all.find((report) => report.type === 'candidate-pair' && report.selected === true)
  const ends = [reports.get(pair?.localCandidateId), reports.get(pair?.remoteCandidateId)]
  return ends.some((candidate) => candidate?.candidateType === 'relay')
}

const isSignal = (signal: unknown): signal is PeerSignal =>
  typeof signal === 'object' &&
  signal !== null &&
  ['offer', 'answer', 'candidate'].includes(String(Reflect.get(signal, 'type')))

export const createAttempt = ({ platform, initiator, iceServers, onSignal }: AttemptOptions): Attempt => {
  const peer = platform.createPeer({
    initiator,
    trickle: true,
    objectMode: true,
    config: {
      iceServers: iceServers.map(({ urls, ...rest }) => ({
        ...rest,
        urls: typeof urls === 'string' ? urls : [...urls],
      })),
    },
  })
  let isDestroyed = false
  let reason = new Error('it closed before it had connected')
  const destroy = (why: Error = GIVEN_UP) => {
    if (!isDestroyed) reason = why
    isDestroyed = true
    peer.destroy()
  }
  peer.on('signal', (signal) => {
    if (!isDestroyed && isSignal(signal)) onSignal(signal)
  })

  const connected = new Promise<Connected>((resolve, reject) => {
    const timer = setTimeout(() => destroy(new Error('no way there was found in time')), WEB_RTC_TIMEOUT_MS)
    peer.on('error', (error) => {
      if (!isDestroyed) reason = error
    })
    peer.on('close', () => {
      clearTimeout(timer)
      reject(reason)
    })
    peer.on('connect', () => {
      clearTimeout(timer)
      const connection: { getStats(): Promise<Stats> } = Reflect.get(peer, '_pc')
      const stream = messageStream(carrierOf(peer))
      stream.on('error', () => {})
      isRelayed(connection)
        .catch(() => false)
        .then((relayed) => resolve({ stream, relayed }))
    })
  })
  connected.catch(() => {})

  return {
    initiator,
    connected,
    signal: (signal) => {
      if (isDestroyed || Reflect.get(peer, 'destroyed')) return
      try {
        peer.signal(JSON.stringify(signal))
      } catch (cause) {
        // A platform may throw at once for what it can't take.
        destroy(Object.assign(new Error('it was not taken', { cause }), { code: 'ERR_SIGNALING' }))
      }
    },
    destroy,
  }
}
