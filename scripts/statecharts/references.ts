import { anchor, code, type Subject } from './markdown.js'
import type { Chart } from './read.js'

const SIGNS: Readonly<Record<string, Subject>> = { ':': 'state', '!': 'event', '/': 'actor' }

/** Whether a machine has it. */
const has: Readonly<Record<Subject, (chart: Chart, name: string) => boolean>> = {
  state: ({ states }, name) => states.some(({ path }) => path !== '' && path === name),
  event: (chart, name) => eventsOf(chart).includes(name),
  actor: ({ actors }, name) => actors.some((actor) => actor.name === name),
}

/** Events that a machine hears, without those of XState itself, in the order of the definition. */
export const eventsOf = ({ states }: Chart): string[] => [
  ...new Set(
    states.flatMap(({ transitions }) =>
      transitions.flatMap(({ event }) => (event.kind === 'event' ? [event.name] : [])),
    ),
  ),
]

/**
 * Makes links of what people write of machines: `[[node]]`, the state `[[node:opening]]`, the event `[[node!signIn]]`, the actor
 * `[[node/recall]]`.
 * @throws Error naming what there is none of
 */
export const linkReferences = (written: string, charts: readonly Chart[], where: string): string =>
  written.replace(
    /\[\[([A-Za-z-]+)(?:([:!/])([^\]]+))?\]\]/g,
    (reference, id: string, sign = '', name = '') => {
      const chart = charts.find((each) => each.id === id)
      const subject = SIGNS[sign]
      if (!chart || (subject && !has[subject](chart, name)))
        throw new Error(`${where} speaks of ${reference}, and there is none. Mend the text.`)
      return subject ? `[${code(name)}](${id}.md#${anchor(subject, name)})` : `[${id}](${id}.md)`
    },
  )
