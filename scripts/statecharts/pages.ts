import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AnyStateMachine, StateMachine } from 'xstate'
import type { Book } from './book.js'
import { checkChapter } from './check-chapter.js'
import { MARK } from './mark.js'
import { codes, table, text } from './markdown.js'
import { drawOverview } from './overview.js'
import { requireDescriptions, writePage } from './page.js'
import { drawPicture } from './picture.js'
import { type Chart, readChart } from './read.js'
import { linkReferences } from './references.js'
import { readSystem, type System } from './system.js'

/** File name → content. */
export type Pages = ReadonlyMap<string, string>

/**
 * The pages and pictures of all machines among a module's exports, with what the book says of them.
 * @throws Error when a state, event, actor or delay has no description, a text speaks of what isn't there, a machine has no
 * chapter or is run by nobody, or two machines have one id
 */
export const createPages = async (
  exports: Readonly<Record<string, unknown>>,
  { chapters, texts, readStory }: Book,
): Promise<Pages> => {
  const machines = Object.values(exports).filter(
    (each): each is AnyStateMachine => each instanceof StateMachine,
  )
  const charts = [...new Set(machines)].map(readChart)
  for (const [index, { id }] of charts.entries()) {
    if (!/^[A-Za-z0-9-]+$/.test(id) || charts.findIndex((chart) => chart.id === id) < index)
      throw new Error(
        `A machine has the id ${JSON.stringify(id)}, which is another's or not fit for a file's name.`,
      )
  }
  for (const chart of charts) requireDescriptions(chart)
  const system = readSystem(
    charts,
    chapters.map(({ id }) => id),
  )
  const pages = new Map([['overview.svg', await drawOverview(system)]])
  for (const [file, text] of texts) pages.set(file, writeText(file, text, system))
  for (const [index, chart] of system.charts.entries()) {
    const chapter = chapters[index]
    if (!chapter) continue
    checkChapter(chart, chapter)
    const stories = await Promise.all(
      chapter.stories.map(async ({ title, file }) => ({ title, code: await readStory(file) })),
    )
    pages.set(`${chart.id}.md`, writePage(chart, chapter, system, stories))
    pages.set(`${chart.id}.svg`, await drawPicture(chart))
  }
  return pages
}

/** A text of the book: links for references, and what is read off the machines where it belongs. */
const writeText = (file: string, written: string, { charts, running }: System): string => {
  const describe = ({ id, states }: Chart): string => `[${id}](${id}.md): ${text(states[0]?.description)}`
  const filled = written
    .replace('{{overview}}', '![Which machine runs which](overview.svg)')
    .replace('{{order}}', charts.map((chart, index) => `${index + 2}. ${describe(chart)}`).join('\n'))
    .replace('{{machines}}', () =>
      table(
        ['machine', 'states', 'transitions', 'run by'],
        charts.map(({ id, states }) => [
          `[${id}](${id}.md)`,
          String(states.length - 1),
          String(states.flatMap(({ transitions }) => transitions).length),
          running
            .filter(({ to }) => to === id)
            .map(({ from, invokedBy }) =>
              invokedBy.length > 0
                ? `[${from}](${from}.md), while in ${codes(invokedBy)}`
                : `[${from}](${from}.md), which spawns it`,
            )
            .join('; ') || '`createNode()`',
        ]),
      ).join('\n'),
    )
  const [title = '', ...rest] = linkReferences(filled, charts, file).split('\n')
  return [title, '', MARK, ...rest].join('\n')
}

/** The files in `directory` that are not as they should be: missing, different, or generated for a machine that is gone. */
export const findStale = async (pages: Pages, directory: string): Promise<string[]> => {
  const stale: string[] = []
  for (const [file, page] of pages) {
    if ((await readFile(join(directory, file), 'utf8').catch(() => undefined)) !== page) stale.push(file)
  }
  for (const file of await readdir(directory).catch(() => [])) {
    if (pages.has(file) || !/\.(md|svg)$/.test(file)) continue
    if ((await readFile(join(directory, file), 'utf8')).includes(MARK)) stale.push(file)
  }
  return stale.sort()
}

/** Makes `directory` hold the pages. Returns what was written or removed. */
export const writePages = async (pages: Pages, directory: string): Promise<string[]> => {
  const stale = await findStale(pages, directory)
  await mkdir(directory, { recursive: true })
  for (const file of stale) {
    const page = pages.get(file)
    if (page === undefined) await rm(join(directory, file))
    else await writeFile(join(directory, file), page)
  }
  return stale
}
