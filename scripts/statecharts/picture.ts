import type { IActionType, IState, ITransition } from 'state-machine-cat'
import { type Arrow, readArrows, wrapLabels, wrapLoop } from './arrows.js'
import { activity, draw, type Place, regular } from './draw.js'
import { createMarks } from './marks.js'
import type { Chart, ChartState } from './read.js'

/** A chart as an SVG, the same bytes each time. Actions are left to the table. */
export const drawPicture = async (chart: Chart, place: Place = 'page'): Promise<string> => {
  const states = new Map(chart.states.map((state) => [state.path, state]))
  const { arrows, crowds } = readArrows(chart)
  const anywhere = new Set(arrows.filter((arrow) => arrow.anywhere).map(({ from }) => from))
  const transitions: ITransition[] = []
  const marks = createMarks()
  const connect = (from: string, to: string, label?: string, keys: readonly string[] = []): void => {
    const mark = keys.length > 0 ? { class: marks.add('data-transition', keys.join(' ')) } : {}
    transitions.push({ id: transitions.length, from, to, ...(label ? { label } : {}), ...mark })
  }

  const drawInside = (outer: ChartState): IState[] => {
    const inside: IState[] = []
    if (outer.initial !== undefined) {
      const name = `begin ${encodeURIComponent(outer.path)}`
      inside.push({ name, type: 'initial', typeExplicitlySet: true })
      connect(name, nameOf(outer.initial))
    }
    if (anywhere.has(outer.path)) {
      const label = `anywhere in ${outer.path ? outer.key : chart.id}`
      inside.push({ ...regular(anywhereName(outer.path), label), class: 'anywhere' })
    }
    for (const path of outer.children) {
      const state = states.get(path)
      if (state) inside.push(drawState(state))
    }
    return inside
  }
  const drawState = (state: ChartState): IState => {
    const drawn = {
      ...regular(nameOf(state.path), state.key),
      class: marks.add('data-state', state.path),
      actions: linesOf(chart, state),
    }
    return state.children.length === 0 ? drawn : { ...drawn, statemachine: { states: drawInside(state) } }
  }
  const root = states.get('')
  const drawn = root ? drawInside(root) : []
  for (const arrow of arrows) {
    const wrap = arrow.from === arrow.to ? wrapLoop : wrapLabels
    const { steps } = arrow
    const labels = wrap(steps.map(({ label }) => label))
    connect(
      beginningOf(arrow),
      nameOf(arrow.to),
      labels,
      steps.map(({ key }) => key),
    )
  }
  for (const [index, { title, to, label, lines, keys }] of crowds.entries()) {
    const name = `crowd ${index}`
    const said = label === undefined ? lines : wrapLabels(lines).split('\n')
    drawn.push({ ...regular(name, title), class: 'anywhere', actions: said.map(activity) })
    connect(name, nameOf(to), label && wrapLabels([label]), keys)
  }

  const label = `The machine ${chart.id}`
  return draw({ states: drawn, transitions, marks, label, machine: chart.id, place })
}

/** Names are never seen; quotes in them are not taken. */
const nameOf = (path: string): string => `state ${encodeURIComponent(path)}`

const anywhereName = (path: string): string => `anywhere ${encodeURIComponent(path)}`

const beginningOf = ({ anywhere, from }: Arrow): string => (anywhere ? anywhereName(from) : nameOf(from))

/** What a state's box says below its name. */
const linesOf = (chart: Chart, { path, type }: ChartState): IActionType[] =>
  [
    ...(type === 'parallel' ? ['all of these at once'] : []),
    ...(type === 'final' ? ['the end'] : []),
    ...chart.actors.filter(({ invokedBy }) => invokedBy.includes(path)).map(({ name }) => `runs ${name}`),
  ].map(activity)
