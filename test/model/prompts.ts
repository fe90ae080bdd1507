import { expect } from 'vitest'
import { createMemoryNetwork, type HyphaNode, memoryTransport } from '../../src/index.js'
import {
  PROMPT_LIFETIME_MS,
  type PromptInput,
  promptsMachine,
  RENEWAL_DELAY_MS,
} from '../../src/machines/index.js'
import { fromHex } from '../../src/protocol/bytes.js'
import { type AnyEvent, type Path, pathsOf } from '../../src/testing/index.js'
import { reached, until } from '../node/until.js'
import type { Hypha } from './hypha.js'
import { createMadeUpDevice, createRawPeer } from './raw-peer.js'
import { createRoad } from './road.js'
import { byItself, createStage, follow } from './stage.js'
import type { Store } from './store.js'

const request = (id: string, device = id): PromptInput => ({
  id,
  nodeName: `Device ${device}`,
  writerKey: device.padEnd(64, '0'),
  receivedAt: 0,
  words: [],
  legacy: false,
})
const received = (id: string, device?: string): AnyEvent => ({
  type: 'request.received',
  request: request(id, device),
})
/** Which question an event is about. */
const idOf = (event: AnyEvent): string => {
  if (event.type === 'request.received') return (event.request as PromptInput).id
  if (event.type === 'writer.authorised') return 'b'
  return String(event.id ?? event.actorId).replace('prompt:', '')
}

const ends = ['request.cancelled', 'request.declinedElsewhere', 'authorise', 'decline'].map((type) => ({
  type,
  id: 'a',
}))
const events: AnyEvent[] = [
  received('a'),
  received('b'),
  // A device that has lost its question asks anew, and one that asks twice at once.
  received('a2', 'a'),
  received('c'),
  { type: 'mayAnswer' },
  { type: 'request.renewed', id: 'a' },
  ...ends,
  { type: 'writer.authorised', writerKey: request('b').writerKey },
  ...['a', 'b'].map((id) => ({ type: `xstate.done.actor.prompt:${id}`, actorId: `prompt:${id}` })),
  { type: 'xstate.error.actor.prompt:a', actorId: 'prompt:a', error: new Error('It broke.') },
]

/** What a question does not outlive. */
const isEnd = (event: AnyEvent): boolean =>
  event.type === 'writer.authorised' || ends.some(({ type }) => type === event.type)

interface World {
  readonly last: string
  /** The question that has just been answered. */
  readonly ending: string
  /** Devices that have been let in. */
  readonly writers: readonly string[]
}

export const promptsPaths = pathsOf<World>(promptsMachine, {
  events,
  remember: ({ prompts }) => Object.keys(prompts),
  world: {
    start: { last: '', ending: '', writers: [] },
    allows: ({ last, ending, writers }, event, { context: { prompts } }) => {
      const { type } = event
      const id = idOf(event)
      if (ending || type.startsWith('xstate.done.')) return type === `xstate.done.actor.prompt:${ending}`
      if (type.startsWith('xstate.error.')) return last === id
      if (type === 'mayAnswer') return true
      if (type !== 'request.received')
        return prompts[id] !== undefined && !(type.endsWith('renewed') && prompts.c)
      if (id === 'c') return !prompts.c || last === 'c'
      if (id === 'a2') return prompts.a !== undefined && !prompts.a2
      return !prompts[id] && !writers.includes(id) && !(id === 'a' && prompts.a2)
    },
    after: ({ writers }, event) => {
      const id = idOf(event)
      const isYes = event.type === 'authorise' || event.type === 'writer.authorised'
      return {
        last: event.type === 'request.received' ? id : '',
        ending: id === 'a2' ? 'a' : isEnd(event) ? id : '',
        writers: isYes ? [...writers, id].sort() : writers,
      }
    },
  },
  as: 'tours',
})

