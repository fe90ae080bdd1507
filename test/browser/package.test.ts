import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, tcp } from '../../src/index.js'
import { arrived } from '../node/until.js'
import { type InstalledPackage, installPackage } from '../packed.js'
import { type Chromium, launchChromium } from './chromium.js'
import { type StaticServer, serveFolder } from './static-server.js'
import { makeViteProject, viteBuild, viteDev } from './vite-project.js'

/** What a page may weigh before sign-in, gzipped, an app's own 25 KB included. */
const LIMIT_KB = 320
const APP_KB = 25

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const domain = 'alice.example'

let installed: InstalledPackage
let built = ''

beforeAll(async () => {
  installed = await installPackage()
  await makeViteProject(installed.app)
  built = await viteBuild(installed.app)
}, 300_000)

afterAll(() => installed?.remove())

/** A node in the page, on the road to the always-on node. A page of another address than its own brings its code. */
const connect = (page: Page, name: string, { url, claimCode = '' }: AlwaysOnNode): Promise<void> =>
  page.evaluate(
    async ([name, url, claimCode]) => {
      await globalThis.node.close()
      const { createNode, webSocket } = globalThis.runtime
      globalThis.node = createNode({ name, transports: [webSocket(url, { claimCode })] })
    },
    [name, url, claimCode] as const,
  )

const signUp = (page: Page): Promise<string> =>
  page.evaluate(async (domain) => (await globalThis.node.signUp({ domain })).passphrase, domain)

/** Signs in, and resolves when the node may write. */
const becomeWriter = (page: Page, passphrase: string): Promise<string> =>
  page.evaluate(
    async ([domain, passphrase]) => {
      const { node } = globalThis
      const authorised = new Promise((resolve) => node.on('authorised', resolve))
      await node.signIn({ domain, passphrase })
      await authorised
      return node.state
    },
    [domain, passphrase] as const,
  )

/** Says yes to the next node that asks; its name. */
const authoriseNext = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const { node } = globalThis
    const request =
      node.requests()[0] ??
      (await new Promise<{ id: string; nodeName: string }>((resolve) =>
        node.on('authorisation-requested', resolve),
      ))
    await node.authorise(request.id)
    return request.nodeName
  })

const put = (page: Page, key: string, value: string): Promise<void> =>
  page.evaluate(([key, value]) => globalThis.node.put(key, value), [key, value] as const)

/** A key's value, once it is there. */
const read = (page: Page, key: string): Promise<unknown> =>
  page.evaluate(
    (key) =>
      new Promise((resolve, reject) => {
        const { node } = globalThis
        const look = () =>
          node.get(key).then((value) => {
            if (value === undefined) return
            stop()
            resolve(value)
          }, reject)
        const stop = node.watch(key, look)
        look()
      }),
    key,
  )

const closeNode = (page: Page): Promise<void> => page.evaluate(() => globalThis.node.close())

describe.each(['vite build', 'vite dev'])('an app by plain %s', (how) => {
  let server: { readonly url: string; close(): Promise<void> }
  let chromium: Chromium
  let alwaysOn: AlwaysOnNode

  beforeAll(async () => {
    server = how === 'vite dev' ? await viteDev(installed.app) : await serveFolder(built)
    chromium = await launchChromium()
    alwaysOn = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
  })

  afterAll(async () => {
    await chromium?.close()
    await alwaysOn?.close()
    await server?.close()
  })

  it('signs up in one page; another signs in, is authorised, and both write', async () => {
    const alice = await chromium.newPage(server.url)
    expect(await alice.title()).toBe('signedOut')
    await connect(alice, 'Laptop', alwaysOn)
    const passphrase = await signUp(alice)
    expect(passphrase.split(' ')).toHaveLength(9)
    await put(alice, 'notes/1', 'from the laptop')
    expect(await read(alice, 'notes/1')).toBe('from the laptop')

    const phone = await chromium.newPage(server.url)
    await connect(phone, 'Phone', alwaysOn)
    const [asked, state] = await Promise.all([authoriseNext(alice), becomeWriter(phone, passphrase)])
    expect([asked, state]).toEqual(['Phone', 'writer'])
    expect(await read(phone, 'notes/1')).toBe('from the laptop')
    await put(phone, 'notes/2', 'from the phone')
    expect(await read(alice, 'notes/2')).toBe('from the phone')
    await Promise.all([closeNode(alice), closeNode(phone)])
  })

  it('leaves no global behind', async () => {
    const page = await chromium.newPage(server.url)
    const found = await page.evaluate(() =>
      ['Buffer', 'process', 'global'].filter((name) => name in globalThis),
    )
    expect(found).toEqual([])
  })
})

