import { MARK } from './mark.js'
import { nameEvent } from './name-event.js'
import type { Chart, ChartState } from './read.js'

/** @throws Error naming the first state (or machine) without a description */
export const requireDescriptions = (chart: Chart): void => {
  for (const { path, description } of chart.states) {
    if (description?.trim()) continue
    const what = path ? `The state ${path} of the machine ${chart.id}` : `The machine ${chart.id}`
    throw new Error(`${what} has no description. Give it a sentence that a person understands.`)
  }
}

/** One machine's page, in Markdown. */
export const writePage = (chart: Chart): string => {
  requireDescriptions(chart)
  const [root, ...inner] = chart.states
  const transitions = chart.states.flatMap((state) => state.transitions)
  const lines = [
    `# ${chart.id}`,
    '',
    MARK,
    '',
    text(root?.description),
    '',
    ...(root?.type === 'parallel' ? ['Its outermost states are all there at once.', ''] : []),
    `![The states of ${chart.id} and what leads from one to another](${chart.id}.svg)`,
    '',
    'What leaves no state is in the table only, and so are actions.',
    '',
    '## States',
    '',
    ...table(
      ['state', 'what it means', 'on entry', 'on exit'],
      [...(root && root.entry.length + root.exit.length > 0 ? [root] : []), ...inner].map((state) => [
        nameState(chart, state.path) + kind(state),
        text(state.description),
        codes(state.entry),
        codes(state.exit),
      ]),
    ),
    '',
    '## Transitions',
    '',
    ...(transitions.length
      ? table(
          ['state', 'event', 'guard', 'target', 'actions'],
          transitions.map(({ source, event, guard, targets, actions }) => [
            nameState(chart, source),
            code(nameEvent(event)),
            guard ? code(guard) : '',
            targets.map((target) => nameState(chart, target)).join(', '),
            codes(actions),
          ]),
        )
      : ['None.']),
    '',
    '## Actors',
    '',
    ...(chart.actors.length
      ? table(
          ['actor', 'started by'],
          chart.actors.map(({ name, invokedBy }) => [
            code(name),
            invokedBy.length
              ? `being in ${invokedBy.map((path) => nameState(chart, path)).join(', ')}`
              : 'an action, when it is spawned',
          ]),
        )
      : ['None.']),
    '',
  ]
  return lines.join('\n')
}

/** The list of all pages. */
export const writeIndex = (charts: readonly Chart[]): string =>
  [
    '# Statecharts',
    '',
    MARK,
    '',
    'How the runtime lives, drawn from the machines that run it.',
    '',
    ...charts.map(({ id, states }) => `- [${id}](${id}.md): ${text(states[0]?.description)}`),
    '',
  ].join('\n')

const nameState = (chart: Chart, path: string): string => (path ? code(path) : `${code(chart.id)} (anywhere)`)

const kind = ({ type }: ChartState): string =>
  type === 'parallel' ? ' (parallel)' : type === 'final' ? ' (final)' : type === 'history' ? ' (history)' : ''

const text = (words = ''): string =>
  words.trim().replace(/\s+/g, ' ').replace(/</g, '&lt;').replace(/\|/g, '\\|')

const code = (words: string): string =>
  `\`${words.replace(/`/g, "'").replace(/\s+/g, ' ').replace(/\|/g, '\\|')}\``

const codes = (words: readonly string[]): string => words.map(code).join(', ')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
