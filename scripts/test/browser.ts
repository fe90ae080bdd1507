import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  exists(path: string): boolean
}

export const here = (): Surroundings => ({ env: process.env, exists: existsSync })

export interface Machine {
  readonly isRoot: boolean
  readonly hasApt: boolean
}

/** A browser that tests drive. */
export interface BrowserKind {
  readonly name: string
  /** The environment variable that names one. Whoever names one means that one. */
  readonly variable: string
  readonly places: readonly string[]
  /** Commands to be run in turn; none where it has to be installed by hand. */
  howToInstall(machine: Machine): string[][]
}

/** Debian's commands for its packages. */
export const byApt = (...packages: readonly string[]): string[][] => [
  ['apt-get', 'update', '-qq'],
  ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages],
]

export const findBrowser = (
  { variable, places }: Pick<BrowserKind, 'variable' | 'places'>,
  { env, exists }: Surroundings = here(),
): string | undefined => {
  const named = env[variable]
  if (named) return exists(named) ? named : undefined
  return places.find(exists)
}

const run = ([program = '', ...args]: readonly string[], directory: string): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    child.on('error', () => resolve(false))
    child.on('close', (code) => resolve(code === 0))
  })

/** Installs a browser unless it is there. A sentence if it is not there afterwards. */
export const ensureBrowser = async (
  kind: BrowserKind,
  directory: string,
  say: (line: string) => void,
): Promise<string | undefined> => {
  const { name, variable } = kind
  if (findBrowser(kind)) return undefined
  const named = process.env[variable]
  if (named) return `${variable} names ${named}, where nothing is. Correct it, or leave it out.`
  const machine = { isRoot: process.getuid?.() === 0, hasApt: existsSync('/usr/bin/apt-get') }
  for (const command of kind.howToInstall(machine)) {
    say(command.join(' '))
    if (!(await run(command, directory))) break
  }
  return findBrowser(kind)
    ? undefined
    : `The tests in a browser need ${name}, and it could not be installed. Install it, or name it in ${variable}.`
}
