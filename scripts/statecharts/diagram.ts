import type { Chart, ChartEvent, ChartState, ChartTransition } from './read.js'

/** How an event is called in diagrams and tables. */
export const nameEvent = (event: ChartEvent): string => {
  switch (event.kind) {
    case 'event':
      return event.name === '*' ? 'any other event' : event.name
    case 'always':
      return 'always'
    case 'after':
      return `after ${event.delay}`
    case 'finished':
      return 'done inside'
    default:
      return `${event.kind} of ${event.actor}`
  }
}

/**
 * A chart as a Mermaid stateDiagram-v2. Actions are left to the table.
 *
 * Two things that Mermaid fails to draw are drawn otherwise. Parallel regions are states inside one that says so, without the `--` divider.
 * And an arrow between a state and one inside it goes from a small state of its own, "anywhere in ...".
 */
export const drawDiagram = (chart: Chart): string => {
  const states = new Map(chart.states.map((state) => [state.path, state]))
  const at = (path: string): ChartState => {
    const state = states.get(path)
    if (!state) throw new Error(`${chart.id} has no state ${path}`)
    return state
  }
  const lines: string[] = ['stateDiagram-v2']
  const line = (depth: number, text: string): void => {
    lines.push('  '.repeat(depth) + text)
  }

  /** Arrows by the state that holds both their ends, those between the same two as one. */
  const arrows = new Map<string, { from: string; to: string; labels: string[]; within: string }>()
  const anywhere = new Set<string>()
  const draw = (transition: ChartTransition, target: string): void => {
    let from = idOf(transition.source)
    let to = target
    if (isWithin(target, transition.source) && at(transition.source).children.length > 0) {
      anywhere.add(transition.source)
      from = anywhereId(transition.source)
    }
    // Into a state that holds the arrow's own beginning: what happens is that it begins anew.
    while (isWithin(transition.source, to)) {
      const inner = at(to).initial ?? at(to).children[0]
      if (inner === undefined) break
      to = inner
    }
    const key = `${from} ${to}`
    const arrow = arrows.get(key) ?? {
      from,
      to: idOf(to),
      labels: [],
      within: commonParent(transition.source, to),
    }
    arrow.labels.push(nameEvent(transition.event) + (transition.guard ? ` [${transition.guard}]` : ''))
    arrows.set(key, arrow)
  }
  for (const { transitions } of chart.states) {
    for (const transition of transitions) for (const target of transition.targets) draw(transition, target)
  }

  const drawInside = (state: ChartState, depth: number): void => {
    for (const path of state.children) drawState(at(path), depth)
    if (state.initial !== undefined) line(depth, `[*] --> ${idOf(state.initial)}`)
    if (anywhere.has(state.path)) {
      line(
        depth,
        `state "anywhere in ${plain(state.path ? state.key : chart.id)}" as ${anywhereId(state.path)}`,
      )
    }
    for (const { from, to, labels, within } of arrows.values()) {
      if (within === state.path) line(depth, `${from} --> ${to} : ${plain(labels.join(', '))}`)
    }
    for (const path of state.children) if (at(path).type === 'final') line(depth, `${idOf(path)} --> [*]`)
  }
  const drawState = (state: ChartState, depth: number): void => {
    const label = state.type === 'parallel' ? `${state.key} (all of these at once)` : state.key
    const head = `state "${plain(label)}" as ${idOf(state.path)}`
    if (state.children.length === 0) {
      line(depth, head)
    } else {
      line(depth, `${head} {`)
      drawInside(state, depth + 1)
      line(depth, '}')
    }
  }
  drawInside(at(''), 1)
  return `${lines.join('\n')}\n`
}

/** Letters that Mermaid takes in ids; the prefix keeps keys like `end` from being its words. */
const idOf = (path: string): string =>
  `s_${path.replace(/[^A-Za-z0-9]/g, (other) => (other === '.' ? '__' : '_'))}`

const anywhereId = (path: string): string => `anywhere_${idOf(path)}`

/** Mermaid ends a label at these. */
const plain = (text: string): string => text.replace(/[:;#"{}<>\n]/g, ' ')

/** Whether a path is `outer` or inside it. */
const isWithin = (path: string, outer: string): boolean =>
  outer === '' || path === outer || path.startsWith(`${outer}.`)

const commonParent = (a: string, b: string): string => {
  // One that is inside the other, or the same: the arrow is drawn where the inner one is.
  if (isWithin(b, a) && a !== b) return a
  const common: string[] = []
  const others = b.split('.').slice(0, -1)
  for (const [index, key] of a.split('.').slice(0, -1).entries()) {
    if (others[index] !== key) break
    common.push(key)
  }
  return common.join('.')
}
