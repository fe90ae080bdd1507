import { expect } from 'vitest'
import { createMemoryNetwork, HyphaError, type HyphaNode, memoryTransport } from '../../src/index.js'
import {
  GREETING_DELAY_MS,
  type NodeContext,
  OPENING_LIMIT_MS,
  RENEWAL_DELAY_MS,
} from '../../src/machines/index.js'
import { fromHex } from '../../src/protocol/bytes.js'
import type { AnyEvent, Executors, Path } from '../../src/testing/index.js'
import { reached, until } from '../node/until.js'
import { DOMAIN, type Hypha } from './hypha.js'
import { type Kept, LOCK_WAIT, NO_LINK } from './node-world.js'
import { createAnswering, createRawPeer } from './raw-peer.js'
import { createRoad } from './road.js'
import { byItself, createStage, follow } from './stage.js'
import { createStore, type Store } from './store.js'

/** What a write comes to, by the state of the node. */
const codeOfPut = async (node: HyphaNode): Promise<string> => {
  try {
    await node.put('probe', node.state)
    return 'written'
  } catch (error) {
    return error instanceof HyphaError ? error.code : String(error)
  }
}

const CODES: Readonly<Record<string, string>> = {
  signedOut: 'NOT_OPEN',
  opening: 'NOT_OPEN',
  origin: 'written',
  writer: 'written',
  readOnly: 'NOT_A_WRITER',
  awaitingAuthorisation: 'NOT_A_WRITER',
  closed: 'CLOSED',
}

const topOf = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(value as object)[0] ?? '')

