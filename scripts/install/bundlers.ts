/** Bundlers without a configuration: each builds the app of test/fixtures/bundlers, which then runs in Chromium. */
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { launchChromium } from '../../test/browser/chromium.js'
import { serveFolder } from '../../test/browser/static-server.js'
import { installTogether, shellEnv } from '../../test/packed.js'

const run = promisify(execFile)
const fixtures = fileURLToPath(new URL('../../test/fixtures/bundlers', import.meta.url))
const env = { ...shellEnv, NEXT_TELEMETRY_DISABLED: '1' }
/** Only ends what hangs. */
const HANGS_MS = 120_000
const REACT = ['react@19', 'react-dom@19']

interface Served {
  readonly url: string
  close(): Promise<void>
}

/** An app with the tarball and a bundler, and the fixture's files in it. */
const makeApp = async (
  tarball: string,
  packages: readonly string[],
  kind: string,
  place: string,
): Promise<string> => {
  const app = join(tarball, '../bundled')
  await rm(app, { recursive: true, force: true })
  await installTogether(app, [tarball, ...REACT, ...packages])
  await cp(join(fixtures, kind), app, { recursive: true })
  await mkdir(join(app, place), { recursive: true })
  await cp(join(fixtures, 'app.jsx'), join(app, place, 'app.jsx'))
  return app
}

/** Signs up in the page, and reloads it: what was written is shown, both times, and nothing complains. */
const worksInPage = async (url: string): Promise<void> => {
  const chromium = await launchChromium()
  try {
    const page = await chromium.newPage(url)
    await page.locator('#state', { hasText: 'signedOut' }).waitFor()
    await page.getByRole('button').click()
    await page.locator('li', { hasText: 'hello' }).waitFor()
    await page.reload()
    await page.locator('li', { hasText: 'hello' }).waitFor()
  } finally {
    await chromium.close()
  }
}

const parcel = async (tarball: string): Promise<void> => {
  const app = await makeApp(tarball, ['parcel@2.16.4'], 'parcel', '.')
  await run(process.execPath, ['node_modules/parcel/lib/bin.js', 'build', 'index.html'], { cwd: app, env })
  const server = await serveFolder(join(app, 'dist'))
  try {
    await worksInPage(server.url)
  } finally {
    await server.close()
  }
}

const NEXT = 'node_modules/next/dist/bin/next'

const startNext = async (app: string): Promise<Served> => {
  const args = [NEXT, 'start', '--hostname', '127.0.0.1', '--port', '0']
  const child = spawn(process.execPath, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes
      const found = /Local:\s+(http:\S+)/.exec(said)?.[1]
      if (found && said.includes('Ready')) resolve(found)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`next start ended:\n${said}`)))
  })
  return {
    url,
    close: () => {
      child.kill()
      return exited
    },
  }
}

const next = async (tarball: string, builder: string): Promise<void> => {
  const app = await makeApp(tarball, ['next@16.4.6'], 'next', 'app')
  // Next takes the nearest folder with a lock for its root.
  await writeFile(
    join(app, 'next.config.js'),
    `export default { outputFileTracingRoot: import.meta.dirname }\n`,
  )
  await run(process.execPath, [NEXT, 'build', builder], { cwd: app, env })
  const server = await startNext(app)
  try {
    const answer = await (
      await fetch(`${server.url}/server`, { signal: AbortSignal.timeout(HANGS_MS) })
    ).text()
    if (answer !== '{"value":"hello","page":200}') throw new Error(`The server said ${answer}`)
    await worksInPage(server.url)
  } finally {
    await server.close()
  }
}

/** What to try, by its name. */
export const bundled = (tarball: string): ReadonlyMap<string, () => Promise<void>> =>
  new Map([
    ['Parcel', () => parcel(tarball)],
    ['Next with webpack', () => next(tarball, '--webpack')],
    ['Next with Turbopack', () => next(tarball, '--turbopack')],
  ])
