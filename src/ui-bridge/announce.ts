import { hasNothing } from '../actors/host-talk.js'
import type { NodeServices } from '../actors/services.js'
import type { Peer } from '../api.js'
import { HyphaError } from '../protocol/errors.js'
import type { NodeActor, Picture } from './picture.js'

/** What one peer did, and nothing needs to be done about; and what its own road's line says. */
const PASSING = new Set<string>([
  'PEER_MISBEHAVED',
  'PEER_TIMED_OUT',
  'DIRECT_LINK_FAILED',
  'DIRECT_LINK_REFUSED',
])
/** What a connection proves to be over. */
const OF_THE_ROAD = new Set<string>(['ADDRESS_UNREACHABLE', 'NOT_HOSTED', 'CLAIM_REFUSED', 'CLAIM_INSECURE'])

/** Turns the machine's transitions into the node's events. What changed is found by comparing; the machine stays the source. */
export const announceChanges = (services: NodeServices, actor: NodeActor, picture: Picture): (() => void) => {
  const { events } = services
  let state = picture.state()
  let isSynced = false
  let writers = 0
  let peers = new Map<string, Peer>()
  let asked = new Set<string>()
  let links = actor.getSnapshot().context.peers

  /** Who never said a word leaves no other trace: the peer's machine alone knows why it ended. */
  const reportSilence = () => {
    const { peers: linked } = actor.getSnapshot().context
    if (linked === links) return
    for (const [id, peer] of Object.entries(links)) {
      const output = linked[id] ? undefined : peer.getSnapshot().output
      if (output?.reason === 'silent' && output.problem) {
        services.report(new HyphaError('PEER_TIMED_OUT', output.problem.message))
      }
    }
    links = linked
  }

  const compare = () => {
    services.changed()
    const now = picture.state()
    const before = state
    state = now
    if (now === 'writer' && (before === 'readOnly' || before === 'awaitingAuthorisation')) {
      events.emit('authorised', { writerKey: picture.writerKey() ?? '' })
    }
    const present = new Map(picture.peers().map((peer) => [peer.id, peer]))
    const [gone, come] = [peers, present]
    peers = present
    for (const [id, peer] of come) {
      if (gone.has(id)) continue
      services.heardFromPeers()
      if (OF_THE_ROAD.has(actor.getSnapshot().context.problem?.code ?? ''))
        actor.send({ type: 'problem.solved' })
      events.emit('peer-connected', peer)
    }
    for (const [id, peer] of gone) if (!come.has(id)) events.emit('peer-disconnected', peer)
    reportSilence()
    const requests = picture.requests()
    const fresh = requests.filter(({ id }) => !asked.has(id))
    asked = new Set(requests.map(({ id }) => id))
    for (const request of fresh) events.emit('authorisation-requested', request)
    const { synced, problem } = actor.getSnapshot().context
    const { session } = services
    const known = session?.view.nodes().length ?? 0
    // Let in under its new key: here, or by this node or another one.
    if (problem?.code === 'WRITER_SHARED' && writers > 0 && known > writers)
      actor.send({ type: 'problem.solved' })
    writers = known
    if (problem?.code === 'HYPHA_UNKNOWN' && session && !hasNothing(session.database))
      actor.send({ type: 'problem.solved' })
    const hasSynced = synced && !isSynced
    isSynced = synced
    if (hasSynced) events.emit('synced', picture.sync())
  }
  /** What a screen should go on showing, until there is a peer again. */
  const stopHearing = events.on('error', ({ code, message }) => {
    if (PASSING.has(code) || picture.state() === 'closed') return
    actor.send({ type: 'problem', problem: { code, message } })
  })
  services.mended = () => {
    if (actor.getSnapshot().context.problem?.code === 'FEED_BEHIND') actor.send({ type: 'problem.solved' })
  }
  const subscription = actor.subscribe(compare)
  return () => {
    stopHearing()
    subscription.unsubscribe()
  }
}