describe('a page', () => {
  let server: StaticServer
  let chromium: Chromium

  beforeAll(async () => {
    server = await serveFolder(built)
    chromium = await launchChromium()
  })

  afterAll(async () => {
    await chromium?.close()
    await server?.close()
  })

  it('shares a hypha with a native node that the always-on node reaches by TCP', async () => {
    const alwaysOn = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
    const native = createNode({
      name: 'Server',
      transports: [tcp({ connect: [`127.0.0.1:${alwaysOn.tcpPort}`] })],
    })
    try {
      const { passphrase } = await native.signUp({ domain })
      await native.put('greeting', 'from TCP')
      const page = await chromium.newPage(server.url)
      await connect(page, 'Browser', alwaysOn)
      native.on('authorisation-requested', ({ id }) => void native.authorise(id))
      expect(await becomeWriter(page, passphrase)).toBe('writer')
      expect(await read(page, 'greeting')).toBe('from TCP')
      // Large enough for many messages and for the socket's own buffer.
      const long = 'x'.repeat(500_000)
      await put(page, 'answer', long)
      expect(await arrived(native, 'answer')).toBe(long)
      await native.put('answer/2', long)
      expect(await read(page, 'answer/2')).toBe(long)
      await closeNode(page)
    } finally {
      await native.close()
      await alwaysOn.close()
    }
  })

  it('weighs little before sign-in, and loads words and key derivation only then', async () => {
    const start = server.served.length
    const page = await chromium.newPage(server.url)
    const before = server.served.slice(start)
    const kilobytes = before.reduce((sum, { bytes }) => sum + bytes, 0) / 1024
    for (const { path, bytes } of before) say(`  ${path} ${(bytes / 1024).toFixed(1)} KB gzipped`)
    say(`A page before sign-in: ${kilobytes.toFixed(1)} KB gzipped`)
    expect(kilobytes + APP_KB).toBeLessThan(LIMIT_KB)
    expect(before.map(({ path }) => path).join()).not.toMatch(/argon2|diceware/)

    await signUp(page)
    const later = server.served.slice(start + before.length)
    for (const { path, bytes } of later) say(`  at sign-up: ${path} ${(bytes / 1024).toFixed(1)} KB gzipped`)
    expect(later.map(({ path }) => path).join()).toMatch(/argon2.*diceware|diceware.*argon2/)
    await closeNode(page)
  })

  it('inspects its node with what it loads only then', async () => {
    const page = await chromium.newPage(server.url)
    const found = await page.evaluate(async (domain) => {
      const { createSession, inspect, parseSession } = await globalThis.loadInspector()
      const inspection = inspect(globalThis.node)
      await globalThis.node.signUp({ domain })
      const [recording] = parseSession(JSON.stringify(createSession([inspection.recording()]))).recordings
      inspection.detach()
      let code: string | undefined
      try {
        inspect({})
      } catch (error) {
        code = error instanceof globalThis.runtime.HyphaError ? error.code : 'of another bundle'
      }
      return { kind: recording?.node.kind, events: recording?.events.length ?? 0, code }
    }, domain)
    expect(found).toMatchObject({ kind: 'node', code: 'OPTION_INVALID' })
    expect(found.events).toBeGreaterThan(5)
    await closeNode(page)
  })

  it('is told what a browser lacks', async () => {
    const page = await chromium.newPage(server.url)
    const said = await page.evaluate(() => {
      try {
        globalThis.runtime.tcp({ connect: ['127.0.0.1:1'] })
        return undefined
      } catch (error) {
        return error instanceof globalThis.runtime.HyphaError ? [error.code, error.message] : undefined
      }
    })
    expect(said).toEqual(['OPTION_INVALID', expect.stringContaining('webSocket(url)')])
  })

  it('says which address it does not reach', async () => {
    const page = await chromium.newPage(server.url)
    const said = await page.evaluate(async (domain) => {
      const { createNode, webSocket } = globalThis.runtime
      const node = createNode({ transports: [webSocket('http://127.0.0.1:1')] })
      const problem = new Promise<{ code: string; message: string }>((resolve) => node.on('error', resolve))
      await node.signUp({ domain })
      const { code, message } = await problem
      await node.close()
      return [code, message]
    }, domain)
    expect(said).toEqual(['ADDRESS_UNREACHABLE', expect.stringContaining('ws://127.0.0.1:1')])
    // Chromium prints each failed dial by itself.
    const complaints = chromium.complaints.splice(0)
    expect(
      complaints.filter((complaint) => !complaint.includes("WebSocket connection to 'ws://127.0.0.1:1/'")),
    ).toEqual([])
  })
})

