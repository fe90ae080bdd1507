import type { Chapter } from './book/chapter.js'
import { MARK } from './mark.js'
import { anchored, code, codes, table, text } from './markdown.js'
import { nameEvent } from './name-event.js'
import type { Chart, ChartState } from './read.js'
import { eventsOf, linkReferences } from './references.js'
import type { System } from './system.js'

/** @throws Error naming the first state (or machine) without a description */
export const requireDescriptions = (chart: Chart): void => {
  for (const { path, description } of chart.states) {
    if (description?.trim()) continue
    const what = path ? `The state ${path} of the machine ${chart.id}` : `The machine ${chart.id}`
    throw new Error(`${what} has no description. Give it a sentence that a person understands.`)
  }
}

/** A story in code: its heading, and what a reader can run. */
export interface Story {
  readonly title: string
  readonly code: string
}

/** One machine's page, in Markdown. */
export const writePage = (
  chart: Chart,
  chapter: Chapter,
  system: System,
  stories: readonly Story[],
): string => {
  requireDescriptions(chart)
  const link = (words: string): string => linkReferences(words, system.charts, `The chapter on ${chart.id}`)
  const [root] = chart.states
  const parallel = root?.type === 'parallel' ? ['Its outermost states are all there at once.', ''] : []
  return [
    `# ${chart.id}`,
    '',
    MARK,
    '',
    `[The statecharts](README.md)${whereItStands(chart, system)}`,
    '',
    `**${text(root?.description)}**`,
    '',
    link(chapter.introduction),
    '',
    ...parallel,
    `![The states of ${chart.id} and what leads from one to another](${chart.id}.svg)`,
    '',
    '[How to read a picture](README.md#how-to-read-a-picture)',
    '',
    ...states(chart),
    ...transitions(chart),
    ...events(chart, chapter, link),
    ...actors(chart, chapter, link),
    ...delays(chart, chapter, link),
    '## How to drive it',
    '',
    ...stories.flatMap((story) => [`### ${story.title}`, '', '```ts', story.code.trimEnd(), '```', '']),
  ].join('\n')
}

const whereItStands = ({ id }: Chart, { running }: System): string => {
  const links = (ids: readonly string[]): string => ids.map((each) => `[${each}](${each}.md)`).join(', ')
  const above = running.filter(({ to }) => to === id).map(({ from }) => from)
  const below = running.filter(({ from }) => from === id).map(({ to }) => to)
  return [
    ...(above.length > 0 ? [` · run by ${links(above)}`] : []),
    ...(below.length > 0 ? [` · runs ${links(below)}`] : []),
  ].join('')
}

const states = (chart: Chart): string[] => {
  const [root, ...inner] = chart.states
  const rows = [...(root && root.entry.length + root.exit.length > 0 ? [root] : []), ...inner]
  return [
    '## States',
    '',
    ...table(
      ['state', 'what it means', 'on entry', 'on exit'],
      rows.map((state) => [
        (state.path ? anchored('state', state.path) : nameState(chart, state.path)) + kind(state),
        text(state.description),
        codes(state.entry),
        codes(state.exit),
      ]),
    ),
    '',
  ]
}

const transitions = (chart: Chart): string[] =>
  section(
    'Transitions',
    'Those that leave no state are here only, and so are actions.',
    ['state', 'event', 'guard', 'target', 'actions'],
    chart.states
      .flatMap((state) => state.transitions)
      .map(({ source, event, guard, targets, actions }) => [
        nameState(chart, source),
        code(nameEvent(event)),
        guard ? code(guard) : '',
        targets.map((target) => nameState(chart, target)).join(', '),
        codes(actions),
      ]),
  )

const events = (chart: Chart, chapter: Chapter, link: (words: string) => string): string[] =>
  section(
    'Events',
    'What they mean, and where they are heard.',
    ['event', 'what it means', 'heard in'],
    eventsOf(chart).map((name) => [
      anchored('event', name),
      link(text(chapter.events[name])),
      chart.states
        .filter((state) =>
          state.transitions.some(({ event }) => event.kind === 'event' && event.name === name),
        )
        .map(({ path }) => nameState(chart, path))
        .join(', '),
    ]),
  )

const actors = (chart: Chart, chapter: Chapter, link: (words: string) => string): string[] =>
  section(
    'Actors',
    'Who does the work. Those that are machines have a page; the others are placeholders that fail until they are provided.',
    ['actor', 'what it does', 'started by'],
    chart.actors.map(({ name, machine, invokedBy }) => [
      anchored('actor', name) + (machine ? ` ([machine](${machine}.md))` : ''),
      link(text(chapter.actors[name])),
      invokedBy.length
        ? invokedBy.map((path) => (path ? `being in ${code(path)}` : 'its beginning')).join(', ')
        : 'an action, when it is spawned',
    ]),
  )

const delays = (chart: Chart, chapter: Chapter, link: (words: string) => string): string[] =>
  chart.delays.length === 0
    ? []
    : section(
        'Delays',
        'By the clock that the actor was created with.',
        ['delay', 'how long', 'what for'],
        chart.delays.map(({ name, length }) => [
          code(name),
          length ?? 'as the machine works out',
          link(text(chapter.delays[name])),
        ]),
      )

const section = (
  title: string,
  introduction: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] => [
  `## ${title}`,
  '',
  ...(rows.length ? [introduction, '', ...table(head, rows)] : ['None.']),
  '',
]

const nameState = (chart: Chart, path: string): string => (path ? code(path) : `${code(chart.id)} (anywhere)`)

const kind = ({ type }: ChartState): string =>
  type === 'parallel' ? ' (parallel)' : type === 'final' ? ' (final)' : type === 'history' ? ' (history)' : ''
