import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createNode, type HyphaNode, webRTC, webSocket } from '../../src/index.js'
import { arrived, next, reached } from '../node/until.js'
import { type Chromium, launchChromium } from './chromium.js'
import { becomeWriter, beginNode, closeNode, put, read, sayYes, serveNodePage, signUp } from './node-page.js'

const domain = 'ada.example'
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

let server: Awaited<ReturnType<typeof serveNodePage>>
let chromium: Chromium
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await serveNodePage()
  chromium = await launchChromium()
}, 300_000)

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

afterAll(async () => {
  // Chromium prints each dial to a server that isn't there.
  chromium?.complaints.splice(
    0,
    chromium.complaints.length,
    ...chromium.complaints.filter((complaint) => !/WebSocket connection to 'ws:.*failed/.test(complaint)),
  )
  await chromium?.close()
  await server?.close()
})

/** An always-on node as a process of its own; the same files and port bring it back. */
const serve = async (directory: string, port = '0') => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path('./always-on-process.ts'), directory, port],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const gone = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  ends.push(kill)
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { url, port: new URL(url).port, kill }
}

const freshFolder = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-always-on-'))
  ends.push(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A page of its own device, with a node on the roads that are named. */
const device = async (
  name: string,
  url: string,
  roads: readonly ('webRTC' | 'webSocket')[],
): Promise<Page> => {
  const page = await chromium.newPage(server.url)
  ends.push(async () => {
    await closeNode(page)
    await page.context().close()
  })
  await page.waitForFunction(() => 'runtime' in globalThis)
  await beginNode(page, name, url, roads)
  return page
}

const native = (transports: Parameters<typeof createNode>[0]): HyphaNode => {
  const node = createNode({ name: 'Server', ...transports })
  ends.push(() => node.close())
  return node
}

test('two pages that were introduced need nobody any more', async () => {
  const { url, kill } = await serve(await freshFolder())
  const laptop = await device('Laptop', url, ['webRTC'])
  const passphrase = await signUp(laptop)
  await sayYes(laptop)
  await put(laptop, 'notes/1', 'from the laptop')

  const phone = await device('Phone', url, ['webRTC'])
  expect(await becomeWriter(phone, passphrase)).toBe('writer')
  expect(await read(phone, 'notes/1')).toBe('from the laptop')
  // It was there to introduce them, and keeps nothing of theirs.
  const health = (await (await fetch(`${url}/health`)).json()) as { hyphas: number; connections: number }
  expect(health).toMatchObject({ hyphas: 0, connections: 0 })

  await kill()
  await put(phone, 'notes/2', 'from the phone')
  expect(await read(laptop, 'notes/2')).toBe('from the phone')
  await put(laptop, 'notes/3', 'from the laptop again')
  expect(await read(phone, 'notes/3')).toBe('from the laptop again')
  const long = 'x'.repeat(1_000_000)
  await put(phone, 'notes/long', long)
  expect(await read(laptop, 'notes/long')).toBe(long)
})

test('what two pages wrote while the always-on node was away reaches a third through it', async () => {
  const directory = await freshFolder()
  const { url, port, kill } = await serve(directory)
  const laptop = await device('Laptop', url, ['webSocket', 'webRTC'])
  const passphrase = await signUp(laptop)
  await sayYes(laptop)
  const phone = await device('Phone', url, ['webRTC'])
  await becomeWriter(phone, passphrase)

  await kill()
  await put(phone, 'notes/1', 'while it was away')
  expect(await read(laptop, 'notes/1')).toBe('while it was away')

  await serve(directory, port)
  const third = native({ transports: [webSocket(url)] })
  await third.signIn({ domain, passphrase })
  expect(await arrived(third, 'notes/1')).toBe('while it was away')
  // Introduced again, the two pages notice that they know each other.
  await expect
    .poll(
      async () => ((await (await fetch(`${url}/status`)).text()).match(/each other<\/dt><dd>(\d+)/) ?? [])[1],
      {
        timeout: 30_000,
      },
    )
    .toBe('2')
  await put(laptop, 'notes/2', 'on the link that there was')
  expect(await read(phone, 'notes/2')).toBe('on the link that there was')
  const links = await phone.evaluate(() => globalThis.node.getSnapshot().peers.length)
  expect(links).toBe(1)
})

test('a native node and a page meet directly', async () => {
  const { url, kill } = await serve(await freshFolder())
  const node = native({ transports: [webRTC({ signalling: url })] })
  const { passphrase } = await node.signUp({ domain })
  node.on('authorisation-requested', ({ id }) => void node.authorise(id))
  const connected = next(node, 'peer-connected')
  const page = await device('Browser', url, ['webRTC'])
  expect(await becomeWriter(page, passphrase)).toBe('writer')
  expect(await connected).toMatchObject({ transport: 'webRTC' })
  await kill()
  const long = 'y'.repeat(1_000_000)
  await put(page, 'from/page', long)
  expect(await arrived(node, 'from/page')).toBe(long)
  await node.put('from/node', long)
  expect(await read(page, 'from/node')).toBe(long)
  await reached(node, 'origin')
})
