import {
  type IActionType,
  type IRenderOptions,
  type IState,
  type ITransition,
  render,
} from 'state-machine-cat'
import { type Arrow, readArrows, wrapLabels, wrapLoop } from './arrows.js'
import { MARK } from './mark.js'
import { createMarks } from './marks.js'
import type { Chart, ChartState } from './read.js'

/** Paper and ink of its own: a picture is looked at on pages whose colours it can't know. */
const STYLE = `<style>
  [fill="white"] { fill: #ffffff }
  [fill="black"], text { fill: #1f2328 }
  [stroke="black"] { stroke: #1f2328 }
  .transition text { fill: #0550ae; stroke: #ffffff; stroke-width: 3px; paint-order: stroke }
  .anywhere path { stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    [fill="white"] { fill: #0d1117 }
    [fill="black"], text { fill: #e6edf3 }
    [stroke="black"] { stroke: #9da7b1 }
    .transition [fill="black"] { fill: #9da7b1 }
    .transition text { fill: #79c0ff; stroke: #0d1117 }
  }
</style>`

/** A chart as an SVG, the same bytes each time. Actions are left to the table. */
export const drawPicture = async (chart: Chart): Promise<string> => {
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
  for (const [index, { to, label, lines, keys }] of crowds.entries()) {
    const name = `crowd ${index}`
    const said = label === undefined ? lines : wrapLabels(lines).split('\n')
    drawn.push({ ...regular(name, 'any of these'), class: 'anywhere', actions: said.map(activity) })
    connect(name, nameOf(to), label && wrapLabels([label]), keys)
  }

  const drawings = await Promise.all(
    DIRECTIONS.map((direction) => render({ states: drawn, transitions }, { ...OPTIONS, direction })),
  )
  const [narrowest = ''] = drawings.sort((a, b) => widthOf(a) - widthOf(b))
  return dress(marks.apply(narrowest), chart)
}

/** Pages are narrow: of both, the one that needs less of their width is taken. */
const DIRECTIONS = ['left-right', 'top-down'] as const

const OPTIONS: IRenderOptions = {
  inputType: 'json',
  outputType: 'svg',
  dotGraphAttrs: [
    // Lets states stand where the arrows are shortest, not in the definition's order.
    { name: 'ordering', value: '""' },
    { name: 'nodesep', value: '0.3' },
    { name: 'ranksep', value: '0.3' },
  ],
  dotEdgeAttrs: [{ name: 'fontsize', value: '11' }],
}

const widthOf = (svg: string): number => Number(/ width="(\d+)pt"/.exec(svg)?.[1])

const regular = (name: string, label: string): IState => ({
  name,
  label,
  type: 'regular',
  typeExplicitlySet: true,
})

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

const activity = (body: string): IActionType => ({ type: 'activity', body })

/** Leaves what is seen, in colours that the reader's page may choose. */
const dress = (svg: string, { id }: Chart): string =>
  svg
    .replace(/^.*?(?=<svg)/s, `<?xml version="1.0" encoding="UTF-8"?>\n${MARK}\n`)
    .replace(/<!--(?! Generated by `npm).*?-->\n?/gs, '')
    .replace(/<title>.*?<\/title>\n?/gs, '')
    .replace(/ id="[^"]*"/g, '')
    .replace(
      /<svg[^>]*>/,
      (head) =>
        `${head.replace('>', ` role="img" aria-label="The machine ${id}" data-machine="${id}">`)}\n${STYLE}`,
    )
