import { createActor, SimulatedClock } from 'xstate'
import {
  type NodeEvent,
  nodeMachine,
  type OpenedHypha,
  type PeerInput,
  type PromptInput,
  peerMachine,
  promptMachine,
  promptsMachine,
  requestMachine,
} from '../../src/machines/index.js'
import { createPuppets, type Puppets } from './puppets.js'

export const input = { name: 'Laptop', transports: [{ id: 'tcp', name: 'tcp', on: true }], recalls: false }

export const link = (linkId: string): PeerInput => ({
  linkId,
  transport: 'tcp',
  direction: 'outgoing',
  address: '127.0.0.1:1',
})

export const request = (id: string): PromptInput => ({
  id,
  nodeName: `Device ${id}`,
  writerKey: id.padEnd(64, '0'),
  receivedAt: 0,
  words: [],
  legacy: false,
})

/** The machine with puppets where it reaches out of itself. */
export const provideOutside = (puppets: Puppets) =>
  nodeMachine.provide({
    actors: {
      ...(Object.fromEntries([['transports', puppets.callback('transports')]]) as Record<string, never>),
      recall: puppets.promise('recall'),
      remember: puppets.promise('remember'),
      deriveKeys: puppets.promise('deriveKeys'),
      openDatabase: puppets.promise('openDatabase'),
      database: puppets.callback('database'),
      channel: puppets.callback('channel'),
      release: puppets.promise('release'),
    },
  })

/** A node of real machines, all the way down to the work, which puppets do. */
export const createRig = () => {
  const puppets = createPuppets()
  const machine = provideOutside(puppets).provide({
    actors: {
      peer: peerMachine.provide({
        actors: {
          replication: puppets.callback('replication'),
          messaging: puppets.callback('messaging'),
          deduplication: puppets.callback('deduplication'),
          claiming: puppets.callback('claiming'),
        },
      }),
      request: requestMachine.provide({
        actors: {
          sendRequest: puppets.promise('sendRequest'),
          repeatRequest: puppets.promise('repeatRequest'),
          sendCancel: puppets.promise('sendCancel'),
        },
      }),
      prompts: promptsMachine.provide({
        actors: {
          prompt: promptMachine.provide({
            actors: { authorise: puppets.promise('authorise'), decline: puppets.promise('decline') },
          }),
        },
      }),
    },
  })
  const clock = new SimulatedClock()
  const actor = createActor(machine, { input, clock }).start()
  return {
    puppets,
    clock,
    actor,
    state: () => actor.getSnapshot().value,
    children: () => Object.keys(actor.getSnapshot().children).sort(),
    prompts: () => Object.keys(actor.getSnapshot().children.prompts?.getSnapshot().context.prompts ?? {}),
    /** From nobody's device to a hypha whose transports are about to start. */
    enter: async (entrance: NodeEvent, opened: OpenedHypha) => {
      actor.send(entrance)
      await puppets.finish('deriveKeys')
      await puppets.finish('openDatabase', opened)
    },
  }
}

export const asOrigin = async () => {
  const rig = createRig()
  await rig.enter({ type: 'signUp', domain: 'ada.example' }, { role: 'origin', hasChannel: true })
  rig.actor.send({ type: 'transports.ready' })
  await rig.puppets.finish('remember')
  return rig
}

export const asReader = async (requestId?: string) => {
  const rig = createRig()
  await rig.enter(
    { type: 'signIn', domain: 'ada.example', ...(requestId === undefined ? {} : { requestId }) },
    { role: 'reader', hasChannel: true },
  )
  rig.actor.send({ type: 'transports.ready' })
  await rig.puppets.finish('remember')
  return rig
}
