import type { Duplex } from 'node:stream'
import { HyphaError } from '../../protocol/errors.js'
import { type Checks, checkOptions, invalid, isAnything } from '../../protocol/given.js'
import type { PeerSignal } from '../../protocol/introduction.js'
import {
  ATTEMPT_ID_BYTES,
  MAX_WEB_RTC_PEERS,
  SIGNALLING_ID_BYTES,
  WEB_RTC_OFFER_BURST,
  WEB_RTC_OFFERS_PER_SECOND,
} from '../../protocol/limits.js'
import { createTokenBucket, type TokenBucket } from '../../protocol/rate-limit.js'
import type { Signalling } from '../signalling/signalling.js'
import { webSocketSignalling } from '../signalling/web-socket-signalling.js'
import { announce } from './announce.js'
import { createTransport } from './create-transport.js'
import { createIntroductions, type Introductions, randomHex } from './introductions.js'
import { linkTarget } from './link-target.js'
import { streamClosed } from './stream-closed.js'
import type { Connection, Dialling, Transport } from './transport.js'
import { loadWebRTC } from './web-rtc.js'
import { type Attempt, type Connected, createAttempt, type IceServer } from './web-rtc-peer.js'
import type { WebRTCPlatform } from './web-rtc-platform.js'

export interface WebRTCOptions {
  /** URL of an always-on node that introduces nodes to each other, or several: http, https, ws and wss alike. */
  readonly signalling: string | URL | readonly (string | URL)[]
  /** STUN and TURN servers. None unless given, which does on one network. */
  readonly iceServers?: readonly IceServer[]
  /** In Node: what to use instead of the package `@roamhq/wrtc`. */
  readonly wrtc?: WebRTCPlatform
}

export interface WebRTCTransport extends Transport {
  /** Introductions so far that were not of the person's nodes, or came twice. They do nothing. */
  readonly ignored: number
}

/** Another node of the person, by its session. */
interface Peer {
  readonly session: string
  /** Where it leads, for people. */
  readonly address: string
  /** Each offer of it costs a connection's setting up. */
  readonly offers: TokenBucket
  /** Keeps it connected, if that is on this end. */
  dialling?: Dialling
  /** What is under way. */
  attempt?: { readonly id: string; readonly attempt: Attempt }
  /** What came of one. */
  link?: Duplex
}

const REDIALLED = new Error('the other end dials')

const readOptions = (
  options: WebRTCOptions,
): { services: readonly Signalling[]; iceServers: readonly IceServer[] } => {
  const given: unknown = options
  if (typeof given !== 'object' || given === null || given instanceof URL)
    throw invalid("webRTC() takes options, as in { signalling: 'https://example.org' }.")
  checkOptions('webRTC()', options, {
    // Both are looked at below, and what it is to be a WebRTC implementation where it is used.
    signalling: isAnything,
    iceServers: isAnything,
    wrtc: isAnything,
  } satisfies Checks<WebRTCOptions>)
  const { signalling, iceServers = [] } = options
  const urls = typeof signalling === 'string' || signalling instanceof URL ? [signalling] : signalling
  if (!Array.isArray(urls) || urls.length === 0)
    throw new HyphaError(
      'OPTION_INVALID',
      "webRTC({ signalling }) takes the URL of an always-on node, or several, as in 'https://example.org'.",
    )
  const isServer = ({ urls }: IceServer) => [urls].flat().every((url) => /^(stun|turn)s?:./.test(String(url)))
  if (
    !Array.isArray(iceServers) ||
    !iceServers.every((server) => server?.urls?.length > 0 && isServer(server))
  )
    throw new HyphaError(
      'OPTION_INVALID',
      "webRTC({ iceServers }) takes a list such as [{ urls: 'stun:example.org' }], with username and credential for turn.",
    )
  return { services: urls.map(webSocketSignalling), iceServers }
}

/**
 * Connects nodes directly, browsers too. They find each other through the signalling service of always-on nodes, which
 * learns the discovery key, when somebody is there, and nothing that they say. Who comes later offers.
 *
 * Its connections are confidential: DTLS encrypts them, and the fingerprints of both certificates came in introductions that
 * only the person's nodes can seal. No place is ever claimed over them.
 *
 * ```ts
 * createNode({ transports: [webSocket(url), webRTC({ signalling: url })] })
 * ```
 * @throws HyphaError ADDRESS_INVALID, OPTION_INVALID
 */
