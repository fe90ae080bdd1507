/** Connections that come and are cut, over and over, and what is left behind by them. */
import { readdirSync } from 'node:fs'
import type { AnyActorRef } from 'xstate'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, memoryStorage, tcp } from '../../src/index.js'
import { type CutKind, createWire } from '../../src/testing/index.js'
import { between, createRandom, oneOf } from '../../src/testing/random.js'
import { byHand } from './by-hand.js'
import { watchFeeds } from './feeds.js'
import { settled } from './settled.js'

export type Census = Readonly<Record<string, number>>

export interface CycleWorld {
  /** So many connections, half of them to the always-on node and half to another node. */
  run(cycles: number): Promise<void>
  /** Counts what there is, once everything that was cut has gone. */
  census(): Promise<Census>
  /** What there is more of than before. What is about to go, as a timer of a moment, has seconds for it; a leak stays. */
  left(before: Census): Promise<Census>
  close(): Promise<void>
}

const actorsBelow = (actor: AnyActorRef): number => {
  const { children = {} }: { children?: Record<string, AnyActorRef | undefined> } = actor.getSnapshot()
  return Object.values(children).reduce((sum, child) => sum + (child ? 1 + actorsBelow(child) : 0), 0)
}

const countResources = (): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Where the platform tells. */
const openFiles = (): number => {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}

const more = (before: Census, after: Census): Census =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, difference]) => difference > 0),
  )

/** What is cut soon, in the middle of a handshake and while it replicates. */
const BYTES = [20, 100, 400, 2_000, 10_000] as const

const LEFT_WITHIN_MS = 15_000

export const createCycleWorld = async (): Promise<CycleWorld> => {
  const feeds = watchFeeds()
  const road = byHand()
  const listener = tcp({ listen: '127.0.0.1:0' })
  const node = createNode({ storage: memoryStorage(), transports: [road.transport] })
  const { passphrase } = await node.signUp({ domain: 'cycles.example' })
  const { hyphalink = '' } = node
  const alwaysOn = await createAlwaysOnNode({ port: 0, tcpPort: 0, hyphas: [hyphalink] })
  const other = createNode({ transports: [listener] })
  node.on('authorisation-requested', ({ id }) => void node.authorise(id))
  await other.signIn({ domain: 'cycles.example', passphrase })
  const wires = [
    await createWire({ to: listener.listening ?? '' }),
    await createWire({ to: `127.0.0.1:${alwaysOn.tcpPort}` }),
  ] as const
  const meeting = road.dial(wires[0].address)
  const nodes = [node, other]
  const say = () => `It did not settle: ${JSON.stringify(nodes.map((each) => each.getSnapshot()))}`
  await settled(nodes, () => other.state === 'writer', { within: 30_000, say })
  for (let i = 0; i < 20; i++) await node.put(`notes/${i}`, 'v'.repeat(200))
  await wires[0].cut({ healsAfter: 0 })
  await meeting
  // Until everyone knows every feed: what is opened once is no leak.
  const visit = road.dial(wires[1].address)
  await settled(nodes, () => node.getSnapshot().heldBy > 0, { within: 30_000, say })
  await wires[1].cut({ healsAfter: 0 })
  await visit

  const random = createRandom(2019)
  const cycle = async (i: number) => {
    const wire = oneOf(random, wires)
    const how = oneOf<CutKind>(random, ['reset', 'end'])
    if (i % 3 === 0) {
      // One that shakes hands first and gets something new.
      const met = new Promise<void>((resolve) => {
        const stop = node.on('peer-connected', () => {
          stop()
          resolve()
        })
      })
      const closed = road.dial(wire.address)
      await Promise.race([met, closed])
      if (i % 30 === 0) await node.put(`cycles/${i}`, i)
      await wire.cut({ how, healsAfter: 0 })
      await closed
      return
    }
    const cut = wire.cut({
      how,
      healsAfter: 0,
      afterBytes: between(random, 1, oneOf(random, BYTES)),
      direction: oneOf(random, ['up', 'down']),
    })
    const closed = road.dial(wire.address)
    // When there are no so many bytes to say it is cut all the same.
    const late = setTimeout(() => void wire.cut({ how, healsAfter: 0 }), 20)
    await closed
    clearTimeout(late)
    wire.heal()
    await cut
  }

  const census = async (): Promise<Census> => {
    await settled(nodes, () => nodes.every((each) => each.getSnapshot().peers.length === 0), {
      within: 30_000,
      say,
    })
    while (alwaysOn.status().connections > 0 || wires.some(({ connections }) => connections > 0))
      await new Promise(setImmediate)
    // What closes takes a moment longer than what says that it has closed.
    for (let i = 0; i < 10; i++) await new Promise(setImmediate)
    return {
      ...feeds.count(),
      actors: nodes.reduce((sum, { actor }) => sum + actorsBelow(actor), 0),
      'connections of the always-on node': alwaysOn.status().connections,
      'listeners of the process': process
        .eventNames()
        .reduce((sum, name) => sum + process.listenerCount(name), 0),
      'open files': openFiles(),
      ...countResources(),
    }
  }

  let count = 0
  return {
    run: async (cycles) => {
      for (let i = 0; i < cycles; i++) await cycle(count++)
    },
    census,
    left: async (before) => {
      const end = performance.now() + LEFT_WITHIN_MS
      for (;;) {
        const left = more(before, await census())
        if (Object.keys(left).length === 0 || performance.now() > end) return left
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    close: async () => {
      feeds.stop()
      await Promise.all(nodes.map((each) => each.close()))
      await Promise.all(wires.map((wire) => wire.close()))
      await alwaysOn.close()
    },
  }
}
