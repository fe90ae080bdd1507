/** Runs all checks, each to its end whatever the others say, and ends by printing `N passed, N failed`. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureChromium } from './test/chromium.js'
import { ensureFirefox } from './test/firefox.js'
import { countTests, type Totals } from './test/totals.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** A program of node_modules, run to its end; the exit code. */
const run = (heading: string, program: string, args: readonly string[]): Promise<number> => {
  say(`\n=== ${heading} ===`)
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules/.bin', program), args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.on('error', (error) => {
      say(error.message)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

const totals: Totals = { passed: 0, failed: 0 }
const add = ({ passed, failed }: Totals): void => {
  totals.passed += passed
  totals.failed += failed
}
const check = async (heading: string, program: string, args: readonly string[]): Promise<void> => {
  const isGood = (await run(heading, program, args)) === 0
  add({ passed: isGood ? 1 : 0, failed: isGood ? 0 : 1 })
}

await check('Types', 'tsc', ['-p', 'tsconfig.json'])
await check('Types in the browser', 'tsc', ['-p', 'tsconfig.browser.json'])
await check('Types with React', 'tsc', ['-p', 'tsconfig.react.json'])
await check('Lint', 'biome', ['check', '.'])
await check('Statecharts', 'tsx', ['scripts/statecharts.ts', '--check'])

for (const ensure of [ensureChromium, ensureFirefox]) {
  const missing = await ensure(root, say)
  if (!missing) continue
  say(`\n${missing}`)
  add({ passed: 0, failed: 1 })
}

const directory = await mkdtemp(join(tmpdir(), 'hypha-runtime-test-'))
try {
  const report = join(directory, 'report.json')
  const code = await run('Tests', 'vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ])
  add(countTests(await readFile(report, 'utf8').catch(() => ''), code))
} finally {
  await rm(directory, { recursive: true })
}

say(`\n${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed === 0 ? 0 : 1
