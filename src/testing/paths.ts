import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { type AnyEvent, pureMachine, type Taken, transitionsOf } from './transitions.js'

/** One event of a path, and what the machine says that comes of it. */
export interface Step {
  readonly event: AnyEvent
  readonly expected: AnyMachineSnapshot
  /** Names of the transitions that it takes. */
  readonly takes: readonly string[]
}

/** A way through a machine. `String(path)` says it in a line. */
export interface Path {
  readonly machine: string
  /** Where it begins. */
  readonly start: AnyMachineSnapshot
  /** Names of the transitions that it begins with by itself. */
  readonly begins: readonly string[]
  readonly steps: readonly Step[]
  toString(): string
}

/** What matters around a machine and is no part of it: who else is there, what a storage keeps. JSON. */
export interface World<State> {
  readonly start: State
  /** Whether an event can happen now. */
  readonly allows: (state: State, event: AnyEvent, snapshot: AnyMachineSnapshot) => boolean
  /** What is so after an event. `snapshot` is the machine's, after it too. */
  readonly after: (state: State, event: AnyEvent, snapshot: AnyMachineSnapshot) => State
}

export interface PathOptions<State = undefined> {
  readonly input?: unknown
  /** Everything that can happen, payloads and XState's own events included. */
  readonly events: readonly AnyEvent[]
  /** What of the context decides about transitions. */
  readonly remember?: (context: AnyMachineSnapshot['context']) => unknown
  readonly world?: World<State>
  /** Paths end where this says. */
  readonly stopWhen?: (snapshot: AnyMachineSnapshot) => boolean
  /**
   * `shortest` (unless given): one path to every way out of every state, each the shortest: many short ones. `tours`: few long
   * ones that together take every transition, for where beginning anew is dear.
   */
  readonly as?: 'shortest' | 'tours'
  /** No tour has more steps than this, but for the way to what it is for. 40 unless given. */
  readonly longest?: number
}

export interface Paths {
  readonly paths: readonly Path[]
  /** Names of transitions that no path takes. */
  readonly missed: readonly string[]
}

interface Edge<State> {
  readonly event: AnyEvent
  readonly takes: readonly string[]
  readonly from: Place<State>
  readonly to: Place<State>
}

interface Place<State> {
  readonly name: string
  readonly snapshot: AnyMachineSnapshot
  readonly world: State
  readonly edges: Edge<State>[]
  /** The shortest way here. */
  way: readonly Edge<State>[]
}

/** More places than this, and `remember` remembers what grows. */
const MAX_PLACES = 20_000

const explore = <State>(machine: AnyStateMachine, options: PathOptions<State>) => {
  const { input, events, remember = () => '', world, stopWhen } = options
  const pure = pureMachine(machine, input)
  const places = new Map<string, Place<State>>()
  const nameOf = ({ value, status, context }: AnyMachineSnapshot, around: State) =>
    JSON.stringify([value, status, remember(context), around])
  const isPossible = ({ snapshot, world: around }: Place<State>, event: AnyEvent) =>
    snapshot.status === 'active' &&
    // Only a child that is there can end.
    (!('actorId' in event) || String(event.actorId) in snapshot.children) &&
    pure.takes(snapshot, event) &&
    (world?.allows(around, event, snapshot) ?? true)

  const beginning: Taken = pure.start()
  const start: Place<State> = {
    name: nameOf(beginning.snapshot, world?.start as State),
    snapshot: beginning.snapshot,
    world: world?.start as State,
    edges: [],
    way: [],
  }
  places.set(start.name, start)
  // A Map gives what was added last, last: the walk is breadth first.
  for (const place of places.values()) {
    if (places.size > MAX_PLACES)
      throw new Error(`${machine.id} has more than ${MAX_PLACES} places: remember less of its context.`)
    if (stopWhen?.(place.snapshot)) continue
    for (const event of events) {
      if (!isPossible(place, event)) continue
      const { snapshot, takes } = pure.next(place.snapshot, event)
      const after = world ? world.after(place.world, event, snapshot) : place.world
      const name = nameOf(snapshot, after)
      const to = places.get(name) ?? { name, snapshot, world: after, edges: [], way: [] }
      const edge: Edge<State> = { event, takes, from: place, to }
      if (!places.has(name)) {
        to.way = [...place.way, edge]
        places.set(name, to)
      }
      place.edges.push(edge)
    }
  }
  /** Walked once more from the start: what was found on another way may differ in what is not remembered. */
  const toPath = (edges: readonly Edge<State>[]): Path => {
    let at = beginning.snapshot
    const steps = edges.map(({ event, to }): Step => {
      const { snapshot, takes } = pure.next(at, event)
      if (nameOf(snapshot, to.world) !== to.name)
        throw new Error(
          `${machine.id} goes elsewhere after ${event.type} on another way: remember more of its context.`,
        )
      at = snapshot
      return { event, expected: snapshot, takes }
    })
    return {
      machine: machine.id,
      start: beginning.snapshot,
      begins: beginning.takes,
      steps,
      toString: () => `${machine.id}: ${steps.map(({ event }) => event.type).join(', ')}`,
    }
  }
  return { start, beginning, edges: [...places.values()].flatMap(({ edges }) => edges), toPath }
}

