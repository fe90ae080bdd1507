import type { Desk } from './desk.js'
import { createSelection, type Selection } from './filter.js'
import { arrange, type Lane } from './lanes.js'
import type { Request } from './requests.js'
import { createRows, type Row } from './sequence.js'
import { type Step, tellStory } from './story.js'
import type { Item } from './track.js'

/** A line of the sequence, or how many things happened that are left out here. */
export type Entry = (Row & { readonly step?: Step & { readonly number: number } }) | { readonly gap: number; readonly item: Item }

export interface Plot {
  readonly lanes: readonly Lane[]
  readonly entries: readonly Entry[]
  readonly steps: readonly Step[]
}

export const isGap = (entry: Entry): entry is Extract<Entry, { gap: number }> => 'gap' in entry

const lanesOf = (rows: readonly Row[]): Map<string, Lane> => {
  const lanes = new Map<string, Lane>()
  for (const { from, to } of rows) {
    if (from) lanes.set(from.key, from)
    lanes.set(to.key, to)
  }
  return lanes
}

/** Always there when a request is followed: without them it can't be. */
const OF_REQUEST = ['request', 'prompt', 'database']

/** One request alone, with the sentences that tell it. */
export const plotRequest = (desk: Desk, request: Request, lifelines: ReadonlySet<string>): Plot => {
  const steps = tellStory(request)
  const numbers = new Map(steps.map((step, index) => [step.item, { ...step, number: index + 1 }]))
  const rowOf = createRows(new Set([...lifelines, ...OF_REQUEST]))
  const rows: Row[] = []
  const entries: Entry[] = []
  let next: number | undefined
  for (const item of request.items) {
    const row = rowOf(item)
    if (!row) continue
    const place = desk.placeOf(item)
    const left = next === undefined ? 0 : place - next
    if (left > 0) entries.push({ gap: left, item })
    next = place + 1
    rows.push(row)
    const step = numbers.get(item)
    entries.push(step ? { ...row, step } : row)
  }
  return { lanes: arrange(lanesOf(rows).values(), request), entries, steps }
}

export interface PlotAll {
  get(): Plot
}

/** Everything, as it comes; a followed request's own lines are told apart when they are drawn. */
export const createPlotAll = (desk: Desk, lifelines: ReadonlySet<string>, request?: Request): PlotAll => {
  let lanes = new Map<string, Lane>()
  let rows: Selection<Row> | undefined
  let seen = 0
  let era = -1
  let arranged: Lane[] = []
  const steps = request ? tellStory(request) : []
  return {
    get: () => {
      if (!rows || era !== desk.era) {
        era = desk.era
        lanes = new Map()
        seen = 0
        rows = createSelection(desk, createRows(lifelines))
      }
      const entries = rows.get()
      const before = lanes.size
      for (; seen < entries.length; seen++) {
        const { from, to } = entries[seen]!
        if (from) lanes.set(from.key, from)
        lanes.set(to.key, to)
      }
      if (before !== lanes.size || arranged.length !== lanes.size) arranged = arrange(lanes.values(), request)
      return { lanes: arranged, entries, steps }
    },
  }
}

