import type { Actor } from 'xstate'
import type { NodeServices } from '../actors/services.js'
import { NO_SYNC } from '../actors/sync.js'
import type { AuthorisationRequest, KnownNode, NodeSnapshot, NodeState, OwnRequest, Peer } from '../api.js'
import type { nodeMachine } from '../machines/node.js'
import { toHex } from '../protocol/bytes.js'
import { NAMELESS } from '../protocol/node-name.js'
import { createLookalikes } from './lookalikes.js'
import { transportsOf } from './transports.js'

const NO_NOTICES = Object.freeze([])

export type NodeActor = Actor<typeof nodeMachine>

/** Everything that is handed out is frozen: it may be shared, and is held on to. */
const freezeAll = <T extends object>(items: T[]): readonly T[] => {
  for (const item of items) Object.freeze(item)
  return Object.freeze(items)
}

/** What can be read off a node at any moment: everything of it comes from the machine and the view, nothing is kept here. */
export const createPicture = (services: NodeServices, actor: NodeActor, requireWords: boolean) => {
  const snapshot = () => actor.getSnapshot()

  const state = (): NodeState => {
    const { value } = snapshot()
    return (typeof value === 'string' ? value : Object.keys(value)[0]) as NodeState
  }

  const mayAnswer = (): boolean => snapshot().matches('origin') || snapshot().matches('writer')

  const lookalikes = createLookalikes(() => services.session?.view.nodes() ?? [])

  const requests = (): readonly AuthorisationRequest[] => {
    const prompts = snapshot().children.prompts?.getSnapshot().context.prompts
    if (!prompts || !mayAnswer()) return freezeAll<AuthorisationRequest>([])
    return freezeAll(
      Object.values(prompts).flatMap((prompt): AuthorisationRequest[] => {
        const shown = prompt.getSnapshot()
        if (shown.status !== 'active') return []
        const { id, nodeName, writerKey, receivedAt, words, legacy } = shown.context
        const resembles = lookalikes().of(nodeName, writerKey)
        return [
          {
            id,
            nodeName,
            writerKey,
            resembles,
            receivedAt,
            words: Object.freeze(requireWords ? [] : [...words]),
            legacy,
          },
        ]
      }),
    )
  }

  const request = (): OwnRequest | undefined => {
    const { context, children } = snapshot()
    const { session } = services
    if (!state().startsWith('awaiting') || !context.requestId || !session?.channel) return undefined
    const answeredBy = children.request?.getSnapshot().context.answeredBy
    return Object.freeze({
      id: context.requestId,
      words: Object.freeze([...session.channel.wordsFor(context.requestId, session.database.localWriter)]),
      askedAt: session.channel.askedAt,
      ...(answeredBy === undefined ? {} : { answeredBy }),
    })
  }

  const nodes = (): readonly KnownNode[] => {
    const { session } = services
    if (!session) return freezeAll<KnownNode>([])
    const met = session.pairings.met()
    return freezeAll(
      session.view.nodes().map(({ writerKey, name, authorisedBy, authorisedAt }) => ({
        writerKey,
        name: name ?? NAMELESS,
        authorisedBy,
        authorisedAt: authorisedAt ?? 0,
        isSelf: writerKey === session.database.localWriter,
        revoked: false,
        resembles: lookalikes().of(name ?? NAMELESS, writerKey),
        presence: session.presence.of(writerKey, met.get(writerKey)),
      })),
    )
  }

  const peers = (): readonly Peer[] =>
    freezeAll(
      Object.values(snapshot().context.peers).flatMap((peer): Peer[] => {
        const shown = peer.getSnapshot()
        if (shown.value !== 'connected') return []
        const { linkId, transport, direction, address, counters } = shown.context
        const link = services.links.get(linkId)
        if (link?.isRetired) return []
        const pair = link?.pairing?.pair
        return [
          {
            id: linkId,
            transport,
            direction,
            address,
            writerKey: pair?.writerKey,
            relayed: link?.connection.relayed === true,
            roundTripMs: link?.beat?.roundTripMs,
            bytesReceived: counters.bytesReceived,
            bytesSent: counters.bytesSent,
            spares: Object.freeze((pair?.spares ?? []).map((spare) => spare.transport)),
          },
        ]
      }),
    )

  const transports = () => transportsOf(services, snapshot())

  const hyphalink = () => services.session && toHex(services.session.database.hyphalink)
  const writerKey = () => services.session?.database.localWriter
  const sync = () => services.session?.sync.read() ?? NO_SYNC

  return {
    state,
    requests,
    request,
    nodes,
    peers,
    transports,
    hyphalink,
    writerKey,
    sync,
    take: (): NodeSnapshot =>
      Object.freeze({
        state: state(),
        name: services.name,
        hyphalink: hyphalink(),
        writerKey: writerKey(),
        request: request(),
        requests: requests(),
        requestsWaiting: services.questionsWaiting,
        nodes: nodes(),
        notices: services.session?.notices.read() ?? NO_NOTICES,
        peers: peers(),
        transports: transports(),
        sync: sync(),
        heldBy: services.session?.database.heldBy ?? 0,
        mending: services.session?.database.mending,
        problem: snapshot().context.problem,
      }),
  }
}

export type Picture = ReturnType<typeof createPicture>
