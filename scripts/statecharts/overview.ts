import type { ITransition } from 'state-machine-cat'
import { wrapLabels } from './arrows.js'
import { activity, draw, regular } from './draw.js'
import { createMarks } from './marks.js'
import type { System } from './system.js'

/** Which machine runs which, as an SVG. */
export const drawOverview = ({ charts, running }: System): Promise<string> => {
  const marks = createMarks()
  const states = charts.map(({ id, actors }) => {
    const work = actors.filter(({ machine }) => machine === undefined).map(({ name }) => name)
    const lines = work.length > 0 ? wrapLabels(work).split('\n') : []
    return { ...regular(id, id), class: marks.add('data-actor', id), actions: lines.map(activity) }
  })
  const transitions = running.map(
    ({ from, to, invokedBy }, id): ITransition =>
      invokedBy.length > 0
        ? { id, from, to, label: `while\n${wrapLabels(invokedBy)}` }
        : { id, from, to, label: 'spawns', class: 'spawns' },
  )
  return draw({ states, transitions, marks, label: 'Which machine runs which' })
}