/** As strict as pages get: no Blob may run, and WebAssembly only because libsodium is. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:"

describe('a page with a strict Content-Security-Policy', () => {
  let server: StaticServer
  let chromium: Chromium

  beforeAll(async () => {
    server = await serveFolder(built, { headers: { 'Content-Security-Policy': POLICY } })
    chromium = await launchChromium()
  })

  afterAll(async () => {
    await chromium?.close()
    await server?.close()
  })

  it('derives keys in a worker that it serves itself', async () => {
    const page = await chromium.newPage(server.url)
    const state = await page.evaluate(async (domain) => {
      const node = globalThis.runtime.createNode(globalThis.workers)
      await node.signUp({ domain })
      const { state } = node
      await node.close()
      return state
    }, domain)
    expect(state).toBe('origin')
  })

  it.each([
    ['a policy for the runtime', "require-trusted-types-for 'script'; trusted-types hypha-runtime"],
    ['policies of any name', "require-trusted-types-for 'script'"],
  ])('starts its workers under Trusted Types, with %s', async (_, policy) => {
    const strict = await serveFolder(built, { headers: { 'Content-Security-Policy': policy } })
    try {
      const page = await chromium.newPage(strict.url)
      const states = await page.evaluate(async (domain) => {
        const { createNode, browserStorage } = globalThis.runtime
        const states: string[] = []
        // From Blobs, and from where the page serves them.
        for (const workers of [{}, globalThis.workers]) {
          const node = createNode({ storage: browserStorage(`trusted-${states.length}`), ...workers })
          await node.signUp({ domain })
          states.push(node.state)
          await node.close()
        }
        return states
      }, domain)
      expect(states).toEqual(['origin', 'origin'])
    } finally {
      await strict.close()
    }
  })

  it('is told which policy to allow, when Trusted Types refuse it', async () => {
    const policy = "require-trusted-types-for 'script'; trusted-types somebody-else"
    const strict = await serveFolder(built, { headers: { 'Content-Security-Policy': policy } })
    try {
      const page = await chromium.newPage(strict.url)
      const said = await page.evaluate(async (domain) => {
        const { createNode, browserStorage } = globalThis.runtime
        const errors = []
        for (const options of [{}, { storage: browserStorage('refused') }]) {
          const error = await createNode(options)
            .signUp({ domain })
            .then(
              () => undefined,
              (error) => [error.code, error.message, error.cause instanceof Error],
            )
          errors.push(error)
        }
        return errors
      }, domain)
      for (const error of said)
        expect(error).toEqual(['OPTION_INVALID', expect.stringContaining('Add hypha-runtime to the'), true])
      expect(chromium.complaints.splice(0).join()).toMatch(/trusted/i)
    } finally {
      await strict.close()
    }
  })

  it('is told to, when it gives no address of the worker', async () => {
    const page = await chromium.newPage(server.url)
    const said = await page.evaluate(
      (domain) =>
        globalThis.node.signUp({ domain }).then(
          () => undefined,
          (error) => [error.code, error.message],
        ),
      domain,
    )
    expect(said).toEqual(['OPTION_INVALID', expect.stringContaining('createNode({ argon2Worker })')])
    expect(chromium.complaints.splice(0).join()).toContain('Content Security Policy')
  })
})
