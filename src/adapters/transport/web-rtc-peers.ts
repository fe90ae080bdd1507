import type { Duplex } from 'node:stream'
import type { HyphaError } from '../../protocol/errors.js'
import type { Introduction, PeerSignal } from '../../protocol/introduction.js'
import {
  ATTEMPT_ID_BYTES,
  MAX_WEB_RTC_PEERS,
  WEB_RTC_OFFER_BURST,
  WEB_RTC_OFFERS_PER_SECOND,
} from '../../protocol/limits.js'
import { createTokenBucket, type TokenBucket } from '../../protocol/rate-limit.js'
import { announce } from './announce.js'
import { type IntroductionHandlers, randomHex } from './introductions.js'
import { linkTarget } from './link-target.js'
import { streamClosed } from './stream-closed.js'
import type { Connection, Dialling, TransportHost } from './transport.js'
import { directLinkFailure, refusedHere, refusedThere } from './web-rtc-failure.js'
import { type Attempt, type Connected, createAttempt, GIVEN_UP, type IceServer } from './web-rtc-peer.js'
import type { LoadedWebRTC } from './web-rtc-platform.js'

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
  /** Whether a person was told that it can't be reached directly: once, until it could. */
  isTold?: boolean
}

const REDIALLED = new Error('the other end dials')

export interface DirectPeersOptions {
  readonly platform: LoadedWebRTC
  readonly iceServers: readonly IceServer[]
  /** This start of the node's. */
  readonly session: string
  readonly host: TransportHost
  send(session: string, introduction: Introduction): void
  isPresent(session: string): boolean
}

export interface DirectPeers {
  /** What introductions tell. */
  readonly heard: IntroductionHandlers
  /** Ends everything; resolves when nothing of it is left. */
  stop(): Promise<void>
}

/** The person's other nodes, each with one direct connection, or what is to become of one. */
export const createDirectPeers = (options: DirectPeersOptions): DirectPeers => {
  const { platform, iceServers, session, host, send, isPresent } = options
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
    const isWanted = isPresent(peer.session) || peer.link || peer.attempt
    if (isWanted || peers.get(peer.session) !== peer) return
    peers.delete(peer.session)
    stopDialling(peer)
  }

  /** Of whoever dials the statechart tells; on the end that only answers nobody else does. */
  const tell = (peer: Peer, failure: HyphaError): void => {
    // Who has left in the middle of it was not unreachable.
    if (isStopped || peer.isTold || peer.dialling || !isPresent(peer.session)) return
    peer.isTold = true
    host.error(failure)
  }
  /** This end can make nothing of what the other said: it need not wait. */
  const refuse = (peer: Peer, attempt: string): void => send(peer.session, { type: 'failed', attempt })

  const begin = (peer: Peer, id: string, initiator: boolean): Attempt => {
    const onSignal = (signal: PeerSignal) => send(peer.session, { type: 'signal', attempt: id, signal })
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
    delete peer.isTold
    const closed = streamClosed(stream).then(() => {
      if (peer.link === stream) delete peer.link
      review(peer)
    })
    hold(closed)
    const { address } = peer
    return { stream, transport: 'webRTC', direction, address, confidential: true, local: false, relayed }
  }

  /** Why nothing came of an attempt; the other end hears of it where it can't know by itself. */
  const failureOf = (peer: Peer, id: string, error: unknown): HyphaError => {
    const failure = directLinkFailure(peer.address, error)
    // One that the platform refused; what the guard refused was answered when it came.
    if (failure !== error && failure.code === 'DIRECT_LINK_REFUSED') refuse(peer, id)
    return failure
  }

  const dial = async (peer: Peer, signal: AbortSignal): Promise<Connection> => {
    if (isStopped || peer.attempt) throw REDIALLED
    const id = randomHex(ATTEMPT_ID_BYTES)
    const attempt = begin(peer, id, true)
    const giveUp = () => attempt.destroy()
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    try {
      return connectionOf(peer, await attempt.connected, 'outgoing')
    } catch (error) {
      throw error === GIVEN_UP ? error : failureOf(peer, id, error)
    } finally {
      signal.removeEventListener('abort', giveUp)
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
      (error) => {
        if (error !== GIVEN_UP) tell(peer, failureOf(peer, id, error))
      },
    )
    attempt.signal(offer)
  }

  const heard: IntroductionHandlers = {
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
    failed: (other, id) => {
      const peer = peers.get(other)
      if (peer?.attempt?.id === id) peer.attempt.attempt.destroy(refusedThere(peer.address))
    },
    unusable: (other, id, kind) => {
      const peer = peerOf(other)
      if (!peer) return
      const { attempt } = peer
      if (kind === 'answer' && (attempt?.id !== id || !attempt.attempt.initiator)) return
      // As many are answered as offers are taken.
      if (kind === 'offer' && (attempt || peer.link || !peer.offers.take(performance.now()))) return
      refuse(peer, id)
      const failure = refusedHere(peer.address)
      if (kind === 'answer') attempt?.attempt.destroy(failure)
      else tell(peer, failure)
    },
  }

  const stop = async () => {
    isStopped = true
    for (const peer of peers.values()) {
      stopDialling(peer)
      peer.attempt?.attempt.destroy()
      peer.link?.destroy()
    }
    while (underway.size > 0) await Promise.allSettled(underway)
    peers.clear()
  }
  return { heard, stop }
}
