/** What two nodes of one memory network should answer, whatever is called in whatever order. */
import type { NodeState } from '../../src/index.js'

export type Which = 0 | 1

/** What the person was asked for by one node, by the id that it has. */
export interface Question {
  readonly asker: Which
  /** Counted from 1: the real id is looked up by it. */
  readonly serial: number
}

export interface ModelHypha {
  readonly founder: Which
  /** Nodes that a person said yes to. */
  readonly granted: Set<Which>
  /** Serials of questions that a person said no to. */
  readonly declined: Set<number>
  /** By key: the last value, and whether anybody may read it. */
  readonly values: Map<string, { value: number; isPublic: boolean }>
}

export interface ModelNode {
  state: Exclude<NodeState, 'opening' | 'failed'>
  /** What it is again when it is created anew after it was closed. */
  hypha: ModelHypha | undefined
  /** By passphrase; a reader by hyphalink has no channel. */
  hasChannel: boolean
  /** Out of its storage. */
  cameBack: boolean
  isRoadOn: boolean
  question: Question | undefined
  /** Shown on this node. */
  prompt: Question | undefined
  /** How it was closed. */
  before: ModelNode['state']
}

export interface CallsModel {
  readonly nodes: readonly [ModelNode, ModelNode]
  /** Newest last. */
  readonly hyphas: ModelHypha[]
  /** Questions so far. */
  asked: number
}

const newNode = (): ModelNode => ({
  state: 'signedOut',
  hypha: undefined,
  hasChannel: false,
  cameBack: false,
  isRoadOn: true,
  question: undefined,
  prompt: undefined,
  before: 'signedOut',
})

export const createCallsModel = (): CallsModel => ({ nodes: [newNode(), newNode()], hyphas: [], asked: 0 })

export const isOpen = ({ state }: ModelNode): boolean => state !== 'closed' && state !== 'signedOut'
export const mayWrite = ({ state }: ModelNode): boolean => state === 'origin' || state === 'writer'
export const otherOf = (which: Which): Which => (which === 0 ? 1 : 0)

export const areConnected = ({ nodes: [a, b] }: CallsModel): boolean =>
  isOpen(a) && isOpen(b) && a.hypha === b.hypha && a.isRoadOn && b.isRoadOn

/** What calls that need an open hypha are refused with. */
export const notOpen = ({ state }: ModelNode): string | undefined => {
  if (state === 'closed') return 'CLOSED'
  return state === 'signedOut' ? 'NOT_OPEN' : undefined
}

export const ask = (model: CallsModel, which: Which): void => {
  const node = model.nodes[which]
  node.state = 'awaitingAuthorisation'
  node.question = { asker: which, serial: ++model.asked }
}

/** What follows by itself once news can travel. */
export const follow = (model: CallsModel): void => {
  if (!areConnected(model)) return
  for (const which of [0, 1] as const) {
    const asker = model.nodes[which]
    const writer = model.nodes[otherOf(which)]
    if (!asker.hypha || !asker.hasChannel || mayWrite(asker) || !mayWrite(writer)) continue
    if (asker.hypha.granted.has(which)) {
      asker.state = 'writer'
      asker.question = undefined
      writer.prompt = undefined
    } else if (asker.question && asker.hypha.declined.has(asker.question.serial)) {
      asker.state = 'readOnly'
      asker.question = undefined
    } else if (asker.question) writer.prompt = asker.question
  }
}
