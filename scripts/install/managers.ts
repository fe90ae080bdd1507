/** Package managers, each as a newcomer calls it: how it adds packages to an app, and how it runs a program there. */
import { execFile } from 'node:child_process'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { shellEnv } from '../../test/packed.js'

const run = promisify(execFile)
const fixture = fileURLToPath(new URL('../../test/fixtures/consumer/beside.js', import.meta.url))

interface Manager {
  readonly add: readonly string[]
  readonly exec: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const PNPM = ['npx', '--yes', 'pnpm@12.4.2']
const YARN_1 = ['npx', '--yes', 'yarn@1.22.22']
const YARN_4 = ['npx', '--yes', '@yarnpkg/cli-dist@4.18.1']
const QUIET_YARN = { YARN_ENABLE_TELEMETRY: '0', YARN_ENABLE_SCRIPTS: 'false' }

const MANAGERS: Readonly<Record<string, Manager>> = {
  npm: { add: ['npm', 'install', '--no-audit', '--ignore-scripts'], exec: ['npm', 'exec', '--no', '--'] },
  pnpm: { add: [...PNPM, 'add', '--ignore-scripts'], exec: [...PNPM, 'exec'] },
  'yarn 1': { add: [...YARN_1, 'add', '--ignore-scripts'], exec: [...YARN_1, 'exec', '--'] },
  'yarn 4': { add: [...YARN_4, 'add'], exec: [...YARN_4, 'exec'], env: QUIET_YARN },
  'yarn 4 with node_modules': {
    add: [...YARN_4, 'add'],
    exec: [...YARN_4, 'exec'],
    env: { ...QUIET_YARN, YARN_NODE_LINKER: 'node-modules' },
  },
}

/** What is known to bring another engine or another sodium. */
const NEIGHBOURS = [
  'hyperswarm@4.17.2',
  'hypercore@11',
  'corestore@7',
  'sodium-native@5',
  'sodium-universal@5',
]

/** What is added in turn, `.` for this package. */
const ORDERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  alone: [['.']],
  ...Object.fromEntries(NEIGHBOURS.map((name) => [`together with ${name}`, [['.', name]]])),
  'together with all of them': [['.', ...NEIGHBOURS]],
  'before all of them': [['.'], NEIGHBOURS],
  'after all of them': [NEIGHBOURS, ['.']],
}

/** Installs the tarball in an empty app, signs up there and lets a second node in, and asks the command for its version. */
const works = async (
  { add, exec, env: extra = {} }: Manager,
  order: readonly (readonly string[])[],
  tarball: string,
): Promise<void> => {
  const app = join(tarball, '../managed')
  const env = { ...shellEnv, ...extra }
  const call = ([program = '', ...args]: readonly string[], ...more: readonly string[]) =>
    run(program, [...args, ...more], { cwd: app, env })
  await rm(app, { recursive: true, force: true })
  await mkdir(app)
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  // Without it Yarn 4 takes the app for a part of whatever lies above it.
  if (add.includes('@yarnpkg/cli-dist@4.18.1')) await writeFile(join(app, 'yarn.lock'), '')
  for (const step of order)
    await call(add, ...step.map((name) => (name === '.' ? `hypha-runtime@file:${tarball}` : name)))
  await cp(fixture, join(app, 'beside.js'))
  await call(exec, 'node', 'beside.js')
  await call(exec, 'hypha', '--version')
}

/** What to try, by its name. */
export const managed = (tarball: string): ReadonlyMap<string, () => Promise<void>> =>
  new Map(
    Object.entries(MANAGERS).flatMap(([manager, how]) =>
      Object.entries(ORDERS).map(
        ([order, steps]) => [`${manager}, ${order}`, () => works(how, steps, tarball)] as const,
      ),
    ),
  )
