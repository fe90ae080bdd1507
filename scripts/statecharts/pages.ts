import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AnyStateMachine, StateMachine } from 'xstate'
import { MARK } from './mark.js'
import { writeIndex, writePage } from './page.js'
import { drawPicture } from './picture.js'
import { readChart } from './read.js'

/** File name → content. */
export type Pages = ReadonlyMap<string, string>

/**
 * The pages and pictures of all machines among a module's exports, and the pages' index.
 * @throws Error when a state has no description, or two machines one id
 */
export const createPages = async (exports: Readonly<Record<string, unknown>>): Promise<Pages> => {
  const machines = Object.values(exports).filter(
    (each): each is AnyStateMachine => each instanceof StateMachine,
  )
  const charts = [...new Set(machines)].map(readChart).sort((a, b) => (a.id < b.id ? -1 : 1))
  const pages = new Map([['README.md', writeIndex(charts)]])
  for (const chart of charts) {
    const file = `${chart.id}.md`
    if (!/^[A-Za-z0-9-]+$/.test(chart.id) || pages.has(file)) {
      throw new Error(
        `A machine has the id ${JSON.stringify(chart.id)}, which is another's or not fit for a file's name.`,
      )
    }
    pages.set(file, writePage(chart))
    pages.set(`${chart.id}.svg`, await drawPicture(chart))
  }
  return pages
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
