/** Two real nodes of one memory network, and how they are held to what the model says. */
import type fc from 'fast-check'
import {
  createMemoryNetwork,
  createNode,
  HyphaError,
  type HyphaNode,
  memoryStorage,
  memoryTransport,
  type NodeOptions,
  type Storage,
} from '../../src/index.js'
import {
  areConnected,
  type CallsModel,
  follow,
  isOpen,
  type ModelNode,
  mayWrite,
  type Which,
} from './calls-model.js'

/** What the model says must be so by then. */
const LIMIT_MS = 60_000

export interface Real {
  readonly nodes: HyphaNode[]
  readonly storages: readonly Storage[]
  /** By hypha of the model, in the order in which they came. */
  readonly hyphas: { passphrase: string; hyphalink: string }[]
  /** Request ids by serial. */
  readonly ids: Map<number, string>
  create(which: Which): HyphaNode
}

export type MakeNode = (options: NodeOptions) => HyphaNode

export const createReal = (make: MakeNode = createNode): Real => {
  const network = createMemoryNetwork()
  const storages = [memoryStorage(), memoryStorage()]
  const create = (which: Which) => {
    const options = { name: `node ${which}`, transports: [memoryTransport(network)] }
    return make({ ...options, storage: storages[which] ?? memoryStorage() })
  }
  return { nodes: [create(0), create(1)], storages, hyphas: [], ids: new Map(), create }
}

const codeOf = (error: unknown): string =>
  error instanceof HyphaError ? error.code : `not ours: ${error instanceof Error ? error.stack : error}`

/** The code that a call was refused with, or `ok`. */
const answerOf = async (call: () => unknown): Promise<string> => {
  try {
    await call()
    return 'ok'
  } catch (error) {
    return codeOf(error)
  }
}

export const idOf = (real: Real, serial: number | undefined) =>
  serial === undefined ? undefined : real.ids.get(serial)

/** What is not yet as the model says. */
const differences = async (model: CallsModel, real: Real): Promise<string[]> => {
  const wrong: string[] = []
  const expect = (what: string, found: unknown, expected: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(expected))
      wrong.push(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`)
  }
  for (const which of [0, 1] as const) {
    const says = model.nodes[which]
    const node = real.nodes[which] as HyphaNode
    const of = (what: string) => `${what} of node ${which}`
    expect(of('the state'), node.state, says.state)
    if (says.state === 'closed' || node.state !== says.state) continue
    expect(of('the question'), node.request()?.id, idOf(real, says.question?.serial))
    const shown = mayWrite(says) && says.prompt ? [idOf(real, says.prompt.serial)] : []
    expect(
      of('what is asked'),
      node.requests().map(({ id }) => id),
      shown,
    )
    expect(of('the road'), node.transports()[0]?.on, says.isRoadOn)
    expect(of('the peers'), node.getSnapshot().peers.length, areConnected(model) ? 1 : 0)
    if (!isOpen(says) || !says.hypha) continue
    for (const [key, { value, isPublic }] of says.hypha.values) {
      const isMine = key.startsWith(`${which}/`)
      if (!isMine && !areConnected(model)) continue
      if (says.hasChannel || isPublic) expect(of(key), await node.get(key), value)
    }
  }
  return wrong
}

/** Waits until everything is as the model says. */
const settle = async (model: CallsModel, real: Real): Promise<void> => {
  follow(model)
  const end = performance.now() + LIMIT_MS
  for (;;) {
    const wrong = await differences(model, real)
    if (wrong.length === 0) return
    if (performance.now() > end) throw new Error(wrong.join('; '))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 20)
      for (const node of real.nodes) {
        const stop = node.subscribe(() => {
          stop()
          clearTimeout(timer)
          setImmediate(resolve)
        })
      }
    })
  }
}

export interface Call {
  /** As it is printed. */
  readonly name: string
  readonly on: Which
  /** Whether it may be called now, where a limit is none of the model's. */
  may?(model: CallsModel): boolean
  /** What it should answer; changes the model accordingly. */
  expected(node: ModelNode, model: CallsModel): string
  call(node: HyphaNode, real: Real, model: CallsModel): unknown
  /** After the call, before everything is compared. */
  after?(node: HyphaNode, real: Real, model: CallsModel): void
}

export const command = (call: Call): fc.AsyncCommand<CallsModel, Real> => ({
  check: (model) => call.may?.(model) ?? true,
  run: async (model, real) => {
    const node = real.nodes[call.on] as HyphaNode
    // By what is so before the model is told.
    const made = call.call.bind(call, node, real, structuredClone(model))
    const expected = call.expected(model.nodes[call.on], model)
    const answer = await answerOf(made)
    if (answer !== expected)
      throw new Error(`${call.name} on node ${call.on} answered ${answer}, not ${expected}`)
    const { question } = model.nodes[call.on]
    const now = real.nodes[call.on]?.request()?.id
    if (question && now && !real.ids.has(question.serial)) real.ids.set(question.serial, now)
    await settle(model, real)
  },
  toString: () => `${call.name}(${call.on})`,
})
