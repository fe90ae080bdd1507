import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

/** Where Debian, others and macOS put it. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const playwrightsOwn = (): string | undefined => {
  try {
    return chromium.executablePath()
  } catch {
    return undefined
  }
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  exists(path: string): boolean
  readonly playwrights: string | undefined
}

const here = (): Surroundings => ({ env: process.env, exists: existsSync, playwrights: playwrightsOwn() })

/** The Chromium that tests drive: CHROMIUM's, the system's, or the one that playwright-core has installed. */
export const findChromium = ({ env, exists, playwrights }: Surroundings = here()): string | undefined => {
  // Whoever names one means that one.
  if (env.CHROMIUM) return exists(env.CHROMIUM) ? env.CHROMIUM : undefined
  return [...PLACES, ...(playwrights ? [playwrights] : [])].find(exists)
}

/** What installs it: commands to be run in turn. */
export const howToInstall = (machine: { readonly isRoot: boolean; readonly hasApt: boolean }): string[][] =>
  machine.isRoot && machine.hasApt
    ? [
        ['apt-get', 'update', '-qq'],
        ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
      ]
    : [[process.execPath, join('node_modules', 'playwright-core', 'cli.js'), 'install', 'chromium']]

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

/** Installs Chromium unless it is there. A sentence if it is not there afterwards. */
export const ensureChromium = async (
  directory: string,
  say: (line: string) => void,
): Promise<string | undefined> => {
  if (findChromium()) return undefined
  if (process.env.CHROMIUM)
    return `CHROMIUM names ${process.env.CHROMIUM}, where nothing is. Correct it, or leave it out.`
  const commands = howToInstall({ isRoot: process.getuid?.() === 0, hasApt: existsSync('/usr/bin/apt-get') })
  for (const command of commands) {
    say(command.join(' '))
    if (!(await run(command, directory))) break
  }
  return findChromium()
    ? undefined
    : 'The tests in a browser need Chromium, and it could not be installed. Install it, or name it in CHROMIUM.'
}
