/**
 * The package as people install it: packed, then put into empty apps by several package managers, together with each of the
 * packages that are known to bring another engine or another sodium. `npm run test:install`, or with names to choose from:
 * `npm run test:install -- pnpm hyperswarm`.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installPackage, shellEnv } from '../test/packed.js'

const run = promisify(execFile)
const fixture = fileURLToPath(new URL('../test/fixtures/consumer/beside.js', import.meta.url))

const MANAGERS: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm', 'install', '--ignore-scripts'],
  pnpm: ['npx', '--yes', 'pnpm@10.34.8', 'add', '--ignore-scripts'],
  yarn: ['npx', '--yes', 'yarn@1.22.22', 'add', '--ignore-scripts'],
}

const NEIGHBOURS = [
  'hyperswarm@4.17.2',
  'hypercore@11',
  'corestore@7',
  'sodium-native@5',
  'sodium-universal@5',
]
const ORDERS: readonly (readonly string[])[] = [[], ...NEIGHBOURS.map((name) => [name]), NEIGHBOURS]

const chosen = process.argv.slice(2)
const isChosen = (name: string): boolean => chosen.length === 0 || chosen.some((part) => name.includes(part))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

let failed = 0
const check = async (name: string, work: () => Promise<unknown>): Promise<void> => {
  if (!isChosen(name)) return
  try {
    await work()
    say(`ok      ${name}`)
  } catch (error) {
    failed++
    say(`FAILED  ${name}\n${error instanceof Error && 'stdout' in error ? String(error.stdout) : ''}${error}`)
  }
}

const installed = await installPackage()
try {
  const home = dirname(installed.tarball)
  const works = async (manager: string, packages: readonly string[]): Promise<void> => {
    const app = join(home, 'matrix')
    await rm(app, { recursive: true, force: true })
    await mkdir(app)
    await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
    const [program = '', ...args] = MANAGERS[manager] ?? []
    await run(program, [...args, ...packages], { cwd: app, env: shellEnv })
    await cp(fixture, join(app, 'beside.js'))
    await run(process.execPath, ['beside.js'], { cwd: app, env: shellEnv })
  }
  for (const manager of Object.keys(MANAGERS)) {
    for (const beside of ORDERS) {
      const name = `${manager}: with ${beside.join(', ') || 'nothing else'}`
      await check(name, () => works(manager, [installed.tarball, ...beside]))
    }
  }
} finally {
  await installed.remove()
}
process.exitCode = failed === 0 ? 0 : 1
