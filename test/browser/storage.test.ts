import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimePlugin } from '../../scripts/build/runtime-plugin.js'
import { buildWorker } from '../../scripts/build/worker.js'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import { storageContract } from '../../src/testing/contracts/storage.js'
import { type Chromium, launchChromium, launchWithProfile, temporaryProfile } from './chromium.js'
import { type StaticServer, serveFolder } from './static-server.js'

/** What a write of 4,096 bytes answers: nothing, a part, too much, a negative number seen as one without a sign. */
const ODD_COUNTS = [0, 2_048, 4_097, 4_294_967_288] as const
/** A browser that has two megabytes, and then answers so and stores nothing. */
const answering = (count: number) => `{
  let room = 2e6
  const { write } = FileSystemSyncAccessHandle.prototype
  FileSystemSyncAccessHandle.prototype.write = function (bytes, at) {
    const isFull = bytes.length === 4096 && bytes[0] === 7 && (room -= 4096) < 0
    return isFull ? ${count} : write.call(this, bytes, at)
  }
}`

/** Stands in for a browser without room, which can't be had at will: pages of sevens are refused beyond 2 MB. */
const FULL = `{
  let room = 2e6
  const must = (bytes) => {
    if (bytes?.length === 4096 && bytes[0] === 7 && (room -= 4096) < 0)
      throw new DOMException('there is no room', 'QuotaExceededError')
  }
  if (globalThis.FileSystemSyncAccessHandle) {
    const { write } = FileSystemSyncAccessHandle.prototype
    FileSystemSyncAccessHandle.prototype.write = function (bytes, at) {
      must(bytes)
      return write.call(this, bytes, at)
    }
  }
  const { put } = IDBObjectStore.prototype
  IDBObjectStore.prototype.put = function (value, key) {
    must(value.bytes)
    return put.call(this, value, key)
  }
}`

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** By their places only: they run in the page. */
const cases = storageContract(() => ({ storage: memoryStorage }))

let folder = ''
let server: StaticServer
let chromium: Chromium

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-storage-page-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [runtimePlugin()],
    build: {
      target: 'es2022',
      outDir: folder,
      emptyOutDir: true,
      lib: { entry: { page: path('./pages/storage.ts') }, formats: ['es'] },
    },
  })
  const worker = await buildWorker(path('../../src/adapters/storage/opfs-worker.browser.ts'))
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'worker.js'), worker)
  // A browser whose workers have no such files.
  await writeFile(
    join(folder, 'old-worker.js'),
    `delete FileSystemFileHandle.prototype.createSyncAccessHandle;${worker}`,
  )
  await writeFile(join(folder, 'full-worker.js'), `${FULL};${worker}`)
  for (const count of ODD_COUNTS) {
    await writeFile(join(folder, `odd-worker-${count}.js`), `${answering(count)};${worker}`)
  }
  await writeFile(join(folder, 'broken-worker.js'), 'throw new Error("broken")')
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
  )
  server = await serveFolder(folder)
  chromium = await launchChromium()
}, 300_000)