/** A device from its first moment to its last, on a disk and with roads that do as the path says. */
export const walkNode = async (path: Path, hypha: Hypha): Promise<void> => {
  const stage = createStage()
  const network = createMemoryNetwork()
  const disk = createStore()
  const road = createRoad()
  const spare = createRoad('spare')
  disk.opening.hold()
  road.starting.hold()
  road.stopping.hold()
  const node = stage.subject({
    storage: disk.storage,
    transports: [road.transport, memoryTransport(network), spare.transport],
  })
  const device = ({ storage }: Store) => stage.other({ storage, transports: [memoryTransport(network)] })
  const answering = createAnswering(hypha)
  const hyphalink = () => fromHex(node.hyphalink, 32) ?? new Uint8Array(32)
  /** By a link that is none, where the path says that keys can't be derived from it. */
  const open = (index: number) => {
    const later = path.steps.slice(index).map(({ event }) => event.type)
    const derived = later.find((type) => type.endsWith('.actor.deriveKeys'))
    return node.open({ hyphalink: derived?.startsWith('xstate.error') ? NO_LINK : hypha.hyphalink })
  }
  const signIn = (domain: string, request: boolean) =>
    node.signIn({ domain, passphrase: hypha.passphrase, request })
  /** What calls come to, the state of the node tells. */
  const behind = (call: Promise<unknown>) => void call.catch(() => {})
  /** A call that goes on by itself once the storage has been looked at. */
  let isCalling = false
  const unlessCalling = (call: () => Promise<unknown>) => {
    if (isCalling) isCalling = false
    else behind(call())
  }
  let near: HyphaNode | undefined
  let link: ReturnType<typeof road.link> | undefined
  let byHand: ReturnType<typeof createRawPeer> | undefined

  /** A question by a device that has just come. */
  const asked = async (which: number): Promise<string> => {
    const asker = device((hypha.guests[which] ?? hypha.reader).copy())
    await reached(asker, 'readOnly')
    behind(asker.requestAuthorisation())
    const id = await until(asker, () => asker.request()?.id)
    await until(node, () => node.requests().some((request) => request.id === id))
    return id
  }
  /** A peer that comes: a device that may answer, by hand. */
  const come = () => {
    byHand = createRawPeer(road.link().theirs, { hyphalink: hyphalink() })
    return until(node, () => node.getSnapshot().peers.length > 0)
  }
  const say = (what: Parameters<typeof answering.say>[0]) =>
    byHand?.send(
      answering.say(what, {
        request: node.request()?.id ?? '',
        target: node.writerKey ?? '',
        issued: stage.time.now(),
      }),
    )
  /** Timers of a kind can't be set, if the next step is that somebody breaks for it. */
  const failing = (next: AnyEvent | undefined, child: string, delay: number) =>
    stage.failTimers((wanted) => next?.type === `xstate.error.actor.${child}` && wanted === delay)
  const breakIn = () => {
    stage.failTimers(() => false)
  }
  const byRole = ({ role, hasChannel }: { role: string; hasChannel: boolean }): Store => {
    if (role === 'writer') return hypha.writer
    return hasChannel ? hypha.second : hypha.visitor
  }
  const expected = (index: number): NodeContext =>
    (path.steps[index - 1]?.expected ?? path.start).context as NodeContext

  /** Whatever the disk and the roads still hold up, so that it can be given back. */
  const letGo = (value: unknown) => {
    disk.opening.free()
    disk.release()
    road.starting.free()
    // Whoever is closed while it gives back what it held does so once more.
    if (topOf(value) === 'closed') road.stopping.free()
    else road.stopping.let()
    disk.opening.hold()
    road.starting.hold()
  }

  const executors: Executors = {
    'xstate.done.actor.recall': ({ output }) => {
      const { found, name } = output as { found: boolean; name: Kept }
      disk.become(found ? hypha[name === 'origin' ? 'originAfter' : name] : undefined)
      if (found) isCalling = false
      disk.opening.let()
    },
    'xstate.error.actor.recall': ({ error }) => {
      const { code } = error as HyphaError
      if (code === 'STORAGE_LOCKED') {
        isCalling = false
        return disk.opening.let(new HyphaError('STORAGE_LOCKED', 'Somebody else has it. Close that first.'))
      }
      disk.become(code === 'STORAGE_DAMAGED' ? hypha.second.withDamage() : hypha.second)
      if (code === 'STORAGE_FAILED') {
        isCalling = false
        disk.breakReads((name) => name.startsWith('node/'))
      }
      disk.opening.let()
    },
    signUp: ({ domain }) => behind(node.signUp({ domain: String(domain) })),
    signIn: ({ domain, requestId }) => unlessCalling(() => signIn(String(domain), requestId !== undefined)),
    open: (_, { index }) => unlessCalling(() => open(index)),
    'xstate.done.actor.deriveKeys': byItself,
    'xstate.error.actor.deriveKeys': byItself,
    'xstate.done.actor.openDatabase': ({ output }, { index, next }) => {
      const { entrance } = expected(index)
      if (entrance?.by === 'signIn' || entrance?.by === 'hyphalink')
        disk.become(byRole(output as never).withoutRecord())
      failing(next, 'transports', OPENING_LIMIT_MS)
      disk.opening.let()
    },
    'xstate.error.actor.openDatabase': () => disk.opening.let(new Error('EIO')),
    'xstate.error.actor.transports': byItself,
    'transports.ready': (_, { index }) => {
      if (expected(index).entrance?.by !== 'storage') disk.hold((name) => name.startsWith('node/'))
      else failing(path.steps[index + 2]?.event, 'request', RENEWAL_DELAY_MS)
      road.starting.let()
    },
    'transports.failed': () =>
      road.starting.let(new HyphaError('LISTEN_FAILED', 'Something else listens there.')),
    'xstate.done.actor.remember': (_, { next }) => {
      failing(next, 'request', RENEWAL_DELAY_MS)
      disk.release()
    },
    'xstate.error.actor.remember': async () => {
      await disk.isUsed()
      disk.release(new Error('ENOSPC'))
    },
    'database.authorised': () => {
      near = device(hypha.originAfter.copy())
    },
    // Never sent: writing asks whether it would be taken. Whoever has the actor may send it, and nothing comes of it.
    write: () => node.actor.send({ type: 'write' }),
    authorise: async () => node.authorise(await asked(0)),
    decline: async () => node.decline(await asked(1)),
    requestAuthorisation: (_, { next }) => {
      failing(next, 'request', RENEWAL_DELAY_MS)
      behind(node.requestAuthorisation())
    },
    cancelRequest: () => node.cancelRequest(),
    'peer.appeared': async () => void (await come()),
    'answer.acknowledged': async () => {
      if (!byHand) await come()
      say({ type: 'acknowledgement' })
    },
    'answer.approved': async () => {
      if (!byHand) await come()
      say({ type: 'decision', outcome: 'authorised' })
    },
    'answer.declined': async () => {
      if (!byHand) await come()
      say({ type: 'decision', outcome: 'declined' })
    },
    'xstate.done.actor.request': byItself,
    'xstate.error.actor.request': byItself,
    connection: (_, { next }) => {
      failing(next, 'peer:1', GREETING_DELAY_MS)
      link = road.link()
    },
    'xstate.done.actor.peer:1': () => void link?.theirs.destroy(),
    'xstate.error.actor.peer:1': byItself,
    setTransport: ({ on }) => behind(node.setTransport('spare', on === true)),
    problem: () => road.report(new HyphaError('ADDRESS_UNREACHABLE', 'Nobody answers.')),
    'problem.solved': async () => void (await come()),
    [LOCK_WAIT]: async () => {
      await near?.close()
      await stage.toNextTimer()
    },
    recall: async ({ call }, { index }) => {
      await near?.close()
      disk.mend()
      isCalling = true
      behind(call === 'open' ? open(index) : signIn(DOMAIN, false))
    },
    'xstate.done.actor.release': (_, { expected: { value } }) => letGo(value),
    'xstate.error.actor.release': (_, { expected: { value } }) => {
      // What nobody worked on any more can’t be given back either.
      if (link)
        link.ours.destroy = () => {
          throw new Error('It broke.')
        }
      letGo(value)
    },
    close: () => behind(node.close()),
  }
  try {
    await follow(path, stage.witness.follow('node'), executors, async ({ value, context }, step) => {
      if (step?.event.type.startsWith('xstate.error.')) breakIn()
      const state = topOf(value)
      expect(node.state).toBe(state)
      expect(node.request() !== undefined).toBe(state === 'awaitingAuthorisation')
      if (context.role !== undefined) expect(node.hyphalink).toMatch(/^[0-9a-f]{64}$/)
      if (state === 'signedOut') expect(node.hyphalink).toBeUndefined()
      expect(node.transports().map(({ on }) => on)).toEqual(
        context.transports.map(({ on }: { on: boolean }) => on),
      )
      const { problem, peers } = node.getSnapshot()
      if (state === 'failed') expect(problem).toBeDefined()
      if (context.role === undefined) expect(peers).toEqual([])
      // Where a disk or a road holds it up, so would writing be.
      if (typeof value === 'string' && CODES[state]) expect(await codeOfPut(node)).toBe(CODES[state])
    })
  } finally {
    disk.mend()
    letGo('closed')
    await stage.close()
  }
}
