import { type AnyStateMachine, type AnyStateNode, StateMachine } from 'xstate'

/** What makes a transition. */
export type ChartEvent =
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'always' }
  /** A delay's name with its length where it has both, or only a length. */
  | { readonly kind: 'after'; readonly delay: string }
  | { readonly kind: 'done' | 'error' | 'snapshot'; readonly actor: string }
  /** The states inside came to their end. */
  | { readonly kind: 'finished' }

export interface ChartTransition {
  /** A state's path. */
  readonly source: string
  readonly event: ChartEvent
  /** The event as XState's definition has it: `close`, `xstate.done.actor.request`, nothing for always. */
  readonly descriptor: string
  /** Its place among those of the same state and event. */
  readonly index: number
  readonly guard: string | undefined
  /** Paths; none when the state is not left. */
  readonly targets: readonly string[]
  readonly actions: readonly string[]
}

export interface ChartState {
  /** Keys from below the root, joined by dots; empty for the root. */
  readonly path: string
  readonly key: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  /** Undefined for the root. */
  readonly parent: string | undefined
  readonly children: readonly string[]
  /** The child that a compound state begins in. */
  readonly initial: string | undefined
  readonly description: string | undefined
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  readonly transitions: readonly ChartTransition[]
}

export interface ChartActor {
  /** Its name in `setup({ actors })`. */
  readonly name: string
  /** Paths of the states that invoke it; none when actions spawn it. */
  readonly invokedBy: readonly string[]
  /** The id of the machine that it is; undefined for what isn't one. */
  readonly machine: string | undefined
}

export interface ChartDelay {
  readonly name: string
  /** For people: `30 s`; undefined where the machine works it out. */
  readonly length: string | undefined
}

/** A machine as plain data, in the order of its definition. */
export interface Chart {
  readonly id: string
  /** The root first, each state before those inside it. */
  readonly states: readonly ChartState[]
  readonly actors: readonly ChartActor[]
  readonly delays: readonly ChartDelay[]
}

/** Reads a machine's definition. Deterministic: nothing of it runs. */
export const readChart = (machine: AnyStateMachine): Chart => {
  const states: ChartState[] = []
  const invokedBy = new Map<string, string[]>()

  const visit = (node: AnyStateNode, parent: AnyStateNode | undefined): void => {
    const path = pathOf(node)
    const children = Object.values<AnyStateNode>(node.states).sort((a, b) => a.order - b.order)
    const names = new Map<string, string>()
    for (const { id, src } of node.invoke) {
      const name = typeof src === 'string' && !src.startsWith('xstate.invoke.') ? src : 'inline actor'
      names.set(id, name)
      invokedBy.set(name, [...(invokedBy.get(name) ?? []), path])
    }
    const transitions: ChartTransition[] = []
    const add = (descriptor: string, event: ChartEvent, index: number, definition: Transition): void => {
      transitions.push({
        source: path,
        event,
        descriptor,
        index,
        guard: definition.guard === undefined ? undefined : nameGuard(definition.guard),
        targets: (definition.target ?? []).map(pathOf),
        actions: nameActions(definition.actions),
      })
    }
    for (const [descriptor, definitions] of node.transitions) {
      const event = readEvent(descriptor, node, names, machine)
      for (const [index, each] of definitions.entries()) add(descriptor, event, index, each)
    }
    for (const [index, each] of (node.always ?? []).entries()) add('', { kind: 'always' }, index, each)
    const [initial] = node.type === 'compound' ? (node.initial.target ?? []) : []
    states.push({
      path,
      key: node.key,
      type: node.type,
      parent: parent && pathOf(parent),
      children: children.map(pathOf),
      initial: initial && pathOf(initial),
      description: node.description,
      entry: nameActions(node.entry),
      exit: nameActions(node.exit),
      transitions,
    })
    for (const child of children) visit(child, node)
  }
  visit(machine.root, undefined)

  const names = new Set([...Object.keys(machine.implementations.actors), ...invokedBy.keys()])
  const actors = [...names].map((name) => {
    const logic: unknown = machine.implementations.actors[name]
    return {
      name,
      invokedBy: invokedBy.get(name) ?? [],
      machine: logic instanceof StateMachine ? String(logic.id) : undefined,
    }
  })
  const delays = Object.entries<unknown>(machine.implementations.delays).map(([name, delay]) => ({
    name,
    length: typeof delay === 'number' ? spell(delay) : undefined,
  }))
  return { id: machine.id, states, actors, delays }
}

interface Transition {
  readonly guard?: unknown
  readonly target: readonly AnyStateNode[] | undefined
  readonly actions: readonly unknown[]
}

const pathOf = (node: AnyStateNode): string => node.path.join('.')

/** XState makes events of all that can happen; their names say what they were. */
const readEvent = (
  descriptor: string,
  node: AnyStateNode,
  actors: ReadonlyMap<string, string>,
  machine: AnyStateMachine,
): ChartEvent => {
  const after = cut(descriptor, 'xstate.after.')
  if (after !== undefined)
    return { kind: 'after', delay: nameDelay(after.slice(0, -node.id.length - 1), machine) }
  for (const kind of ['done', 'error'] as const) {
    const actor = cut(descriptor, `xstate.${kind}.actor.`)
    if (actor !== undefined) return { kind, actor: actors.get(actor) ?? actor }
  }
  const snapshot = cut(descriptor, 'xstate.snapshot.')
  if (snapshot !== undefined) return { kind: 'snapshot', actor: actors.get(snapshot) ?? snapshot }
  if (cut(descriptor, 'xstate.done.state.') !== undefined) return { kind: 'finished' }
  return { kind: 'event', name: descriptor }
}

const cut = (text: string, prefix: string): string | undefined =>
  text.startsWith(prefix) ? text.slice(prefix.length) : undefined

const nameDelay = (delay: string, machine: AnyStateMachine): string => {
  if (/^\d+$/.test(delay)) return spell(Number(delay))
  const given: unknown = machine.implementations.delays[delay]
  return typeof given === 'number' ? `${delay} (${spell(given)})` : delay
}

const spell = (ms: number): string =>
  ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`

/** `'name'`, `{ type: 'name' }`, or what XState's own creators made, which carry a type. */
const nameOf = (thing: unknown): string | undefined => {
  if (typeof thing === 'string') return thing
  if (thing === null || (typeof thing !== 'object' && typeof thing !== 'function')) return undefined
  return 'type' in thing && typeof thing.type === 'string' ? thing.type : undefined
}

const nameActions = (actions: readonly unknown[]): string[] =>
  actions
    .filter((action) => !isTimer(action))
    .map((action) => (nameOf(action) ?? 'inline action').replace(/^xstate\./, ''))

/** XState starts and ends the timers of `after` by actions of its own: nothing that the machine says. */
const isTimer = (action: unknown): boolean => {
  if (typeof action !== 'function') return false
  const id = 'sendId' in action ? action.sendId : 'id' in action ? action.id : undefined
  return typeof id === 'string' && id.startsWith('xstate.after.')
}

const nameGuard = (guard: unknown): string => {
  // and(), or() and not() are functions of these names that carry their guards.
  if (typeof guard === 'function' && 'guards' in guard && Array.isArray(guard.guards)) {
    const inner = guard.guards.map(nameGuard)
    return guard.name === 'not' ? `not ${inner[0]}` : `(${inner.join(` ${guard.name} `)})`
  }
  return nameOf(guard) ?? 'inline guard'
}
