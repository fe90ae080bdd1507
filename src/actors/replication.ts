import type { Duplex } from 'node:stream'
import { fromCallback } from 'xstate'
import type { Database, Replication } from '../adapters/database/database.js'
import type { PeerEvent } from '../machines/peer.js'
import type { Problem } from '../machines/problem.js'
import { equalBytes } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { EXTENSIONS, HOST, LINK, PING } from '../protocol/extensions.js'
import { readDiscoveryKey } from '../protocol/first-frame.js'
import { encodeGreeting, type Greeting, readGreeting } from '../protocol/greeting.js'
import { RETIRING_MS } from '../protocol/limits.js'
import { type Decision, readFirstBytes } from './first-bytes.js'
import type { Beat, Heartbeat } from './heartbeat.js'
import type { HostTalk } from './host-talk.js'
import type { Link } from './link.js'
import type { Pairings } from './pairing.js'
import { summarise } from './summary.js'
import { writeTogether } from './write-together.js'

type FirstWords =
  | { readonly kind: 'replication'; readonly discoveryKey: Uint8Array }
  | { readonly kind: 'greeting'; readonly greeting: Greeting }
  | { readonly kind: 'nonsense' }

const understand = (bytes: Uint8Array): Decision<FirstWords> => {
  const greeting = readGreeting(bytes)
  if (greeting === 'more') return 'more'
  if (greeting === 'bad') return { value: { kind: 'nonsense' }, rest: bytes }
  if (greeting !== 'not-a-greeting') {
    return { value: { kind: 'greeting', greeting: greeting.message }, rest: greeting.rest }
  }
  const discoveryKey = readDiscoveryKey(bytes)
  if (discoveryKey === 'more') return 'more'
  if (discoveryKey === 'bad') return { value: { kind: 'nonsense' }, rest: bytes }
  return { value: { kind: 'replication', discoveryKey }, rest: bytes }
}

const problemOf = (error: unknown): Problem =>
  error instanceof HyphaError
    ? { code: error.code, message: error.message }
    : { code: 'PEER_LOST', message: 'The connection broke. It is dialled again by itself.' }

const NOT_HOSTED = (address: string) =>
  new HyphaError(
    'NOT_HOSTED',
    `${address}: this hypha is not kept there. One of the person’s nodes has to connect there first; or check the address.`,
    { address },
  )

/** What an always-on node's refusal means to a person. */
const refusalOf = (greeting: Greeting, address: string): HyphaError => {
  if (greeting.type !== 'refused') return NOT_HOSTED(address)
  switch (greeting.reason) {
    case 'full':
      return new HyphaError(
        'CLAIM_REFUSED',
        `${address}: the always-on node has no place for this hypha, or not for all of it. Use another one, or start it with more places.`,
        { reason: 'full', address },
      )
    case 'busy':
      return new HyphaError(
        'CLAIM_REFUSED',
        `${address}: the always-on node has too many connections of this hypha now. It is dialled again by itself.`,
        { reason: 'busy', address },
      )
    default:
      return NOT_HOSTED(address)
  }
}

export interface ReplicationServices {
  readonly links: Map<string, Link>
  /** A node has one, whoever asks; an always-on node the one that the peer asks for, if it hosts that. */
  readonly database: (discoveryKey?: Uint8Array) => Database | undefined
  readonly heartbeat: Heartbeat
  /** Of a node. An always-on node uses every link, whoever is at its other end. */
  readonly pairings?: () => Pairings
  /** What is said under `hypha-host`. */
  readonly hostTalk?: HostTalk
  /** What an always-on node says to a peer instead of replicating; undefined when it shall replicate. */
  readonly greet?: (link: Link, discoveryKey: Uint8Array) => Greeting | undefined
  /** Hears why a peer was dropped, when a person should know. */
  readonly report?: (error: HyphaError) => void
}

