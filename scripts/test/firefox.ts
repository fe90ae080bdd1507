import {
  type BrowserKind,
  byApt,
  ensureBrowser,
  findBrowser,
  type Machine,
  type Surroundings,
} from './browser.js'

/** What installs it. playwright-core has a changed Firefox, so elsewhere a person has to. */
export const howToInstall = ({ isRoot, hasApt }: Machine): string[][] =>
  isRoot && hasApt ? byApt('firefox-esr') : []

const KIND: BrowserKind = {
  name: 'Firefox',
  variable: 'FIREFOX',
  /** Where Debian, others and macOS put it. */
  places: [
    '/usr/bin/firefox-esr',
    '/usr/bin/firefox',
    '/snap/bin/firefox',
    '/Applications/Firefox.app/Contents/MacOS/firefox',
  ],
  howToInstall,
}

/** The Firefox that tests drive: FIREFOX's, or the system's. */
export const findFirefox = (surroundings?: Surroundings): string | undefined =>
  findBrowser(KIND, surroundings)

/** Installs Firefox unless it is there. A sentence if it is not there afterwards. */
export const ensureFirefox = (directory: string, say: (line: string) => void): Promise<string | undefined> =>
  ensureBrowser(KIND, directory, say)
