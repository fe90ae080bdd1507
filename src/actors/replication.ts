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

const REFUSALS: Record<string, Problem> = {
  'not-hosted': {
    code: 'NOT_HOSTED',
    message: 'The always-on node does not keep this hypha. Sign in there with the passphrase first, so that it can be claimed.',
  },
  full: {
    code: 'CLAIM_REFUSED',
    message: 'Every place on the always-on node is taken. Use another one, or start it with more places.',
  },
}

/**
 * Replicates the database over one link: says hello, listens for what the other end is, then pipes. Sends
 * `replication.handshake`, `replication.unclaimed`, `replication.refused` and, at its end, `replication.ended`.
 */
export const createReplication = (services: { links: Map<string, Link>; database: () => Database }) =>
  fromCallback<{ type: string }, { linkId: string }>(({ input, sendBack }) => {
    const link = services.links.get(input.linkId)
    if (!link) {
      sendBack({ type: 'replication.ended' })
      return
    }
    const { stream } = link.connection
    let stopped = false
    let problem: Problem | undefined

    const database = services.database()
    const replication = database.replicate({
      extensions: EXTENSIONS,
      onExtension: (name, bytes) => link.onExtension?.(name, bytes),
      onHandshake: () => sendBack({ type: 'replication.handshake' }),
    })
    link.replication = replication

    const end = (error?: unknown) => {
      if (error !== undefined) problem ??= problemOf(error)
      stream.destroy()
    }
    replication.stream.on('error', end)
    replication.stream.on('close', () => end())
    replication.stream.on('end', () => end())
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
            problem = { code: 'NOT_HOSTED', message: 'A peer asked for another hypha than the one of this node.' }
            stream.end(encodeGreeting({ type: 'refused', reason: 'not-hosted' }))
          }
          return
        case 'greeting': {
          replication.stream.unpipe(stream)
          link.replication = undefined
          const { greeting } = first
          if (greeting.type === 'unclaimed') {
            link.placeNonce = greeting.nonce
            sendBack({ type: 'replication.unclaimed' })
          } else {
            const reason = greeting.type === 'refused' ? greeting.reason : 'not-hosted'
            sendBack({ type: 'replication.refused', problem: REFUSALS[reason] ?? REFUSALS['not-hosted'] })
          }
          return
        }
        default:
          end(new HyphaError('PEER_MISBEHAVED', 'The peer does not speak the protocol. Check the address.'))
      }
    }
    if (link.connection.direction === 'outgoing') replication.stream.pipe(stream)
    const stopListening = readFirstBytes(stream, understand, listen)

    return () => {
      stopped = true
      stopListening()
      replication.stream.destroy()
      stream.destroy()
      services.links.delete(link.id)
    }
  })
