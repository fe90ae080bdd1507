import { expect } from 'vitest'
import { createMemoryNetwork, type HyphaNode, memoryTransport } from '../../src/index.js'
import { PROMPT_LIFETIME_MS, promptMachine, RENEWAL_DELAY_MS } from '../../src/machines/index.js'
import { type AnyEvent, type Path, pathsOf } from '../../src/testing/index.js'
import { reached, until } from '../node/until.js'
import type { Hypha } from './hypha.js'
import { byItself, createStage, follow } from './stage.js'
import type { Store } from './store.js'

const error = new Error('It broke.')

const events: AnyEvent[] = [
  { type: 'authorise' },
  { type: 'decline' },
  { type: 'renewed' },
  { type: 'cancelled' },
  { type: 'authorisedElsewhere' },
  { type: 'declinedElsewhere' },
  { type: 'xstate.done.actor.authorise', actorId: 'authorise' },
  { type: 'xstate.error.actor.authorise', actorId: 'authorise', error },
  { type: 'xstate.done.actor.decline', actorId: 'decline' },
  { type: 'xstate.error.actor.decline', actorId: 'decline', error },
  { type: 'xstate.after.lifetime.prompt.pending' },
]

export const promptPaths = pathsOf(promptMachine, {
  input: { id: 'a', nodeName: 'Watch', writerKey: '00', receivedAt: 0, words: [], legacy: false },
  events,
  remember: ({ meanwhile }: { meanwhile?: string }) => meanwhile,
  world: {
    // While a yes is being written one thing comes in between: who has taken the question back hears no answers.
    start: { isCrossed: false },
    allows: ({ isCrossed }, { type }) => !isCrossed || type.startsWith('xstate.'),
    after: (_, { type }, { value }) => ({ isCrossed: value === 'authorising' && type !== 'authorise' }),
  },
  as: 'tours',
})

/** Three devices: one that is asked, one that asks, and one that may answer as well. */
export const walkPrompt = async (path: Path, hypha: Hypha): Promise<void> => {
  const stage = createStage()
  const network = createMemoryNetwork()
  const disk = hypha.originAfter.copy()
  const device = ({ storage }: Store, isSubject = false) => {
    const options = { storage, transports: [memoryTransport(network)] }
    return isSubject ? stage.subject(options) : stage.other(options)
  }
  const [guest = hypha.reader] = hypha.guests
  const node = device(disk, true)
  const second = device(hypha.writer.copy())
  const asker = device(guest.copy())
  await Promise.all([reached(node, 'origin'), reached(second, 'writer'), reached(asker, 'readOnly')])
  for (const each of [node, second, asker]) await until(each, () => each.getSnapshot().peers.length === 2)
  asker.requestAuthorisation().catch(() => {})
  const asked = (each: HyphaNode) => until(each, () => each.requests()[0]?.id)
  const id = (await asked(node)) ?? ''
  await asked(second)
  const answers: Promise<string>[] = []
  const answer = (given: Promise<void>) =>
    void answers.push(
      given.then(
        () => 'done',
        ({ code }) => code,
      ),
    )
  try {
    await follow(
      path,
      stage.witness.follow('prompt'),
      {
        authorise: () => {
          // The disk takes its time.
          disk.hold((name) => name.endsWith('local/data'))
          answer(node.authorise(id))
        },
        decline: (_, { next }) => {
          const isFailing = next?.type.includes('.error.') === true
          // Until it is said, and not only as it is asked: the no is written down before a message tells of it.
          stage.stopTime(isFailing)
          answer(node.decline(id).finally(() => stage.stopTime(false)))
        },
        renewed: () => stage.time.advance(RENEWAL_DELAY_MS),
        cancelled: () => asker.cancelRequest(),
        authorisedElsewhere: () => second.authorise(id),
        declinedElsewhere: () => second.decline(id),
        'xstate.done.actor.authorise': () => disk.release(),
        'xstate.error.actor.authorise': async () => {
          await disk.isUsed()
          disk.release(new Error('ENOSPC'))
        },
        'xstate.done.actor.decline': byItself,
        'xstate.error.actor.decline': byItself,
        'xstate.after.lifetime.prompt.pending': async () => {
          // Whoever has gone renews nothing.
          await asker.setTransport('memory', false)
          stage.time.advance(PROMPT_LIFETIME_MS)
        },
      },
      async ({ value, status }, step) => {
        expect(node.requests().map((request) => request.id)).toEqual(status === 'active' ? [id] : [])
        expect(node.state).toBe('origin')
        if (step?.event.type === 'xstate.error.actor.authorise' && value === 'pending')
          expect(await answers.shift()).toBe('STORAGE_FAILED')
      },
    )
    const last = path.steps[path.steps.length - 1]
    for (const code of await Promise.all(answers)) {
      const isCarriedOut =
        last?.expected.output?.outcome ===
        (last?.takes[0]?.startsWith('declining') ? 'declined' : 'authorised')
      expect(code).toBe(isCarriedOut ? 'done' : 'REQUEST_UNKNOWN')
    }
  } finally {
    disk.release()
    await stage.close()
  }
}
