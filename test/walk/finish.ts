/** The end of a walk: every road is whole again, everyone is there, and what must hold then. */
import type { HyphaNode } from '../../src/index.js'
import { createRandom } from '../../src/testing/random.js'
import { answerOn, codeOf } from './deeds.js'
import type { Hypha } from './model.js'
import type { Slot, WalkWorld } from './world.js'

/** Real time for everything to settle. */
const LIMIT_MS = 90_000
/** Without news for so long the walk's clock moves on: some things happen by the minute. */
const PATIENCE_MS = 10_000
const QUESTION_REPEATED_MS = 31_000

/** Resolves when it holds; looks when a node changes, and now and then. */
const holds = async (
  world: WalkWorld,
  limit: number,
  check: () => Promise<string | undefined>,
  tell: (news: string) => void,
): Promise<string | undefined> => {
  const end = performance.now() + limit
  let movesAt = performance.now() + PATIENCE_MS
  for (;;) {
    const missing = await check()
    if (missing === undefined || world.model.violations.length > 0) return undefined
    const now = performance.now()
    if (now > end) return missing
    if (now > movesAt) {
      tell(missing)
      movesAt = now + PATIENCE_MS
      await world.clock.advance(QUESTION_REPEATED_MS)
    }
    await new Promise<void>((resolve) => {
      const stop = world.onChange(() => done())
      const timer = setTimeout(() => done(), 200)
      const done = () => {
        clearTimeout(timer)
        stop()
        // A few changes at a time.
        setTimeout(resolve, 5)
      }
    })
  }
}

const nodesOf = (world: WalkWorld): { slot: Slot; node: HyphaNode }[] =>
  world.slots.flatMap((slot) => (slot.node ? [{ slot, node: slot.node }] : []))

const isDone = ({ state }: HyphaNode) => state === 'origin' || state === 'writer'

const lineOf = (key: string, value: unknown, author: string, all: readonly unknown[] = []) =>
  `${key} = ${JSON.stringify(value)} by ${author} of ${JSON.stringify(all)}`

const everything = async (node: HyphaNode, onlyPublic: boolean): Promise<string> => {
  const lines = []
  for await (const { key, value, author, public: isPublic } of node.entries()) {
    if (onlyPublic && !isPublic) continue
    // Others can be private.
    const all = onlyPublic ? [] : await node.getAll(key)
    lines.push(lineOf(key, value, author, all))
  }
  return lines.join('\n')
}

/** The first lines that only one of them has. */
const apartIn = (one: string, other: string): string => {
  const only = (mine: string, theirs: string) =>
    mine.split('\n').find((line) => !theirs.split('\n').includes(line))
  return `${only(one, other)?.slice(0, 300) ?? 'nothing'} | ${only(other, one)?.slice(0, 300) ?? 'nothing'}`
}

/**
 * A reader has what is public to a writer. Where a writer shows a private value first, of several that were written at the same
 * time, the reader shows the public one.
 */
const apartForReader = async (reader: HyphaNode, writer: HyphaNode, inPublic: string) => {
  const all = await everything(reader, true)
  const lines = new Set(all.split('\n'))
  const missing = inPublic.split('\n').find((line) => line !== '' && !lines.has(line))
  if (missing !== undefined) return `it lacks ${missing.slice(0, 300)}`
  const expected = new Set(inPublic.split('\n'))
  for await (const { key, value, author } of reader.entries()) {
    if (expected.has(lineOf(key, value, author))) continue
    if (!(await writer.getAll(key)).includes(value))
      return `it has ${lineOf(key, value, author).slice(0, 300)}`
  }
  return undefined
}

const heal = async (world: WalkWorld): Promise<void> => {
  for (const { wires } of world.slots)
    for (const wire of wires) {
      wire.heal()
      wire.delay(0)
    }
  for (const slot of world.slots) await world.start(slot)
  for (const { slot, node } of nodesOf(world))
    for (const { id, on } of node.transports())
      if (!on)
        await node
          .setTransport(id, true)
          .catch((error) => world.model.violate(`${slot.name} can't take ${id} into use: ${codeOf(error)}`))
}

