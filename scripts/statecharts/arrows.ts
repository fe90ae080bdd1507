import { nameEvent } from './name-event.js'
import type { Chart, ChartState, ChartTransition } from './read.js'
import { transitionKey } from './transition-key.js'

/** One transition on an arrow. */
export interface Step {
  /** The event with its guard. */
  readonly label: string
  /** What an inspector knows it by. */
  readonly key: string
}

/** An arrow of a picture: every transition between the same two states. */
export interface Arrow {
  /** A state's path; with `anywhere`, what the arrow leaves is any state inside it. */
  readonly from: string
  readonly anywhere: boolean
  readonly to: string
  /** In the order of the definition. */
  readonly steps: readonly Step[]
}

/** What leads from many states to the same one, drawn as one arrow. */
export interface Crowd {
  /** What the box is called that the arrow leaves. */
  readonly title: string
  readonly to: string
  /** Undefined where each of them has its own: then `lines` say them. */
  readonly label: string | undefined
  /** What the box says: paths, or `key: event`. */
  readonly lines: readonly string[]
  /** One for each transition. */
  readonly keys: readonly string[]
}

/** As many arrows into one state are drawn as one, if they are of one event or leave what is inside one state. */
const CROWD = 4

/** A label's lines are about as wide as the states are. */
const LINE = 24

/**
 * The arrows of a chart. Transitions that leave no state are left to the table.
 *
 * Two kinds are not what the definition says, because a picture can't show them: an arrow from a state to one inside it begins
 * anywhere in there, and one into a state that holds the arrow's own beginning ends where that state begins anew.
 */
export const readArrows = (chart: Chart): Gathered => {
  const states = new Map(chart.states.map((state) => [state.path, state]))
  const arrows = new Map<string, Arrow & { steps: Step[] }>()
  const draw = (transition: ChartTransition, target: string): void => {
    const { source, event, descriptor, index, guard } = transition
    const anywhere = isWithin(target, source) && hasChildren(states.get(source))
    const to = anywhere ? target : beginning(states, source, target)
    const key = `${anywhere} ${source} ${to}`
    const arrow = arrows.get(key) ?? { from: source, anywhere, to, steps: [] }
    arrow.steps.push({
      label: nameEvent(event) + (guard ? ` [${guard}]` : ''),
      key: transitionKey({ source, event: descriptor, index }),
    })
    arrows.set(key, arrow)
  }
  for (const { transitions } of chart.states) {
    for (const transition of transitions) for (const target of transition.targets) draw(transition, target)
  }
  const byEvent = gatherByEvent([...arrows.values()])
  const byPlace = gatherByPlace(byEvent.arrows, states)
  return { arrows: byPlace.arrows, crowds: [...byEvent.crowds, ...byPlace.crowds] }
}

type Gathered = { arrows: Arrow[]; crowds: Crowd[] }

/** Draws what leads from many states to one by one event, like a `close`, as one arrow. */
const gatherByEvent = (arrows: readonly Arrow[]): Gathered => {
  const groups = new Map<string, { to: string; label: string; lines: string[]; keys: string[] }>()
  const keyOf = ({ to }: Arrow, { label }: Step) => `${to} ${label}`
  for (const arrow of arrows) {
    if (arrow.anywhere || arrow.from === arrow.to) continue
    for (const step of arrow.steps) {
      const { from, to } = arrow
      const group = groups.get(keyOf(arrow, step)) ?? { to, label: step.label, lines: [], keys: [] }
      group.lines.push(from)
      group.keys.push(step.key)
      groups.set(keyOf(arrow, step), group)
    }
  }
  for (const [key, { keys }] of groups) if (keys.length < CROWD) groups.delete(key)
  return {
    arrows: arrows
      .map((arrow) =>
        arrow.anywhere || arrow.from === arrow.to
          ? arrow
          : { ...arrow, steps: arrow.steps.filter((step) => !groups.has(keyOf(arrow, step))) },
      )
      .filter(({ steps }) => steps.length > 0),
    crowds: [...groups.values()].map((group) => ({ ...group, title: 'any of these' })),
  }
}

/** Draws what leads from many states inside one to the same outside, like what goes wrong on the way, as one arrow. */
const gatherByPlace = (arrows: readonly Arrow[], states: ReadonlyMap<string, ChartState>): Gathered => {
  const groups = new Map<string, Arrow[]>()
  const keyOf = ({ anywhere, from, to }: Arrow): string | undefined => {
    const parent = states.get(from)?.parent
    return anywhere || !parent || isWithin(to, parent) ? undefined : `${parent} ${to}`
  }
  for (const arrow of arrows) {
    const key = keyOf(arrow)
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), arrow])
  }
  for (const [key, { length }] of groups) if (length < CROWD) groups.delete(key)
  return {
    arrows: arrows.filter((arrow) => !groups.has(keyOf(arrow) ?? '')),
    crowds: [...groups.values()].map((group) => ({
      title: `out of ${states.get(states.get(group[0]?.from ?? '')?.parent ?? '')?.key}`,
      to: group[0]?.to ?? '',
      label: undefined,
      lines: group.flatMap(({ from, steps }) =>
        steps.map(({ label }) => `${states.get(from)?.key}: ${label}`),
      ),
      keys: group.flatMap(({ steps }) => steps.map(({ key }) => key)),
    })),
  }
}

/** As {@link wrapLabels} for an arrow back to its own state, where there is less room: times go on a line of their own too. */
export const wrapLoop = (labels: readonly string[]): string => wrapLabels(labels).replace(/ (?=\()/g, '\n')

/** Labels beside an arrow, or names in a box: as many a line as there is room for, and guards on lines of their own. */
export const wrapLabels = (labels: readonly string[]): string => {
  const lines: string[] = []
  for (const label of new Set(labels)) {
    const last = lines.at(-1)
    const joined = `${last}, ${label}`
    if (last !== undefined && joined.length <= LINE) lines[lines.length - 1] = joined
    else lines.push(label)
  }
  return lines.join(',\n').replace(/ (?=\[)/g, '\n')
}

const beginning = (states: ReadonlyMap<string, ChartState>, source: string, target: string): string => {
  let to = target
  while (isWithin(source, to)) {
    const state = states.get(to)
    const inner = state?.initial ?? state?.children[0]
    if (inner === undefined) break
    to = inner
  }
  return to
}

const hasChildren = (state: ChartState | undefined): boolean =>
  state !== undefined && state.children.length > 0

/** Whether a path is `outer` or inside it. */
const isWithin = (path: string, outer: string): boolean =>
  outer === '' || path === outer || path.startsWith(`${outer}.`)