afterAll(async () => {
  await chromium?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

const ready = async (page: Page): Promise<Page> => {
  await page.waitForFunction(() => 'storagePage' in globalThis)
  return page
}
const newPage = async (): Promise<Page> => ready(await chromium.newPage(server.url))

describe.each([
  ['OPFS, its worker from a Blob', undefined],
  ['OPFS, its worker by a URL', '/worker.js'],
  ['IndexedDB', '/old-worker.js'],
])('browserStorage on %s', (_, worker) => {
  let page: Page
  beforeAll(async () => {
    page = await newPage()
  })
  afterAll(() => page?.context().close())

  for (const [index, { name }] of cases.entries()) {
    it(name, async () => {
      expect(
        await page.evaluate(([i, w]) => globalThis.storagePage.run(i, w), [index, worker] as const),
      ).toBe(undefined)
    })
  }

  it('is there after a reload, and in one tab at a time', async () => {
    const open = (where: Page) => where.evaluate((w) => globalThis.storagePage.open('al.ice/ü', w), worker)
    expect(await open(page)).toBe(undefined)
    await page.evaluate(() => globalThis.storagePage.write('al.ice/ü', 'a/b', 'kept'))
    const other = await page.context().newPage()
    await other.goto(server.url)
    await ready(other)
    expect(await open(other)).toEqual({
      code: 'STORAGE_LOCKED',
      message: expect.stringContaining('Another tab'),
    })
    for (let round = 0; round < 3; round++) {
      await page.reload()
      await ready(page)
      expect(await open(page)).toBe(undefined)
      expect(await page.evaluate(() => globalThis.storagePage.read('al.ice/ü', 'a/b', 4))).toBe('kept')
    }
    await page.close()
    expect(await open(other)).toBe(undefined)
    expect(await other.evaluate(() => globalThis.storagePage.read('al.ice/ü', 'a/b', 4))).toBe('kept')
    const stored = await other.evaluate(() => globalThis.storagePage.stored())
    const isHere = stored.includes('hypha-runtime/al%2Eice%2F%C3%BC/a/b')
    expect(isHere).toBe(worker !== '/old-worker.js')
    page = other
  })

  it('a page without room is told, and goes on when there is some', async () => {
    const full = worker === '/old-worker.js' ? worker : '/full-worker.js'
    const own = await newPage()
    await own.evaluate(FULL)
    expect(await own.evaluate((w) => globalThis.storagePage.open('full', w), full)).toBe(undefined)
    await own.evaluate(() => globalThis.storagePage.write('full', 'before', 'here'))
    expect(await own.evaluate(() => globalThis.storagePage.fill('full', 'big'))).toMatch(/Quota/)
    expect(await own.evaluate(() => globalThis.storagePage.read('full', 'before', 4))).toBe('here')
    await own.evaluate(() => globalThis.storagePage.write('full', 'after', 'more'))
    expect(await own.evaluate(() => globalThis.storagePage.read('full', 'after', 4))).toBe('more')
    await own.evaluate(() => globalThis.storagePage.close('full'))
    await own.context().close()
  })
})

describe('a browser that answers a write with another number than it was given', () => {
  it.each(ODD_COUNTS)('(%s) is told as one that has no room, and what was there stays', async (count) => {
    const own = await newPage()
    const open = () => own.evaluate((w) => globalThis.storagePage.open('odd', w), `/odd-worker-${count}.js`)
    expect(await open()).toBe(undefined)
    await own.evaluate(() => globalThis.storagePage.write('odd', 'before', 'here'))
    expect(await own.evaluate(() => globalThis.storagePage.fill('odd', 'big'))).toMatch(/Quota/)
    await own.evaluate(() => globalThis.storagePage.write('odd', 'after', 'more'))
    await own.reload()
    await ready(own)
    expect(await open()).toBe(undefined)
    expect(await own.evaluate(() => globalThis.storagePage.read('odd', 'before', 4))).toBe('here')
    expect(await own.evaluate(() => globalThis.storagePage.read('odd', 'after', 4))).toBe('more')
    await own.context().close()
  })

  it('or that gives a private window no more room: what was acknowledged is there after a reload', async () => {
    const own = await newPage()
    const open = () => own.evaluate(() => globalThis.storagePage.open('private', '/worker.js'))
    expect(await open()).toBe(undefined)
    await own.evaluate(() => globalThis.storagePage.write('private', 'before', 'here'))
    const devtools = await own.context().newCDPSession(own)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 4 * 1024 * 1024 })
    expect(await own.evaluate(() => globalThis.storagePage.fill('private', 'big'))).toMatch(/Quota/)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: server.url })
    await own.evaluate(() => globalThis.storagePage.write('private', 'after', 'more'))
    await own.reload()
    await ready(own)
    expect(await open()).toBe(undefined)
    expect(await own.evaluate(() => globalThis.storagePage.read('private', 'before', 4))).toBe('here')
    expect(await own.evaluate(() => globalThis.storagePage.read('private', 'after', 4))).toBe('more')
    await own.context().close()
  })
})