/** Whoever can ask asks, and the person says yes wherever they are asked. */
const everyoneWrites = async (world: WalkWorld): Promise<string | undefined> => {
  const waiting: string[] = []
  for (const [i, { slot, node }] of nodesOf(world).entries()) {
    const { state } = node
    if (state === 'signedOut' || isDone(node)) {
      if (node.requests().length === 0) continue
      const step = { index: -1, deed: 'answer', on: slot.index, seed: i, waits: true, pause: 0 } as const
      await answerOn({ world, slot, step, random: createRandom(i) }, 'yes')
      waiting.push(`${slot.name} shows ${node.requests().length} questions`)
    } else if (state === 'failed') world.model.violate(`${slot.name} has failed`)
    else if (state === 'readOnly') {
      const hasAsked = node.requestAuthorisation().then(
        () => true,
        (error) => codeOf(error) !== 'NO_CHANNEL',
      )
      // A reader by hyphalink can't ask; from others an answer comes when it comes.
      if (await Promise.race([hasAsked, new Promise((resolve) => setTimeout(resolve, 0, true))]))
        waiting.push(`${slot.name} is ${node.state}`)
    } else waiting.push(`${slot.name} is ${node.state}`)
  }
  return waiting.length > 0 ? waiting.join(', ') : undefined
}

const lastPut = async (world: WalkWorld): Promise<void> => {
  for (const { slot, node } of nodesOf(world)) {
    if (!isDone(node) || !node.hyphalink) continue
    const planned = { key: `end/${slot.index}`, value: `the end of ${slot.name}`, seen: [] }
    const written = world.model.begins(node.hyphalink, planned)
    await node.put(planned.key, planned.value).then(
      () => world.model.acknowledged(written),
      (error) => world.model.violate(`${slot.name} can't write at the end: ${codeOf(error)}`),
    )
  }
}

/** What is missing for all nodes of a hypha to be alike and to have all that was acknowledged. */
const difference = async (world: WalkWorld, hypha: Hypha): Promise<string | undefined> => {
  const mine = nodesOf(world).filter(({ node }) => node.hyphalink === hypha.hyphalink)
  const writers = mine.filter(({ node }) => isDone(node))
  const [first] = writers
  if (!first) return undefined
  const keys = new Set(hypha.writes.map(({ key }) => key))
  for (const { slot, node } of writers)
    for (const key of keys) {
      const fault = world.model.faultOf(hypha, key, (await node.getAll(key)).map(String))
      if (fault) return `${slot.name}: ${fault}`
    }
  const expected = await everything(first.node, false)
  const inPublic = await everything(first.node, true)
  for (const { slot, node } of mine) {
    if (isDone(node)) {
      const all = await everything(node, false)
      if (all !== expected) return `${slot.name} and ${first.slot.name} differ: ${apartIn(all, expected)}`
    } else if (node.state === 'readOnly') {
      const missing = await apartForReader(node, first.node, inPublic)
      if (missing) return `${slot.name}, a reader, and ${first.slot.name} differ: ${missing}`
    }
    const names = (of: HyphaNode) => String(of.nodes().map(({ writerKey }) => writerKey))
    if (names(node) !== names(first.node)) return `${slot.name} and ${first.slot.name} know other writers`
    if (node.requests().length > 0) return `${slot.name} still asks its person`
  }
  return undefined
}

/** @param tell hears how far it has come, and what it waits for for long */
export const finish = async (world: WalkWorld, tell: (news: string) => void): Promise<void> => {
  const { model } = world
  tell('everyone comes back')
  await heal(world)
  tell('everyone asks to write')
  const stuck = await holds(world, LIMIT_MS, () => everyoneWrites(world), tell)
  if (stuck) return model.violate(`All roads are whole, and ${stuck}`)
  tell('everyone writes')
  await lastPut(world)
  tell('all become alike')
  const isApart = async () => {
    for (const hypha of model.hyphas.values()) {
      const fault = await difference(world, hypha)
      if (fault) return fault
    }
    return undefined
  }
  const apart = await holds(world, LIMIT_MS, isApart, tell)
  if (apart) return model.violate(`All roads are whole, and ${apart}`)
  for (const { slot, node } of nodesOf(world)) model.look(node, world.observerOf(slot))
}
