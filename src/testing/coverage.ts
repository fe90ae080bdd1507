import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate'
import { nameOfTransition, transitionsOf } from './transitions.js'

/** What a machine's transitions came to. */
export interface MachineCoverage {
  readonly machine: string
  readonly taken: number
  /** Those that can be taken. */
  readonly of: number
  /** By {@link nameOfTransition}. */
  readonly missed: readonly string[]
  /** Those that can't, by their names, with why not. */
  readonly unreachable: readonly { readonly name: string; readonly reason: string }[]
}

export interface CoverageReport {
  readonly taken: number
  readonly of: number
  readonly machines: readonly MachineCoverage[]
  /** What was called unreachable and is not: it was taken, or is no transition at all. */
  readonly wrong: readonly string[]
}

export interface Coverage {
  /** Give it to `createNode({ inspect })`, to `createActor(machine, { inspect })`, or to several of them. */
  readonly inspect: (event: { readonly type: string }) => void
  /** How often a transition was taken. */
  times(machine: string, name: string): number
  report(): CoverageReport
}

export interface CoverageOptions {
  /** What can't be taken in the world that is tested, and why: machine → name → reason. */
  readonly unreachable?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

interface Microstep {
  readonly type: string
  readonly _transitions?: readonly AnyTransitionDefinition[]
}

/**
 * Counts which transitions of some machines are taken by actors at work, whatever was provided to these, and however many
 * there are.
 *
 * ```ts
 * const coverage = createCoverage([nodeMachine, peerMachine])
 * const node = createNode({ inspect: coverage.inspect })
 * // ...
 * console.log(describeCoverage(coverage.report()))
 * ```
 */
export const createCoverage = (
  machines: readonly AnyStateMachine[],
  { unreachable = {} }: CoverageOptions = {},
): Coverage => {
  const counts = new Map<string, Map<string, number>>(machines.map(({ id }) => [id, new Map()]))

  const ofMachine = (machine: AnyStateMachine): MachineCoverage => {
    const reasons = unreachable[machine.id] ?? {}
    const names = transitionsOf(machine)
    const reachable = names.filter((name) => !Object.hasOwn(reasons, name))
    const missed = reachable.filter((name) => !counts.get(machine.id)?.has(name))
    return {
      machine: machine.id,
      taken: reachable.length - missed.length,
      of: reachable.length,
      missed,
      unreachable: names.flatMap((name) => {
        const reason = Object.hasOwn(reasons, name) ? reasons[name] : undefined
        return reason === undefined ? [] : [{ name, reason }]
      }),
    }
  }
  const wrong = (): string[] =>
    Object.entries(unreachable).flatMap(([id, reasons]) => {
      const machine = machines.find((each) => each.id === id)
      const names = machine ? transitionsOf(machine) : []
      return Object.keys(reasons).flatMap((name) => {
        if (!names.includes(name)) return [`${id} · ${name} is no transition.`]
        return counts.get(id)?.has(name) ? [`${id} · ${name} was taken.`] : []
      })
    })

  return {
    inspect: (event: Microstep) => {
      if (event.type !== '@xstate.microstep') return
      for (const definition of event._transitions ?? []) {
        const ofIt = counts.get(definition.source.machine.id)
        const name = nameOfTransition(definition)
        ofIt?.set(name, (ofIt.get(name) ?? 0) + 1)
      }
    },
    times: (machine, name) => counts.get(machine)?.get(name) ?? 0,
    report: () => {
      const each = machines.map(ofMachine)
      const sum = (pick: (coverage: MachineCoverage) => number) =>
        each.reduce((total, coverage) => total + pick(coverage), 0)
      return { taken: sum(({ taken }) => taken), of: sum((of) => of.of), machines: each, wrong: wrong() }
    },
  }
}

/** `transitions 180/181` and the same for each machine, then what was missed, and what can't be reached with why. */
export const describeCoverage = ({ taken, of, machines, wrong }: CoverageReport): string => {
  const width = Math.max(0, ...machines.map(({ machine }) => machine.length))
  const lines = [`transitions ${taken}/${of}`]
  for (const each of machines) lines.push(`  ${each.machine.padEnd(width)} ${each.taken}/${each.of}`)
  const missed = machines.flatMap((each) => each.missed.map((name) => `  ${each.machine} · ${name}`))
  const never = machines.flatMap((each) =>
    each.unreachable.map(({ name, reason }) => `  ${each.machine} · ${name}\n    ${reason}`),
  )
  if (missed.length > 0) lines.push(`missed: ${missed.length}`, ...missed)
  if (never.length > 0) lines.push(`unreachable: ${never.length}`, ...never)
  if (wrong.length > 0) lines.push('wrongly called unreachable:', ...wrong.map((line) => `  ${line}`))
  return lines.join('\n')
}
