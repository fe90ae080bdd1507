import charts from 'virtual:statecharts'

export interface DrawnState {
  /** Keys from below the root, joined by dots. */
  readonly path: string
  readonly key: string
  readonly type: string
  readonly description: string
}

export interface DrawnTransition {
  /** As in the picture's `data-transition`. */
  readonly key: string
  readonly source: string
  /** The event's name for people, and its guard. */
  readonly label: string
  readonly targets: readonly string[]
}

/** A machine as it was when this page was built. */
export interface DrawnChart {
  readonly id: string
  readonly description: string
  /** Ours, from the build: the only markup that is ever taken as such. */
  readonly svg: string
  readonly states: readonly DrawnState[]
  readonly transitions: readonly DrawnTransition[]
}

const byId = new Map(charts.map((chart) => [chart.id, chart]))

/** By the machine's id, which is what a recording calls an actor's source. */
export const chartOf = (source: string): DrawnChart | undefined => byId.get(source)

/** The sentence that the machine says about a state; nothing for what this page does not know. */
export const describe = (source: string, path: string): string =>
  byId.get(source)?.states.find((state) => state.path === path)?.description ?? ''