const replicateOver =
  (services: ReplicationServices, link: Link) =>
  (sendBack: (event: PeerEvent) => void): (() => void) => {
    const { stream } = link.connection
    let stopped = false
    let problem: Problem | undefined
    let replication: Replication | undefined
    let retiring: ReturnType<typeof setTimeout> | undefined

    const end = (error?: unknown) => {
      if (stopped) return
      if (error instanceof HyphaError && !problem) services.report?.(error)
      if (error !== undefined) problem ??= problemOf(error)
      stream.destroy()
    }
    const leave = () => {
      clearTimeout(retiring)
      link.beat?.stop()
      link.pairing?.leave()
    }
    stream.on('error', end)
    stream.on('close', () => {
      leave()
      replication?.stream.destroy()
      if (!stopped) sendBack({ type: 'replication.ended', ...(problem ? { problem } : {}) })
    })

    /** Finds out who is at the other end, and waits until this link is the one to use. */
    const prove = (own: Replication, beat: Beat, pairings: Pairings) => {
      sendBack({ type: 'replication.proving' })
      link.pairing = pairings.start({
        transport: link.connection.transport,
        isRelayed: link.connection.relayed === true,
        beat,
        send: (bytes) => own.send(LINK, bytes),
        spare: () => sendBack({ type: 'replication.spare' }),
        use: () => {
          own.begin(link.pairing?.isTwin)
          sendBack({ type: 'replication.used' })
        },
        retire: () => {
          link.isRetired = true
          retiring = setTimeout(end, RETIRING_MS)
          if (typeof retiring === 'object') retiring.unref?.()
        },
        end,
      })
    }
    const shakeHands = (own: Replication) => {
      const beat = services.heartbeat.watch({
        supportsPing: own.supports(PING),
        bytesReceived: () => own.bytesReceived,
        bytesWaiting: () => own.bytesWaiting + stream.writableLength,
        send: (bytes) => own.send(PING, bytes),
        probe: () => own.probe(),
        end,
      })
      link.beat = beat
      if (own.supports(HOST)) services.hostTalk?.met?.(link)
      const pairings = services.pairings?.()
      if (pairings && own.supports(LINK)) return prove(own, beat, pairings)
      own.begin()
      sendBack({ type: 'replication.handshake' })
    }

    const replicate = (database: Database): Duplex => {
      const opened = database.replicate({
        extensions: [...EXTENSIONS, HOST, PING, ...(services.pairings ? [LINK] : [])],
        isDeferred: services.pairings !== undefined,
        onExtension: (name, bytes) => {
          if (name === PING) link.beat?.heard(bytes)
          else if (name === LINK) link.pairing?.receive(bytes)
          else if (name === HOST) services.hostTalk?.heard(link, bytes)
          else link.onExtension?.(name, bytes)
        },
        onHandshake: () => shakeHands(opened),
      })
      replication = opened
      const { stream: own } = opened
      // After a greeting there is nothing to replicate, and the link goes on without it.
      const endWith = (error?: unknown) => {
        if (link.replication?.stream === own) end(error)
      }
      own.on('error', endWith)
      own.on('close', () => endWith())
      own.on('end', () => endWith())
      link.replication = opened
      link.discoveryKey = database.discoveryKey
      writeTogether(own, stream)
      own.pipe(stream)
      return own
    }

    /** Says why not, and waits for the other end to have read it. */
    const refuse = (greeting: Greeting) => {
      problem = { code: 'NOT_HOSTED', message: 'A peer asked for a hypha that is not replicated here.' }
      stream.end(encodeGreeting(greeting))
      stream.resume()
    }

    const answer = (discoveryKey: Uint8Array) => {
      link.discoveryKey = discoveryKey
      const meant = link.connection.discoveryKey
      if (meant && !equalBytes(meant, discoveryKey)) return refuse({ type: 'refused', reason: 'not-hosted' })
      const greeting = services.greet?.(link, discoveryKey)
      if (greeting?.type === 'unclaimed') {
        link.placeNonce = greeting.nonce
        stream.write(encodeGreeting(greeting))
        sendBack({ type: 'replication.unclaimed' })
        return
      }
      const database = greeting ? undefined : services.database(discoveryKey)
      if (database && equalBytes(discoveryKey, database.discoveryKey)) stream.pipe(replicate(database))
      else refuse(greeting ?? { type: 'refused', reason: 'not-hosted' })
    }

    const refusedByStranger = () => {
      problem = { code: 'NOT_HOSTED', message: 'A peer does not replicate this hypha now.' }
      stream.destroy()
    }

    const listen = (first: FirstWords) => {
      const isIncoming = link.connection.direction === 'incoming'
      if (first.kind === 'replication' && isIncoming) answer(first.discoveryKey)
      else if (first.kind === 'replication' && replication) stream.pipe(replication.stream)
      else if (first.kind === 'greeting' && !isIncoming) {
        link.replication = undefined
        replication?.stream.unpipe(stream)
        replication?.stream.destroy()
        const { greeting } = first
        // Nobody chose this peer: it is left, and tried again later if it is still there.
        if (link.connection.discoveryKey) return refusedByStranger()
        if (greeting.type === 'unclaimed') {
          link.placeNonce = greeting.nonce
          link.placeTakesCode = greeting.code
          sendBack({ type: 'replication.unclaimed' })
        } else {
          const refusal = refusalOf(greeting, link.connection.address)
          services.report?.(refusal)
          sendBack({ type: 'replication.refused', problem: problemOf(refusal) })
        }
      } else {
        end(new HyphaError('PEER_MISBEHAVED', 'The peer does not speak the protocol. Check the address.'))
      }
    }
    if (link.connection.direction === 'outgoing') {
      const database = services.database(link.connection.discoveryKey)
      if (database) replicate(database)
    }
    const stopListening = readFirstBytes(stream, understand, listen)
    const stopSummary = summarise(link, (counters) => sendBack({ type: 'summary', counters }))

    return () => {
      stopped = true
      stopListening()
      stopSummary()
      leave()
      replication?.stream.destroy()
      stream.destroy()
      services.links.delete(link.id)
    }
  }

/**
 * Replicates the database over one link: says hello, listens for what the other end is, then pipes. Sends
 * `replication.handshake`, or `replication.proving` and then `replication.spare` and `replication.used` where the other end
 * may have several links; `replication.unclaimed`, `replication.refused`; and, at its end, `replication.ended`.
 */
export const createReplication = (services: ReplicationServices) =>
  fromCallback<{ type: string }, { linkId: string }>(({ input, sendBack }) => {
    const link = services.links.get(input.linkId)
    if (!link) {
      sendBack({ type: 'replication.ended' })
      return
    }
    try {
      return replicateOver(services, link)(sendBack)
    } catch (error) {
      // What somebody's own transport gave may be no stream: nobody else would let go of it.
      services.links.delete(link.id)
      link.connection.stream.destroy()
      throw error
    }
  })