export const webRTC = (options: WebRTCOptions): WebRTCTransport => {
  const { services, iceServers } = readOptions(options)
  let introductions: Introductions | undefined

  const transport = createTransport('webRTC', async (discoveryKey, host) => {
    const { seal } = host
    if (!seal)
      throw new HyphaError(
        'NO_CHANNEL',
        'A reader by hyphalink has no WebRTC: its nodes are introduced under a key of the person. Sign in with the passphrase, or use webSocket(url).',
      )
    const platform = await loadWebRTC(options.wrtc)
    const session = randomHex(SIGNALLING_ID_BYTES)
    const peers = new Map<string, Peer>()
    /** Everything that has to be gone before it has stopped. */
    const underway = new Set<Promise<unknown>>()
    let isStopped = false

    const hold = (ending: Promise<unknown>): void => {
      underway.add(ending)
      const settled = () => underway.delete(ending)
      ending.then(settled, settled)
    }
    const peerOf = (other: string): Peer | undefined => {
      // What was heard in the moment of the end would begin something that nobody ends.
      if (isStopped) return undefined
      const known = peers.get(other)
      if (known || peers.size >= MAX_WEB_RTC_PEERS) return known
      const offers = createTokenBucket({ rate: WEB_RTC_OFFERS_PER_SECOND, burst: WEB_RTC_OFFER_BURST })
      const peer = { session: other, address: `webRTC:${other.slice(0, 8)}`, offers }
      peers.set(other, peer)
      return peer
    }
    const stopDialling = (peer: Peer): void => {
      const { dialling } = peer
      delete peer.dialling
      if (dialling) hold(dialling.stop())
    }
    /** Without a way to it nor anything that connects the two, or may soon, nothing is left of a peer. */
    const review = (peer: Peer): void => {
      const isWanted = met.isPresent(peer.session) || peer.link || peer.attempt
      if (isWanted || peers.get(peer.session) !== peer) return
      peers.delete(peer.session)
      stopDialling(peer)
    }

    const begin = (peer: Peer, id: string, initiator: boolean): Attempt => {
      const onSignal = (signal: PeerSignal) => met.send(peer.session, id, signal)
      const attempt = createAttempt({ platform, initiator, iceServers, onSignal })
      const current = { id, attempt }
      peer.attempt = current
      const over = () => {
        if (peer.attempt === current) delete peer.attempt
      }
      const failed = () => {
        over()
        review(peer)
      }
      hold(attempt.connected.then(over, failed))
      return attempt
    }

    const connectionOf = (
      peer: Peer,
      { stream, relayed }: Connected,
      direction: Connection['direction'],
    ): Connection => {
      peer.link = stream
      const closed = streamClosed(stream).then(() => {
        if (peer.link === stream) delete peer.link
        review(peer)
      })
      hold(closed)
      const { address } = peer
      return { stream, transport: 'webRTC', direction, address, confidential: true, local: false, relayed }
    }

    const dial = async (peer: Peer, signal: AbortSignal): Promise<Connection> => {
      if (isStopped || peer.attempt) throw REDIALLED
      const attempt = begin(peer, randomHex(ATTEMPT_ID_BYTES), true)
      signal.addEventListener('abort', attempt.destroy)
      if (signal.aborted) attempt.destroy()
      try {
        return connectionOf(peer, await attempt.connected, 'outgoing')
      } finally {
        signal.removeEventListener('abort', attempt.destroy)
      }
    }

    const accept = (peer: Peer, id: string, offer: PeerSignal): void => {
      // Both offered: the one with the lesser session goes on with its own.
      if (peer.attempt?.attempt.initiator && session < peer.session) return
      // Setting up and throwing away without end is work, and more than every implementation survives.
      if (!peer.offers.take(performance.now())) {
        review(peer)
        return
      }
      peer.attempt?.attempt.destroy()
      // Whoever offers has lost the link that there was.
      peer.link?.destroy()
      stopDialling(peer)
      const attempt = begin(peer, id, false)
      attempt.connected.then(
        (connected) => {
          const connection = connectionOf(peer, connected, 'incoming')
          if (isStopped || connected.stream.destroyed) connected.stream.destroy()
          else announce(connection, host)
        },
        () => {},
      )
      attempt.signal(offer)
    }

    const met = createIntroductions(
      { discoveryKey, session, seal, prove: (nonce) => host.prove?.(nonce) },
      {
        met: (other, isAwaited) => {
          const peer = peerOf(other)
          if (!peer || peer.link || peer.attempt) return
          if (peer.dialling) peer.dialling.retry()
          else if (isAwaited) {
            const { address } = peer
            peer.dialling = host.dial(linkTarget({ address, dial: (signal) => dial(peer, signal) }, host))
          }
        },
        left: (other) => {
          const peer = peers.get(other)
          if (peer) review(peer)
        },
        signal: (other, id, signal) => {
          const peer = peerOf(other)
          if (!peer) return
          const { attempt, id: current } = peer.attempt ?? {}
          if (current !== id || !attempt) {
            if (signal.type === 'offer') accept(peer, id, signal)
          } else if (signal.type === 'candidate' || (signal.type === 'answer') === attempt.initiator) {
            if (signal.type !== 'offer') attempt.signal(signal)
          }
        },
      },
    )
    introductions = met
    const rooms = services.map((service) => host.dial(met.target(service)))

    return async () => {
      isStopped = true
      const ended = rooms.map((room) => room.stop())
      for (const peer of peers.values()) {
        stopDialling(peer)
        peer.attempt?.attempt.destroy()
        peer.link?.destroy()
      }
      await Promise.all(ended)
      while (underway.size > 0) await Promise.allSettled(underway)
      peers.clear()
    }
  })

  return {
    ...transport,
    get ignored() {
      return introductions?.ignored ?? 0
    },
  }
}
