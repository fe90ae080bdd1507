import { expect } from 'vitest'
import { createMemoryNetwork, memoryTransport } from '../../src/index.js'
import { RENEWAL_DELAY_MS, REPEAT_DELAY_MS, requestMachine } from '../../src/machines/index.js'
import { fromHex } from '../../src/protocol/bytes.js'
import { type AnyEvent, type Path, pathsOf } from '../../src/testing/index.js'
import { reached, until } from '../node/until.js'
import type { Hypha } from './hypha.js'
import { createAnswering, createRawPeer } from './raw-peer.js'
import { createRoad } from './road.js'
import { byItself, createStage, follow } from './stage.js'

const REPEAT = 'xstate.after.repeat.request.asking.sending.waiting'
const RENEWAL = 'xstate.after.renewal.request.asking.lifetime.current'

const events: AnyEvent[] = [
  { type: 'peer.appeared' },
  { type: 'acknowledged', by: 'phone' },
  { type: 'approved', by: 'phone' },
  { type: 'declined', by: 'phone' },
  { type: 'authorised' },
  { type: 'cancel' },
  ...['sendRequest', 'repeatRequest', 'sendCancel'].flatMap((name) => [
    { type: `xstate.done.actor.${name}`, actorId: name },
    { type: `xstate.error.actor.${name}`, actorId: name, error: new Error('It broke.') },
  ]),
  { type: REPEAT },
  { type: RENEWAL },
]

/** What happens within the turn in which the world makes it happen: the next may come before any promise settles. */
const AT_ONCE = ['start', 'peer.appeared', REPEAT, RENEWAL]

export const requestPaths = pathsOf(requestMachine, {
  input: { requestId: 'ab'.repeat(16) },
  events,
  remember: ({ heard, missed }) => [heard, missed],
  world: {
    start: { last: 'start' },
    allows: ({ last }, { type }, { value, context }) => {
      if (value === 'cancelling') return type !== 'authorised' || last === 'cancel'
      const sending = value.asking.sending as 'requesting' | 'waiting' | 'repeating'
      const isInTime = sending === 'waiting' || AT_ONCE.includes(last)
      if (type.startsWith('xstate.done.')) return true
      if (type === 'xstate.error.actor.sendRequest') return last === 'start'
      if (type === 'xstate.error.actor.repeatRequest') return last === 'peer.appeared' && !context.missed
      if (type === 'peer.appeared') return isInTime
      // Unheard, it is repeated long before it is renewed: that can only happen while it is being repeated.
      if (type === RENEWAL)
        return (sending === 'waiting' && context.heard) || (sending === 'repeating' && isInTime)
      return sending === 'waiting'
    },
    after: (_, { type }) => ({ last: type }),
  },
  as: 'tours',
})

/**
 * A device that asks. The one where the hypha was begun has let it in already, but is met only when it shall be, by a reader that
 * passes its entries on: so it never hears the question. What is said, is said by hand with the key of another device that may.
 */