type Graph<State> = ReturnType<typeof explore<State>>

/** To every way out of every place the shortest, but for those that others begin with. */
const shortest = <State>({ edges }: Graph<State>): (readonly Edge<State>[])[] => {
  const continued = new Set(edges.flatMap(({ from: { way } }) => way))
  return edges.filter((edge) => !continued.has(edge)).map((edge) => [...edge.from.way, edge])
}

/** Each goes on to the nearest transition that none has taken yet, and ends where there is none ahead. */
const tours = <State>(
  { start, edges, beginning }: Graph<State>,
  longest: number,
): (readonly Edge<State>[])[] => {
  const left = new Set(edges.flatMap(({ takes }) => takes))
  for (const name of beginning.takes) left.delete(name)
  const nearest = (
    from: Place<State>,
    isWanted: (edge: Edge<State>) => boolean,
  ): readonly Edge<State>[] | undefined => {
    const ways = new Map<Place<State>, readonly Edge<State>[]>([[from, []]])
    for (const [place, way] of ways) {
      for (const edge of place.edges) {
        if (isWanted(edge)) return [...way, edge]
        if (!ways.has(edge.to)) ways.set(edge.to, [...way, edge])
      }
    }
    return undefined
  }
  const isNew = ({ takes }: Edge<State>) => takes.some((name) => left.has(name))
  const found: (readonly Edge<State>[])[] = []
  while (left.size > 0) {
    const tour: Edge<State>[] = []
    let at = start
    while (tour.length < longest) {
      // What ends the machine ends the tour: as late as possible.
      const way = nearest(at, (edge) => isNew(edge) && edge.to.edges.length > 0) ?? nearest(at, isNew)
      if (!way) break
      for (const { takes } of way) for (const name of takes) left.delete(name)
      tour.push(...way)
      at = way[way.length - 1]?.to ?? at
    }
    if (tour.length === 0) break
    found.push(tour)
  }
  return found
}

/**
 * Paths through a machine, found on the machine itself: run them with {@link runPath} against what it drives.
 *
 * ```ts
 * const { paths, missed } = pathsOf(checkoutMachine, { events: [{ type: 'pay' }, { type: 'cancel' }] })
 * for (const path of paths) await runPath(path, { pay: () => click('#pay'), cancel: () => click('#cancel') }, check)
 * ```
 */
export const pathsOf = <State = undefined>(machine: AnyStateMachine, options: PathOptions<State>): Paths => {
  const graph = explore(machine, options)
  const ways = options.as === 'tours' ? tours(graph, options.longest ?? 40) : shortest(graph)
  const paths = ways.map(graph.toPath)
  const taken = new Set([
    ...graph.beginning.takes,
    ...paths.flatMap(({ steps }) => steps.flatMap(({ takes }) => takes)),
  ])
  return { paths, missed: transitionsOf(machine).filter((name) => !taken.has(name)) }
}
