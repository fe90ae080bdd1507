/** Pages that hold the runtime and a node of it, in whichever browser. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { runtimePlugin } from '../../scripts/build/runtime-plugin.js'
import type { FirefoxPage } from './firefox.js'
import { serveFolder } from './static-server.js'

/** Each gets functions to run, on their own. */
export type NodePage = Pick<FirefoxPage, 'evaluate'> | Page

const run = <Answer, Argument>(
  page: NodePage,
  work: (argument: Argument) => Answer | Promise<Answer>,
  argument: Argument,
): Promise<Answer> => (page as Pick<FirefoxPage, 'evaluate'>).evaluate(work, argument)

const domain = 'ada.example'

/** Builds a page that holds the whole runtime, and serves it. */
export const serveNodePage = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-node-page-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [runtimePlugin()],
    build: {
      target: 'es2022',
      outDir: folder,
      emptyOutDir: true,
      lib: {
        entry: { page: fileURLToPath(new URL('./pages/runtime.ts', import.meta.url)) },
        formats: ['es'],
      },
    },
  })
  const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
  await writeFile(join(folder, 'index.html'), html)
  const { url, close } = await serveFolder(folder)
  return {
    url,
    close: async () => {
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Begins the page's node, on the roads that are named. */
export const beginNode = async (
  page: NodePage,
  name: string,
  url: string,
  roads: readonly ('webRTC' | 'webSocket')[],
): Promise<void> =>
  run(
    page,
    ([name, url, roads]) => {
      const { createNode, webRTC, webSocket } = globalThis.runtime
      const build = { webRTC: () => webRTC({ signalling: url }), webSocket: () => webSocket(url) }
      globalThis.node = createNode({ name, transports: roads.map((road) => build[road]()) })
    },
    [name, url, roads] as const,
  )

export const closeNode = (page: NodePage): Promise<void> => run(page, () => globalThis.node.close(), null)

/** @returns the passphrase */
export const signUp = (page: NodePage): Promise<string> =>
  run(page, async (domain) => (await globalThis.node.signUp({ domain })).passphrase, domain)

export const becomeWriter = (page: NodePage, passphrase: string): Promise<string> =>
  run(
    page,
    async ([domain, passphrase]) => {
      const { node } = globalThis
      const authorised = new Promise((resolve) => node.on('authorised', resolve))
      await node.signIn({ domain, passphrase })
      await authorised
      return node.state
    },
    [domain, passphrase] as const,
  )

/** Says yes to whoever asks from now on. */
export const sayYes = (page: NodePage): Promise<void> =>
  run(
    page,
    () => {
      globalThis.node.on('authorisation-requested', ({ id }) => void globalThis.node.authorise(id))
    },
    null,
  )

export const put = (page: NodePage, key: string, value: unknown): Promise<void> =>
  run(page, ([key, value]) => globalThis.node.put(key, value), [key, value] as const)

/** A key's value, once it is there. */
export const read = (page: NodePage, key: string): Promise<unknown> =>
  run(
    page,
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

/** The transports of the links that are up. */
export const roadsOf = (page: NodePage): Promise<string[]> =>
  run(page, () => globalThis.node.getSnapshot().peers.map(({ transport }) => transport), null)