export const walkRequest = async (path: Path, hypha: Hypha): Promise<void> => {
  const stage = createStage()
  const { time } = stage
  const network = createMemoryNetwork()
  const road = createRoad()
  const elsewhere = createMemoryNetwork()
  const [guest = hypha.reader] = hypha.guests
  const node = stage.subject({
    storage: hypha.second.copy().storage,
    transports: [memoryTransport(network), road.transport],
  })
  const between = stage.other({
    storage: guest.copy().storage,
    transports: [memoryTransport(network), memoryTransport(elsewhere)],
  })
  await Promise.all([reached(node, 'readOnly'), reached(between, 'readOnly')])
  const hyphalink = fromHex(hypha.hyphalink, 32) ?? new Uint8Array(32)
  const link = road.heldLink()
  const raw = createRawPeer(link.theirs, { hyphalink })
  /** Another peer, to which nothing can be sent while it is broken. */
  const { ours: breakable, theirs } = road.link()
  createRawPeer(theirs, { hyphalink })
  let isBroken = false
  const { write } = breakable
  breakable.write = (...given: unknown[]) => {
    if (isBroken) throw new Error('It broke.')
    return Reflect.apply(write, breakable, given)
  }
  const byHand = createRawPeer(road.link().theirs, { hyphalink })
  await until(node, () => node.getSnapshot().peers.length === 4)
  // An always-on node's hints that somebody has come, kept back until they are wanted.
  link.hold()
  const hints = path.steps.filter(({ event }) => event.type === 'peer.appeared').length
  for (let hint = 1; hint <= hints; hint++) {
    raw.hint(hint)
    await time.settle()
    await time.settle()
  }
  const phone = createAnswering(hypha)
  const say = (what: Parameters<typeof phone.say>[0]) => {
    const target = node.writerKey ?? ''
    byHand.send(phone.say(what, { request: id, target, issued: time.now() }))
  }
  const breaking = (next: AnyEvent | undefined, run: () => void) => {
    isBroken = next?.type === 'xstate.error.actor.repeatRequest'
    run()
    isBroken = false
  }
  const letIn = () =>
    void stage.other({
      storage: hypha.originAfter.copy().storage,
      transports: [memoryTransport(elsewhere)],
    })
  const isFirst = (type: string) => path.steps[0]?.event.type === type
  const ask = () => node.requestAuthorisation()
  const answer = isFirst('xstate.error.actor.sendRequest') ? stage.withoutTime(ask) : ask()
  const id = node.request()?.id ?? ''
  let renewal = time.now() + RENEWAL_DELAY_MS
  try {
    await follow(
      path,
      stage.witness.follow('request'),
      {
        'peer.appeared': (_, { next }) => breaking(next, link.deliverOne),
        acknowledged: () => say({ type: 'acknowledgement' }),
        approved: () => say({ type: 'decision', outcome: 'authorised' }),
        declined: () => say({ type: 'decision', outcome: 'declined' }),
        authorised: (_, { index }) => (path.steps[index - 1]?.event.type === 'cancel' ? undefined : letIn()),
        cancel: (_, { next }) => {
          if (next?.type === 'xstate.error.actor.sendCancel') stage.withoutTime(node.cancelRequest)
          else if (next?.type !== 'authorised') node.cancelRequest()
          else {
            // The person thinks better of it just when the news arrives that they were let in.
            const subscription = node.actor.subscribe(() => {
              if (!node.nodes().some(({ isSelf }) => isSelf)) return
              subscription.unsubscribe()
              node.cancelRequest()
            })
            return letIn()
          }
        },
        'xstate.done.actor.sendRequest': byItself,
        'xstate.error.actor.sendRequest': byItself,
        'xstate.done.actor.repeatRequest': byItself,
        'xstate.error.actor.repeatRequest': byItself,
        'xstate.done.actor.sendCancel': byItself,
        'xstate.error.actor.sendCancel': byItself,
        [REPEAT]: () => time.advance(REPEAT_DELAY_MS),
        [RENEWAL]: () => {
          time.advance(renewal - time.now())
          renewal = time.now() + RENEWAL_DELAY_MS
        },
      },
      ({ status, context, output }) => {
        if (status !== 'active') {
          expect(node.state).toBe(output?.outcome === 'authorised' ? 'writer' : 'readOnly')
          expect(node.request()).toBeUndefined()
          return
        }
        expect(node.state).toBe('awaitingAuthorisation')
        expect(node.request()?.id).toBe(id)
        expect(node.request()?.answeredBy).toBe(context.answeredBy && phone.writerKey)
      },
    )
    const last = path.steps[path.steps.length - 1]?.expected
    if (last?.status !== 'done') return
    expect((await answer).outcome).toBe(last.output?.outcome)
  } finally {
    await stage.close()
    await answer
  }
}