// A profile of its own: without one a browser keeps files in another process's memory, and each write is a call.
describe.each([
  ['OPFS', '/worker.js'],
  ['IndexedDB', '/old-worker.js'],
])('on %s', (where, worker) => {
  it('puts a thousand entries, and reads ten thousand back', { timeout: 120_000 }, async () => {
    const profile = await temporaryProfile()
    const own = await launchWithProfile(profile.path)
    try {
      const page = await ready(await own.newPage(server.url))
      const runs = []
      for (let i = 0; i < 3; i++) {
        const run = [`puts ${i}`, worker] as const
        runs.push(await page.evaluate(([name, w]) => globalThis.storagePage.puts(name, w, 1_000), run))
      }
      const inMemory = await page.evaluate(() => globalThis.storagePage.puts('memory', undefined, 1_000))
      const best = Math.min(...runs.map(({ puts }) => puts))
      const back = Math.min(...runs.map(({ reopened }) => reopened))
      say(
        `${where}: 1,000 puts ${best.toFixed(0)} ms (in memory ${inMemory.puts.toFixed(0)} ms), 10,000 entries back in ${back.toFixed(0)} ms`,
      )
      expect(runs.map(({ found }) => found)).toEqual([10_001, 10_001, 10_001])
    } finally {
      await own.close()
      await profile.remove()
    }
  })
})

describe('browserStorage', () => {
  it('a worker that ends is told of at once, and the storage can be opened again', async () => {
    const page = await newPage()
    await page.evaluate(() => globalThis.storagePage.open('dying'))
    await page.evaluate(() => globalThis.storagePage.write('dying', 'a', 'x'))
    const sentence = page.evaluate(() => globalThis.storagePage.writeUntilItFails('dying', 'a'))
    await page.workers()[0]?.evaluate('close()')
    expect(await sentence).toContain('has ended. Open the storage again')
    await page.evaluate(() => globalThis.storagePage.close('dying'))
    expect(await page.evaluate(() => globalThis.storagePage.open('dying'))).toBe(undefined)
    expect(await page.evaluate(() => globalThis.storagePage.read('dying', 'a', 1))).toBe('x')
    await page.context().close()
  })

  it('a worker that does not start is told of, with what to do', async () => {
    const page = await newPage()
    for (const worker of ['/nowhere.js', '/broken-worker.js']) {
      expect(await page.evaluate((w) => globalThis.storagePage.open('none', w), worker)).toEqual({
        code: 'STORAGE_UNAVAILABLE',
        message: expect.stringContaining('browserStorage(name, { worker })'),
      })
    }
    chromium.complaints.splice(0)
    expect(await page.evaluate(() => globalThis.storagePage.open('none'))).toBe(undefined)
    await page.context().close()
  })

  it('a page that came without https is told', async () => {
    const page = await newPage()
    // Not a secure context, which loopback always is: the page sees it so.
    await page.evaluate(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }))
    expect(await page.evaluate(() => globalThis.storagePage.open('insecure'))).toEqual({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining('https'),
    })
    expect(await page.evaluate(() => globalThis.storagePage.fileStorage())).toBe('STORAGE_UNAVAILABLE')
    await page.context().close()
  })

  it.each([
    ['OPFS', undefined],
    ['IndexedDB', '/old-worker.js'],
  ])('what was acknowledged on %s is there after the browser was killed', async (_, worker) => {
    const profile = await temporaryProfile()
    try {
      const first = await launchWithProfile(profile.path)
      const page = await ready(await first.newPage(server.url))
      expect(await page.evaluate((w) => globalThis.storagePage.open('killed', w), worker)).toBe(undefined)
      await page.evaluate(() => globalThis.storagePage.write('killed', 'a/b', 'acknowledged'))
      await first.kill()
      const second = await launchWithProfile(profile.path)
      const again = await ready(await second.newPage(server.url))
      expect(await again.evaluate((w) => globalThis.storagePage.open('killed', w), worker)).toBe(undefined)
      expect(await again.evaluate(() => globalThis.storagePage.read('killed', 'a/b', 12))).toBe(
        'acknowledged',
      )
      await second.close()
    } finally {
      await profile.remove()
    }
  })
})