/** A device that may not answer yet, one that may, two that ask, and one that was made up. */
export const walkPrompts = async (path: Path, hypha: Hypha): Promise<void> => {
  const stage = createStage()
  const network = createMemoryNetwork()
  const road = createRoad()
  const device = ({ storage }: Store) => stage.other({ storage, transports: [memoryTransport(network)] })
  const node = stage.subject({
    storage: hypha.second.copy().storage,
    transports: [memoryTransport(network), road.transport],
  })
  const second = device(hypha.writer.copy())
  const askers = new Map(hypha.guests.slice(0, 2).map((guest, index) => ['ab'[index], device(guest.copy())]))
  const askerOf = (id: string): HyphaNode => askers.get(id) ?? node
  await Promise.all([reached(node, 'readOnly'), reached(second, 'writer')])
  await Promise.all([...askers.values()].map((asker) => reached(asker, 'readOnly')))
  const all = [node, second, ...askers.values()]
  for (const each of all) await until(each, () => each.getSnapshot().peers.length === all.length - 1)

  const link = road.heldLink()
  const raw = createRawPeer(link.theirs, { hyphalink: fromHex(hypha.hyphalink, 32) ?? new Uint8Array(32) })
  await until(node, () => node.getSnapshot().peers.length === all.length)
  const stranger = createMadeUpDevice(hypha)
  /** What questions are called here. */
  const ids = new Map<string, string>([['c', stranger.request]])
  const ask = async (name: string) => {
    const asker = askerOf(name[0] ?? '')
    // What it asked before is over there too.
    await reached(asker, 'readOnly')
    asker.requestAuthorisation().catch(() => {})
    ids.set(name, asker.request()?.id ?? '')
  }
  const atSecond = (id: string) =>
    until(second, () => second.requests().some((each) => each.id === ids.get(id)) && ids.get(id))
  /** Two messages of one question, in the middle of a transition: neither knows of the other. */
  const askTwice = async () => {
    link.hold()
    raw.send(stranger.ask(stage.time.now()))
    raw.send(stranger.ask(stage.time.now()))
    await stage.time.settle()
    await stage.time.settle()
    const subscription = node.actor.subscribe(() => {
      subscription.unsubscribe()
      link.free()
    })
    void node.setTransport('road', true)
  }
  try {
    await follow(
      path,
      stage.witness.follow('prompts'),
      {
        'request.received': async (event, { next }) => {
          const id = idOf(event)
          if (id === 'c') {
            if (next && idOf(next) === 'c') await askTwice()
            else if (
              !node.actor.getSnapshot().children.prompts?.getSnapshot().context.prompts[stranger.request]
            )
              raw.send(stranger.ask(stage.time.now()))
            return
          }
          if (id === 'a2') {
            // Nobody hears that the first was taken back.
            const asker = askerOf('a')
            await asker.setTransport('memory', false)
            asker.cancelRequest()
            await ask('a2')
            await asker.setTransport('memory', true)
            return
          }
          stage.failTimers(
            (delay) => next?.type.startsWith('xstate.error.') === true && delay === PROMPT_LIFETIME_MS,
          )
          await ask(id)
        },
        'request.renewed': () => stage.time.advance(RENEWAL_DELAY_MS),
        'request.cancelled': ({ id }) => askerOf(String(id)).cancelRequest(),
        'request.declinedElsewhere': async ({ id }) => second.decline((await atSecond(String(id))) ?? ''),
        'writer.authorised': async () => second.authorise((await atSecond('b')) ?? ''),
        // The device where it was begun comes, and brings the news that this one may write.
        mayAnswer: () => void device(hypha.originAfter.copy()),
        authorise: ({ id }) => node.authorise(ids.get(String(id)) ?? ''),
        decline: ({ id }) => node.decline(ids.get(String(id)) ?? ''),
        'xstate.done.actor.prompt:a': byItself,
        'xstate.done.actor.prompt:b': byItself,
        'xstate.error.actor.prompt:a': async () => {
          await until(askerOf('a'), () => askerOf('a').request() !== undefined)
        },
      },
      ({ value, context }, step) => {
        if (step?.event.type.startsWith('xstate.error.')) {
          stage.failTimers(() => false)
          askerOf('a').cancelRequest()
        }
        const mayAnswer = value === 'answering'
        expect(node.state).toBe(mayAnswer ? 'writer' : 'readOnly')
        const answered = step && isEnd(step.event) ? idOf(step.event) : ''
        const shown = Object.keys(context.prompts).flatMap((id) => (id === answered ? [] : [ids.get(id)]))
        expect(node.requests().map(({ id }) => id)).toEqual(mayAnswer ? shown : [])
      },
    )
  } finally {
    await stage.close()
  }
}
