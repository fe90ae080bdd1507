import type { Chart } from './read.js'

/** That one machine runs another. */
export interface Running {
  readonly from: string
  readonly to: string
  /** Paths of the states that invoke it; none when an action spawns it. */
  readonly invokedBy: readonly string[]
}

/** All machines and which of them runs which. */
export interface System {
  /** In the order of reading. */
  readonly charts: readonly Chart[]
  readonly running: readonly Running[]
}

/**
 * Reads off the machines who runs whom.
 * @param order ids, in the order of reading; the first one is what everything is below
 * @throws Error when a machine is not in the order, is named and not there, or is run by nobody
 */
export const readSystem = (charts: readonly Chart[], order: readonly string[]): System => {
  const byId = new Map(charts.map((chart) => [chart.id, chart]))
  for (const id of byId.keys())
    if (!order.includes(id))
      throw new Error(`The machine ${id} has no chapter: write one in book/chapters.ts.`)
  const running = charts.flatMap(({ id, actors }) =>
    actors.flatMap(({ machine, invokedBy }) =>
      machine === undefined ? [] : [{ from: id, to: machine, invokedBy }],
    ),
  )
  for (const { from, to } of running)
    if (!byId.has(to)) throw new Error(`The machine ${from} runs ${to}, which src/machines doesn't export.`)
  const below = new Set(order.slice(0, 1))
  for (const id of below) for (const { from, to } of running) if (from === id) below.add(to)
  for (const id of byId.keys())
    if (!below.has(id)) throw new Error(`Nothing below ${order[0]} runs the machine ${id}.`)
  return {
    charts: order.map((id) => {
      const chart = byId.get(id)
      if (!chart) throw new Error(`There is a chapter on ${id}, and no such machine.`)
      return chart
    }),
    running,
  }
}
