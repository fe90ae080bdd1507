import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
} from 'xstate'
import { createActor } from 'xstate'

/** Something that can happen to a machine: one of its events, or one of XState's own. */
export interface AnyEvent {
  readonly type: string
  readonly [payload: string]: unknown
}

/** Found in its machine by where it stands: provided machines are copies, whose definitions are other objects. */
const indexOf = (definition: AnyTransitionDefinition): number => {
  const { source, eventType } = definition
  const siblings = eventType === '' ? source.always : source.transitions.get(eventType)
  return siblings?.indexOf(definition) ?? -1
}

/**
 * What a person would call a transition: where it leaves, upon what, which of several, and where it leads, as in
 * `pending: authorise #0 → authorising`. The same for every copy of a machine, with other actors provided or not.
 */
export const nameOfTransition = (definition: AnyTransitionDefinition): string => {
  const { source, eventType, target = [] } = definition
  const from = source.path.join('.') || source.machine.id
  const to = target.map(({ path }: AnyStateNode) => path.join('.')).join(', ') || 'stays'
  return `${from}: ${eventType === '' ? 'always' : String(eventType)} #${indexOf(definition)} → ${to}`
}

/** The names of all transitions that a machine defines, those without an event (`always`) too, in the order of its states. */
export const transitionsOf = (machine: AnyStateMachine): readonly string[] => {
  const names: string[] = []
  const visit = (node: AnyStateNode): void => {
    for (const definition of node.always ?? []) names.push(nameOfTransition(definition))
    for (const definitions of node.transitions.values())
      for (const definition of definitions) names.push(nameOfTransition(definition))
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(machine.root)
  return names
}

/** What one event comes to. */
export interface Taken {
  readonly snapshot: AnyMachineSnapshot
  /** The names of the transitions that were taken, in their order. */
  readonly takes: readonly string[]
}

interface Microstep {
  readonly type: string
  readonly actorRef?: unknown
  readonly _transitions?: readonly AnyTransitionDefinition[]
}

/** A machine as a pure function: nothing is started, no action of the outside is done. */
export const pureMachine = (machine: AnyStateMachine, input?: unknown) => {
  let taken: string[] = []
  let self: unknown
  const actor = createActor(machine, {
    input: input as never,
    inspect: (event: Microstep) => {
      if (event.type !== '@xstate.microstep' || event.actorRef !== self) return
      taken.push(...(event._transitions ?? []).map(nameOfTransition))
    },
  })
  self = actor
  const nothing = () => {}
  const scope: AnyActorScope = {
    self: actor,
    id: '',
    sessionId: '',
    logger: nothing,
    defer: nothing,
    stopChild: nothing,
    emit: nothing,
    actionExecutor: nothing,
    system: actor.system,
  }
  const recording = (run: () => AnyMachineSnapshot): Taken => {
    taken = []
    const snapshot = run()
    return { snapshot, takes: taken }
  }
  return {
    start: (): Taken => recording(() => machine.getInitialSnapshot(scope, input as never)),
    next: (snapshot: AnyMachineSnapshot, event: AnyEvent): Taken =>
      recording(() => machine.transition(snapshot, event as never, scope)),
    /** Whether the machine does anything upon an event. */
    takes: (snapshot: AnyMachineSnapshot, event: AnyEvent): boolean =>
      machine.getTransitionData(snapshot, event as never).length > 0,
  }
}
