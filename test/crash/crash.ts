/** Kills what writes and what replicates at random moments, and looks what is left. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createNode, type HyphaNode, webSocket } from '../../src/index.js'
import { between, type Random } from '../../src/testing/random.js'
import { startPage, type WritingPage } from './page.js'
import { type Program, startProgram } from './program.js'

export interface CrashOptions {
  readonly directory: string
  readonly kills: number
  readonly random: Random
  /** Kills browsers, too. */
  readonly withBrowser: boolean
  onKill(kill: number, what: string, acknowledged: number): void
}

export interface CrashResult {
  readonly kills: number
  /** Keys that were acknowledged and are nowhere. */
  readonly lost: readonly string[]
  /** What does not open, or differs, or was told. */
  readonly corrupt: readonly string[]
}

/** What a kill must never be the cause of. */
const NEVER = /^(STORAGE_|FEED_|ORIGIN_|WRITER_|OPENING_FAILED)/
/** Only ends what hangs. */
const LIMIT_MS = 120_000
/** Acknowledgements and milliseconds after which a kill comes. */
const MAX_WRITES = 40
const MAX_WAIT_MS = 40

const within = async <T>(work: Promise<T>): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LIMIT_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

const keysOf = async (node: HyphaNode): Promise<Set<string>> => {
  const keys = new Set<string>()
  for await (const { key } of node.entries()) keys.add(key)
  return keys
}

export const crash = async (options: CrashOptions): Promise<CrashResult> => {
  const { directory, random, withBrowser, onKill } = options
  const lost = new Set<string>()
  const corrupt: string[] = []
  const acknowledged = { files: new Set<string>(), page: new Set<string>() }
  let hyphalink = ''
  await mkdir(directory, { recursive: true })

  let port = '0'
  const startServer = async (): Promise<Program> => {
    const program = startProgram('server-process.ts', [join(directory, 'server'), port])
    const url = (await within(program.until((said) => said.url !== undefined)))?.url
    if (url) port = new URL(url).port
    else corrupt.push('the always-on node does not start')
    return program
  }
  const url = () => `http://127.0.0.1:${port}`
  const heed = (who: string, program: Program) => {
    for (const { error } of program.said) if (error && NEVER.test(error)) corrupt.push(`${who} said ${error}`)
  }
  const missing = (known: ReadonlySet<string>, found: Iterable<string>) => {
    const there = new Set(found)
    for (const key of known) if (!there.has(key)) lost.add(key)
  }

  let server = await startServer()
  const killServer = async () => {
    await server.kill()
    heed('the always-on node', server)
    server = await startServer()
  }
  const pause = () => new Promise((resolve) => setTimeout(resolve, between(random, 0, MAX_WAIT_MS)))

  const killWriter = async (round: number): Promise<void> => {
    const program = startProgram('writer-process.ts', [join(directory, 'laptop'), url(), String(round)])
    const start = await within(program.until((said) => said.state !== undefined))
    if (start?.state !== 'origin') corrupt.push(`round ${round}: the node is ${start?.state ?? 'not open'}`)
    hyphalink ||= start?.hyphalink ?? ''
    missing(acknowledged.files, start?.keys ?? [])
    const most = between(random, 1, MAX_WRITES)
    await within(program.until(() => program.said.filter(({ written }) => written).length >= most))
    await pause()
    // Now and then both at once.
    if (random() < 0.2) await Promise.all([program.kill(), killServer()])
    else await program.kill()
    for (const { written = [] } of program.said) for (const key of written) acknowledged.files.add(key)
    heed('the node', program)
  }
  let page: WritingPage | undefined
  const killPage = async (round: number): Promise<void> => {
    page ??= await startPage(join(directory, 'page'))
    const life = await page.begin(round)
    const start = await within(life.started)
    if (start?.state !== 'origin')
      corrupt.push(`round ${round}: the page's node is ${start?.state ?? 'not open'}`)
    missing(acknowledged.page, start?.keys ?? [])
    await within(life.reached(between(random, 1, MAX_WRITES)))
    await pause()
    for (const key of await life.kill()) acknowledged.page.add(key)
  }

  try {
    for (let kill = 1; kill <= options.kills; kill++) {
      const chance = random()
      const isPage = withBrowser && chance < 0.25
      const isServer = !isPage && chance > 0.8 && hyphalink !== ''
      if (isPage) await killPage(kill)
      else if (isServer) await killServer()
      else await killWriter(kill)
      const what = isPage ? 'browser' : isServer ? 'always-on node' : 'node'
      onKill(kill, what, acknowledged.files.size + acknowledged.page.size)
    }
    // The last kill of each is looked at, too: what it left opens, and others see the same.
    const last = startProgram('writer-process.ts', [join(directory, 'laptop'), url(), 'last'])
    const start = await within(last.until((said) => said.state !== undefined))
    missing(acknowledged.files, start?.keys ?? [])
    const reader = createNode({ transports: [webSocket(url())] })
    try {
      await reader.open({ hyphalink: hyphalink || (start?.hyphalink ?? '') })
      const same = await within(untilAll(reader, start?.keys ?? []))
      if (!same) corrupt.push('what the always-on node has differs from what the node has')
    } finally {
      await reader.close()
      await last.kill()
      heed('the node', last)
    }
    if (page) {
      const life = await page.begin(0)
      missing(acknowledged.page, (await within(life.started))?.keys ?? [])
      await life.kill()
    }
  } finally {
    await server.kill()
    heed('the always-on node', server)
    await page?.close()
  }
  return { kills: options.kills, lost: [...lost], corrupt: [...new Set(corrupt)] }
}

const untilAll = (node: HyphaNode, keys: readonly string[]): Promise<true> =>
  new Promise((resolve) => {
    let isLooking = false
    const look = async () => {
      if (isLooking) return
      isLooking = true
      const found = await keysOf(node)
      isLooking = false
      if (!keys.every((key) => found.has(key))) return
      stop()
      resolve(true)
    }
    const stop = node.watch('', () => void look())
    void look()
  })
