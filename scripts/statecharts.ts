/** Writes docs/statecharts from the machines; with --check only says whether they differ (exit code 1). */
import { fileURLToPath } from 'node:url'
import { openBook } from './statecharts/book.js'
import { createPages, findStale, writePages } from './statecharts/pages.js'

const machines = new URL('../src/machines/index.ts', import.meta.url)
const directory = fileURLToPath(new URL('../docs/statecharts', import.meta.url))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

try {
  const pages = await createPages((await import(machines.href)) as Record<string, unknown>, await openBook())
  if (process.argv.includes('--check')) {
    const stale = await findStale(pages, directory)
    for (const file of stale)
      say(`docs/statecharts/${file} differs from the machines: run \`npm run statecharts\`.`)
    if (stale.length > 0) process.exitCode = 1
    else say(`docs/statecharts: ${pages.size} pages and pictures are as the machines are.`)
  } else {
    const written = await writePages(pages, directory)
    say(
      written.length
        ? `Wrote ${written.map((file) => `docs/statecharts/${file}`).join(', ')}.`
        : 'Nothing to write.',
    )
  }
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
