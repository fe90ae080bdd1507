import type { Chapter } from './book/chapter.js'
import type { Chart } from './read.js'
import { eventsOf } from './references.js'

const compare = (
  what: string,
  chart: Chart,
  there: readonly string[],
  told: Readonly<Record<string, string>>,
) => {
  for (const name of there)
    if (!told[name]?.trim())
      throw new Error(
        `The ${what} ${name} of the machine ${chart.id} has no sentence: write it in its chapter.`,
      )
  for (const name of Object.keys(told))
    if (!there.includes(name))
      throw new Error(`The chapter on ${chart.id} tells of the ${what} ${name}, which it hasn't.`)
}

/** @throws Error naming the first event, actor or delay without a sentence, or a sentence on what isn't there */
export const checkChapter = (chart: Chart, { events, actors, delays }: Chapter): void => {
  compare('event', chart, eventsOf(chart), events)
  compare(
    'actor',
    chart,
    chart.actors.map(({ name }) => name),
    actors,
  )
  compare(
    'delay',
    chart,
    chart.delays.map(({ name }) => name),
    delays,
  )
}
