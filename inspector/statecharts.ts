import type { Plugin } from 'vite'
import { type AnyStateMachine, StateMachine } from 'xstate'
import { nameEvent } from '../scripts/statecharts/name-event.js'
import { drawPicture } from '../scripts/statecharts/picture.js'
import { readChart } from '../scripts/statecharts/read.js'
import { transitionKey } from '../scripts/statecharts/transition-key.js'
import * as machines from '../src/machines/index.js'
import type { DrawnChart } from './src/lib/charts.js'

const NAME = 'virtual:statecharts'

/** Without what a page's policy refuses: its colours are in the inspector's own style sheet. */
const bare = (svg: string): string =>
  svg
    .replace(/^.*?(?=<svg)/s, '')
    .replace(/<style>.*?<\/style>\s*/s, '')
    .replace(/<!--.*?-->\s*/gs, '')
    .replace(/ xml:space="preserve"/g, '')

const draw = async (machine: AnyStateMachine): Promise<DrawnChart> => {
  const chart = readChart(machine)
  const { id, states } = chart
  return {
    id,
    description: states[0]?.description ?? '',
    svg: bare(await drawPicture(chart, 'window')),
    states: states
      .filter(({ path }) => path !== '')
      .map(({ path, key, type, description = '' }) => ({ path, key, type, description })),
    transitions: states.flatMap(({ transitions }) =>
      transitions.map(({ source, descriptor, index, event, guard, targets }) => ({
        key: transitionKey({ source, event: descriptor, index }),
        source,
        label: nameEvent(event) + (guard ? ` [${guard}]` : ''),
        targets,
      })),
    ),
  }
}

/** Every machine's picture and what it says. */
export const drawAll = (): Promise<DrawnChart[]> =>
  Promise.all(
    Object.values(machines)
      .filter((each): each is AnyStateMachine => each instanceof StateMachine)
      .map(draw),
  )

/** `virtual:statecharts`: every machine as it is drawn for docs/statecharts, so that the page always fits the machines. */
export const statecharts = (): Plugin => ({
  name: 'hypha-runtime:statecharts',
  resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
  load: async (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(await drawAll())}` : null),
})
