import { readFile } from 'node:fs/promises'
import type { Chapter } from './book/chapter.js'

/** What people wrote, beside what is read off the machines. */
export interface Book {
  readonly chapters: readonly Chapter[]
  /** File name → text with references; `{{overview}}`, `{{order}}` and `{{machines}}` are filled in. */
  readonly texts: ReadonlyMap<string, string>
  /** The code of a chapter's story. */
  readStory(file: string): Promise<string>
}

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

/** Sources import each other; readers import the package. */
const PACKAGES: readonly (readonly [RegExp, string])[] = [
  [/'[./]+src\/machines\/index\.js'/g, "'hypha-runtime/machines'"],
  [/'[./]+src\/testing\/index\.js'/g, "'hypha-runtime/testing'"],
  [/'[./]+src\/index\.js'/g, "'hypha-runtime'"],
]

export const asReadersImport = (code: string): string =>
  PACKAGES.reduce((changed, [path, name]) => changed.replace(path, name), code)

const TEXTS = ['README', 'life-of-a-request']

/** The book that docs/statecharts is. */
export const openBook = async (): Promise<Book> => {
  const { chapters } = await import('./book/chapters.js')
  const texts = await Promise.all(
    TEXTS.map(
      async (name): Promise<[string, string]> => [`${name}.md`, await read(`./book/${name}.template.md`)],
    ),
  )
  return {
    chapters,
    texts: new Map(texts),
    readStory: async (file) => asReadersImport(await read(`./drive/${file}`)),
  }
}
