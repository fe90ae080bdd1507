import type { Desk } from './desk.js'
import { createSelection, type Selection } from './filter.js'
import { arrange, type Lane } from './lanes.js'
import type { Request } from './requests.js'
import { createRows, type Row } from './sequence.js'
import { type Step, tellStory } from './story.js'
import type { Item } from './track.js'

/** A line of the sequence, or a while in which nothing happened that is drawn. */
export type Entry =
  | (Row & { readonly step?: Step & { readonly number: number } })
  | {
      /** Milliseconds. */
      readonly gap: number
      /** What happened meanwhile, and is left out. */
      readonly others: number
      /** What comes after it. */
      readonly item: Item
    }

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

/** A longer while than this shows as one. */
const PAUSE_MS = 250

/** Always there when a request is followed: without them it can't be. */
const OF_REQUEST = ['request', 'prompt', 'database']

const frameOf = ({ event }: Item): string | undefined =>
  event.type === 'hypha.message' ? event.frame : undefined

/** What the story can't do without: its steps, people's doings, how the nodes fare, and what carries the messages. */
const isOfStory = (row: Row, steps: ReadonlyMap<Item, unknown>, frames: ReadonlySet<string>): boolean =>
  steps.has(row.item) ||
  row.from?.kind === 'person' ||
  (row.kind === 'state' && row.to.kind === 'node' && !row.label.startsWith('opening')) ||
  (row.kind === 'arrow' && row.to.source === 'prompt') ||
  (row.item.event.type === 'hypha.message' &&
    row.item.event.what !== 'duplicate' &&
    frames.has(row.item.event.frame))

export interface PlotOptions {
  readonly lifelines: ReadonlySet<string>
  /** Whether all of it is drawn, and not the story alone. */
  readonly isWhole: boolean
}

/** One request alone, with the sentences that tell it. */
export const plotRequest = (desk: Desk, request: Request, { lifelines, isWhole }: PlotOptions): Plot => {
  const steps = tellStory(request)
  const numbers = new Map(steps.map((step, index) => [step.item, { ...step, number: index + 1 }]))
  const rowOf = createRows(new Set([...lifelines, ...OF_REQUEST]))
  const rows: Row[] = []
  const entries: Entry[] = []
  const frames = new Set(steps.map(({ item }) => frameOf(item)).filter((frame) => frame !== undefined))
  let before: Item | undefined
  for (const item of request.items) {
    const row = rowOf(item)
    if (!row || (!isWhole && !isOfStory(row, numbers, frames))) continue
    const gap = before ? item.at - before.at : 0
    if (before && gap >= PAUSE_MS) {
      entries.push({ gap, others: desk.placeOf(item) - desk.placeOf(before) - 1, item })
    }
    before = item
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
