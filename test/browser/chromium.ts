import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { findChromium } from '../../scripts/test/chromium.js'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Where only loopback exists WebRTC needs this and the permissions below; elsewhere they do no harm.
  '--allow-loopback-in-peer-connection',
]
const PERMISSIONS = ['microphone', 'camera']

const executable = (): string => {
  const path = findChromium()
  if (path) return path
  throw new Error('Chromium is missing: `npm test` installs it; or name it in CHROMIUM.')
}

export interface Chromium {
  readonly browser: Browser
  /** What pages complained of: uncaught errors, rejections and printed errors, as text. A test's end looks at it by `close()`. */
  readonly complaints: string[]
  /** A page in a context of its own: another device, with nothing stored. */
  newPage(url: string, options?: BrowserContextOptions): Promise<Page>
  /** Ends the browser. @throws Error if a page complained of something that nobody took out of `complaints` */
  close(): Promise<void>
}

export interface ChromiumWithProfile extends Omit<Chromium, 'newPage'> {
  readonly context: BrowserContext
  /** A tab of the one profile. */
  newPage(url: string): Promise<Page>
  /** Ends the browser as a power failure does. */
  kill(): Promise<void>
}

const listenTo = (page: Page, complaints: string[]): void => {
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.stack ?? error.message}`))
  page.on('crash', () => complaints.push(`${page.url()}: the page crashed`))
  page.on('console', (message) => {
    if (message.type() === 'error')
      complaints.push(`${page.url()}: ${message.text()} (${message.location().url})`)
  })
}

const assertQuiet = (complaints: readonly string[]): void => {
  if (complaints.length > 0) throw new Error(`Pages complained:\n${complaints.join('\n')}`)
}

/** A headless Chromium with a fresh profile. */
export const launchChromium = async (): Promise<Chromium> => {
  const browser = await chromium.launch({ executablePath: executable(), args: FLAGS })
  const complaints: string[] = []
  return {
    browser,
    complaints,
    newPage: async (url, options) => {
      const context = await browser.newContext(options)
      await context.grantPermissions(PERMISSIONS)
      const page = await context.newPage()
      listenTo(page, complaints)
      await page.goto(url)
      return page
    },
    close: async () => {
      await browser.close()
      assertQuiet(complaints)
    },
  }
}

const gone = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })

const endpointOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (bytes) => {
      text += bytes
      const endpoint = /DevTools listening on (ws:\S+)/.exec(text)?.[1]
      if (endpoint) resolve(endpoint)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`Chromium did not start:\n${text}`)))
  })

/**
 * A Chromium on a profile that outlives it, for what has to be there after a reload, an end and a SIGKILL.
 * @param profile a folder; whoever gives it removes it (see `temporaryProfile`)
 */
export const launchWithProfile = async (profile: string): Promise<ChromiumWithProfile> => {
  // A process group of its own, so that a kill reaches all of its processes.
  const child = spawn(
    executable(),
    ['--headless', ...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const browser = await chromium.connectOverCDP(await endpointOf(child))
  const [context] = browser.contexts()
  if (!context) throw new Error('Chromium has no context')
  await context.grantPermissions(PERMISSIONS)
  const complaints: string[] = []
  const kill = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    await gone(child)
    await browser.close()
  }
  return {
    browser,
    context,
    complaints,
    newPage: async (url) => {
      const page = await context.newPage()
      listenTo(page, complaints)
      await page.goto(url)
      return page
    },
    kill,
    close: async () => {
      const session = await browser.newBrowserCDPSession()
      await session.send('Browser.close').catch(() => {})
      await gone(child)
      assertQuiet(complaints)
    },
  }
}

export const temporaryProfile = async (): Promise<{ path: string; remove(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'hypha-profile-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Answers, each time it is asked, how long a page's main thread has worked: milliseconds of processor time. */
export const measureCpu = async (page: Page): Promise<() => Promise<number>> => {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1_000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN)
  }
}
