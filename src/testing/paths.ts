import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import { getInitialSnapshot, getNextSnapshot } from 'xstate'
import { TestModel } from 'xstate/graph'

export interface AnyEvent {
  readonly type: string
  readonly [payload: string]: unknown
}

/** Every transition that a machine defines, by what a person would call it. */
export const transitionsOf = (machine: AnyStateMachine): Map<object, string> => {
  const labels = new Map<object, string>()
  const visit = (node: AnyStateNode): void => {
    for (const [descriptor, definitions] of node.transitions) {
      for (const [index, definition] of definitions.entries()) {
        const targets = (definition.target ?? []).map((target: AnyStateNode) => target.path.join('.'))
        labels.set(
          definition,
          `${node.path.join('.') || machine.id}: ${String(descriptor)} #${index} → ${targets.join(', ') || 'stays'}`,
        )
      }
    }
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(machine.root)
  return labels
}

export interface PathOptions {
  readonly input?: unknown
  /** Everything that can happen, payloads and XState's own events included. */
  readonly events: readonly AnyEvent[]
  /** What of the context decides about transitions. */
  readonly remember?: (context: AnyMachineSnapshot['context']) => unknown
  /** Paths end where this says. */
  readonly stopWhen?: (snapshot: AnyMachineSnapshot) => boolean
}

/**
 * The shortest paths that take every way from every state, as `xstate/graph` finds them on the machine itself, and the
 * transitions that none of them takes.
 */
export const pathsOf = (
  machine: AnyStateMachine,
  { input, events, remember = () => '', stopWhen }: PathOptions,
) => {
  const place = (snapshot: AnyMachineSnapshot): string =>
    JSON.stringify([snapshot.value, snapshot.status, remember(snapshot.context)])
  const model = new TestModel<AnyMachineSnapshot, AnyEvent, unknown>(machine, {
    input,
    events,
    // Only a child that is there can end.
    filterEvents: (snapshot, event) =>
      snapshot.status === 'active' &&
      (!('actorId' in event) || String(event.actorId) in snapshot.children) &&
      machine.getTransitionData(snapshot, event as never).length > 0,
    serializeState: (snapshot, event, previous) =>
      `${place(snapshot)} | ${JSON.stringify(event)} | ${previous ? place(previous) : ''}`,
    ...(stopWhen ? { stopWhen } : {}),
    limit: 100_000,
  })
  const paths = model.getShortestPaths()
  const taken = new Set<object>()
  for (const { steps } of paths) {
    let snapshot = getInitialSnapshot(machine, input)
    for (const { event } of steps) {
      if (event.type === 'xstate.init') continue
      for (const definition of machine.getTransitionData(snapshot, event as never)) taken.add(definition)
      snapshot = getNextSnapshot(machine, snapshot, event as never)
    }
  }
  const missed = [...transitionsOf(machine)]
    .filter(([definition]) => !taken.has(definition))
    .map(([, label]) => label)
  return { paths, missed }
}

export type Path = ReturnType<typeof pathsOf>['paths'][number]

/** What makes each event happen, by its type. One that is missing throws: TestModel alone would pass it silently. */
export type Executors = Readonly<Record<string, (event: AnyEvent) => void | Promise<void>>>

/** Makes a path happen step by step; `check` compares what is with what the machine says, first and after each step. */
export const runPath = (
  path: Path,
  executors: Executors,
  check: (expected: AnyMachineSnapshot) => void,
): Promise<unknown> => {
  for (const { event } of path.steps) {
    if (event.type !== 'xstate.init' && !executors[event.type])
      throw new Error(`Nothing makes ${event.type} happen.`)
  }
  return path.test({
    states: { '*': check },
    events: Object.fromEntries(
      Object.entries(executors).map(([type, execute]) => [
        type,
        ({ event }: { event: AnyEvent }) => execute(event),
      ]),
    ),
  })
}
