import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { expect, it } from 'vitest'
import { runtimePlugin } from '../../scripts/build/runtime-plugin.js'
import { launchChromium } from './chromium.js'

const root = fileURLToPath(new URL('../fixtures/sources', import.meta.url))

it('a page under development runs the sources as they are', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'hypha-vite-'))
  const server = await createServer({
    root,
    cacheDir,
    configFile: false,
    logLevel: 'error',
    plugins: [runtimePlugin()],
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { strict: false } },
  })
  await server.listen()
  const chromium = await launchChromium()
  try {
    const page = await chromium.newPage(server.resolvedUrls?.local[0] ?? '')
    await page.waitForFunction("document.title === 'ready'")
    const found = await page.evaluate(async () => {
      const node = globalThis.runtime.createNode()
      await node.signUp({ domain: 'alice.example' })
      await node.put('notes/1', 'hello')
      const value = await node.get('notes/1')
      await node.close()
      return value
    })
    expect(found).toBe('hello')
  } finally {
    await chromium.close()
    await server.close()
    await rm(cacheDir, { recursive: true, force: true })
  }
})

it('says which file of the sources needs a twin', async () => {
  const [, twins] = runtimePlugin()
  const resolve = twins?.resolveId
  expect(typeof resolve).toBe('function')
  if (typeof resolve !== 'function') return
  const ask = async () => Reflect.apply(resolve, undefined, ['node:fs', '/src/a.ts', {}])
  await expect(ask()).rejects.toThrow('/src/a.ts imports node:fs')
})
