import { fromCallback } from 'xstate'
import type { Database } from '../adapters/database/database.js'
import type { Problem } from '../machines/problem.js'
import { equalBytes } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { EXTENSIONS } from '../protocol/extensions.js'
import { readDiscoveryKey } from '../protocol/first-frame.js'
import { encodeGreeting, type Greeting, readGreeting } from '../protocol/greeting.js'
import { type Decision, readFirstBytes } from './first-bytes.js'
import type { Link } from './link.js'
import { summarise } from './summary.js'

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

const notHostedError = () =>
  new HyphaError(
    'NOT_HOSTED',
    'The other end does not keep this hypha. Sign in there with the passphrase first, or check the address.',
  )

const fullError = () =>
  new HyphaError(
    'CLAIM_REFUSED',
    'Every place on the always-on node is taken. Use another one, or start it with more places.',
  )

/**
 * Replicates the database over one link: says hello, listens for what the other end is, then pipes. Sends
 * `replication.handshake`, `replication.unclaimed`, `replication.refused` and, at its end, `replication.ended`.
 */
export const createReplication = (services: {
  links: Map<string, Link>
  database: () => Database
  /** Hears why a peer was dropped, if it is worth telling a person. */
  report: (error: HyphaError) => void
}) =>
  fromCallback<{ type: string }, { linkId: string }>(({ input, sendBack }) => {
    const link = services.links.get(input.linkId)
    if (!link) {
      sendBack({ type: 'replication.ended' })
      return
    }
    const { stream } = link.connection
    let stopped = false
    let isReplicating = true
    let problem: Problem | undefined

    const database = services.database()
    const replication = database.replicate({
      extensions: EXTENSIONS,
      onExtension: (name, bytes) => link.onExtension?.(name, bytes),
      onHandshake: () => sendBack({ type: 'replication.handshake' }),
    })
    link.replication = replication

    const end = (error?: unknown) => {
      if (stopped) return
      if (error instanceof HyphaError && !problem) services.report(error)
      if (error !== undefined) problem ??= problemOf(error)
      stream.destroy()
    }
    const endReplication = (error?: unknown) => {
      if (isReplicating) end(error)
    }
    replication.stream.on('error', endReplication)
    replication.stream.on('close', () => endReplication())
    replication.stream.on('end', () => endReplication())
    stream.on('error', end)
    stream.on('close', () => {
      replication.stream.destroy()
      if (!stopped) sendBack({ type: 'replication.ended', ...(problem ? { problem } : {}) })
    })

    const listen = (first: FirstWords) => {
      switch (first.kind) {
        case 'replication':
          if (link.connection.direction === 'outgoing') {
            stream.pipe(replication.stream)
          } else if (equalBytes(first.discoveryKey, database.discoveryKey)) {
            stream.pipe(replication.stream)
            replication.stream.pipe(stream)
          } else {
            problem = {
              code: 'NOT_HOSTED',
              message: 'A peer asked for another hypha than the one of this node.',
            }
            stream.end(encodeGreeting({ type: 'refused', reason: 'not-hosted' }))
          }
          return
        case 'greeting': {
          isReplicating = false
          replication.stream.unpipe(stream)
          replication.stream.destroy()
          link.replication = undefined
          const { greeting } = first
          if (greeting.type === 'unclaimed') {
            link.placeNonce = greeting.nonce
            sendBack({ type: 'replication.unclaimed' })
          } else {
            const full = greeting.type === 'refused' && greeting.reason === 'full'
            const error = full ? fullError() : notHostedError()
            services.report(error)
            sendBack({ type: 'replication.refused', problem: problemOf(error) })
          }
          return
        }
        default:
          end(new HyphaError('PEER_MISBEHAVED', 'The peer does not speak the protocol. Check the address.'))
      }
    }
    if (link.connection.direction === 'outgoing') replication.stream.pipe(stream)
    const stopListening = readFirstBytes(stream, understand, listen)

    const stopSummary = summarise(link, (counters) => sendBack({ type: 'summary', counters }))

    return () => {
      stopped = true
      stopListening()
      stopSummary()
      replication.stream.destroy()
      stream.destroy()
      services.links.delete(link.id)
    }
  })
