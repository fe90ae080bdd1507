import { join } from 'node:path'
import { chromium } from 'playwright-core'
import {
  type BrowserKind,
  byApt,
  ensureBrowser,
  findBrowser,
  type Machine,
  type Surroundings,
} from './browser.js'

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

/** What installs it: commands to be run in turn. */
export const howToInstall = ({ isRoot, hasApt }: Machine): string[][] =>
  isRoot && hasApt
    ? byApt('chromium', 'fonts-dejavu-core')
    : [[process.execPath, join('node_modules', 'playwright-core', 'cli.js'), 'install', 'chromium']]

const kind = (playwrights = playwrightsOwn()): BrowserKind => ({
  name: 'Chromium',
  variable: 'CHROMIUM',
  places: [...PLACES, ...(playwrights ? [playwrights] : [])],
  howToInstall,
})

/** The Chromium that tests drive: CHROMIUM's, the system's, or the one that playwright-core has installed. */
export const findChromium = (
  surroundings?: Surroundings & { readonly playwrights: string | undefined },
): string | undefined =>
  findBrowser(surroundings ? kind(surroundings.playwrights ?? '') : kind(), surroundings)

/** Installs Chromium unless it is there. A sentence if it is not there afterwards. */
export const ensureChromium = (directory: string, say: (line: string) => void): Promise<string | undefined> =>
  ensureBrowser(kind(), directory, say)
