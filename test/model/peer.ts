import { expect } from 'vitest'
import { GREETING_DELAY_MS, type PeerEvent, peerMachine } from '../../src/machines/index.js'
import { fromHex } from '../../src/protocol/bytes.js'
import { encodeGreeting, type Greeting } from '../../src/protocol/greeting.js'
import { type AnyEvent, type Path, pathsOf } from '../../src/testing/index.js'
import { reached } from '../node/until.js'
import type { Hypha } from './hypha.js'
import { createRawPeer } from './raw-peer.js'
import { createRoad } from './road.js'
import { byItself, createStage, errorsOf, follow } from './stage.js'

const problem = { code: 'NOT_HOSTED', message: 'It is not kept there.' }
const counters: PeerEvent = { type: 'summary', counters: {} }

const events: AnyEvent[] = [
  { type: 'replication.handshake' },
  { type: 'replication.proving' },
  { type: 'replication.spare' },
  { type: 'replication.used' },
  { type: 'replication.unclaimed' },
  { type: 'replication.claimed' },
  { type: 'replication.refused', problem },
  { type: 'replication.ended' },
  { ...counters },
  { type: 'disconnect' },
  ...['replication', 'claiming', 'messaging', 'deduplication'].map((name) => ({
    type: `xstate.error.actor.${name}`,
    actorId: name,
    error: new Error('It broke.'),
  })),
  ...['greeting', 'proving', 'claiming'].map((state) => ({
    type: `xstate.after.greetingTimeout.peer.${state}`,
  })),
]

/** What can only break at once: a worker that has begun well goes on. */
const BREAKS_AFTER: Readonly<Record<string, string>> = {
  'xstate.error.actor.replication': 'nothing',
  'xstate.error.actor.claiming': 'replication.unclaimed',
  'xstate.error.actor.messaging': 'replication.handshake',
}

export const peerPaths = pathsOf(peerMachine, {
  input: { linkId: '1', transport: 'road', direction: 'outgoing', address: 'elsewhere:1' },
  events,
  world: {
    start: { last: 'nothing' },
    allows: ({ last }, { type }, { value }) => {
      if (type === 'xstate.error.actor.deduplication') return false
      if (type.startsWith('xstate.error.')) return BREAKS_AFTER[type] === last
      // Who has shaken hands refuses nothing any more.
      return type !== 'replication.refused' || value === 'greeting' || value === 'claiming'
    },
    after: (_, { type }) => ({ last: Object.values(BREAKS_AFTER).includes(type) ? type : 'something' }),
  },
  as: 'tours',
})

const isGreeting = (bytes: unknown): boolean =>
  bytes instanceof Uint8Array && Buffer.from(bytes).toString('latin1').startsWith('HYPHA/1')

/** A node that dials whoever is at the other end of one link: a stranger, an old node, a new one, an always-on node. */
export const walkPeer = async (path: Path, hypha: Hypha): Promise<void> => {
  const stage = createStage()
  const road = createRoad()
  const [guest = hypha.reader] = hypha.guests
  const node = stage.subject({ storage: guest.copy().storage, transports: [road.transport] })
  const errors = errorsOf(node)
  await reached(node, 'readOnly')
  const breaks = (name: string) => path.steps.some(({ event }) => event.type === `xstate.error.actor.${name}`)
  const { ours, theirs } = road.link({ direction: 'outgoing' }, breaks('replication'))
  const hyphalink = fromHex(hypha.hyphalink, 32) ?? new Uint8Array(32)
  let raw: ReturnType<typeof createRawPeer> | undefined
  const say = (greeting: Greeting) => void theirs.write(encodeGreeting(greeting))
  const silence = () => stage.time.advance(GREETING_DELAY_MS)
  let silences = 0
  try {
    await follow(
      path,
      stage.witness.follow('peer'),
      {
        'replication.handshake': () => {
          if (breaks('messaging')) {
            stage.inspecting(node, (event) => {
              if (stage.isSent(event, 'peer.appeared')) throw new Error('It broke.')
            })
          }
          raw = createRawPeer(theirs, { hyphalink })
        },
        'replication.proving': () => {
          raw = createRawPeer(theirs, { hyphalink, speaksOfLinks: true })
        },
        'replication.spare': () => raw?.prove(node.writerKey ?? ''),
        'replication.used': () => void raw?.use(),
        'replication.unclaimed': () => {
          if (breaks('claiming')) {
            const { write } = ours
            ours.write = (...given: unknown[]) => {
              const [bytes] = given
              if (isGreeting(bytes)) throw new Error('It broke.')
              return Reflect.apply(write, ours, given)
            }
          }
          say({ type: 'unclaimed', nonce: new Uint8Array(32).fill(1), code: false })
        },
        'replication.claimed': () => say({ type: 'claimed' }),
        'replication.refused': () => say({ type: 'refused', reason: 'not-hosted' }),
        'replication.ended': () => void theirs.destroy(),
        // The counters, a second after the link came.
        summary: byItself,
        // Only an always-on node says it, to make room; whoever has the actor may say it to a node's, too.
        disconnect: () => {
          for (const peer of Object.values(node.actor.getSnapshot().context.peers))
            peer.send({ type: 'disconnect' })
        },
        'xstate.error.actor.replication': byItself,
        'xstate.error.actor.claiming': byItself,
        'xstate.error.actor.messaging': byItself,
        'xstate.after.greetingTimeout.peer.greeting': silence,
        'xstate.after.greetingTimeout.peer.proving': silence,
        'xstate.after.greetingTimeout.peer.claiming': silence,
      },
      ({ value, status }, step) => {
        if (step?.event.type.startsWith('xstate.after.')) silences++
        const { peers } = node.getSnapshot()
        expect(peers.map(({ transport }) => transport)).toEqual(value === 'connected' ? ['road'] : [])
        // It is gone and has left nothing.
        expect(node.transports()[0]?.links).toBe(status === 'active' ? 1 : 0)
        expect(errors.filter(({ code }) => code === 'PEER_TIMED_OUT').length).toBe(silences)
        expect(node.state).toBe('readOnly')
      },
    )
  } finally {
    await stage.close()
  }
}
