import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, type HyphaNode, type JsonValue, webSocket } from '../../src/index.js'
import { until } from '../node/until.js'
import {
  buildApp,
  button,
  entry,
  heading,
  prompt,
  type ServedApp,
  signUp,
  wordsToCompare,
  write,
} from './app.js'
import { type Chromium, launchChromium } from './chromium.js'

let app: ServedApp
let chromium: Chromium
let server: AlwaysOnNode
const nodes: HyphaNode[] = []

beforeAll(async () => {
  app = await buildApp()
})
afterAll(() => app?.remove())
beforeEach(async () => {
  chromium = await launchChromium()
  server = await app.serve()
})
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  // A policy that was broken, an error that nobody caught: the page would have complained.
  await chromium.close()
  await server.close()
})

/** A device of Alice's that was taken over: it has her passphrase, and calls itself what it likes. */
const signIn = async (name: string, passphrase: string): Promise<HyphaNode> => {
  const node = createNode({ name, transports: [webSocket(server.url)] })
  nodes.push(node)
  await node.signIn({ domain: 'localhost', passphrase })
  return node
}

const HTML = '<img src=x onerror="document.title=`owned`"><script>document.title="owned"</script>'

const mustBeWhole = async (page: Page) => {
  expect(await page.evaluate(() => document.querySelectorAll('img[src=x], main script').length)).toBe(0)
  expect(await page.title()).not.toContain('owned')
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
}

test('names that pretend to be the page, mark-up, or a hundred lines are a name and nothing more', async () => {
  const page = await chromium.newPage(server.url, { viewport: { width: 360, height: 740 } })
  const passphrase = await signUp(page, 'Laptop')
  for (const [name, shown] of [
    [HTML, HTML.slice(0, 64)],
    ['Firefox on Ubuntu? Authorise', 'Firefox on Ubuntu? Authorise'],
    [`Phone\n${'line\n'.repeat(100)}`, /^Phone line line/],
    ['\u202eenohP\u200b\u2066', 'enohP'],
    ['x'.repeat(1_000_000), 'x'.repeat(64)],
    [`L${'\u0301\u0300\u0316'.repeat(500)}`, /^.{1,3}$/],
  ] as const) {
    const node = await signIn(name, passphrase)
    await prompt(page).waitFor()
    const title = prompt(page).locator('h2 bdi')
    const text = await title.innerText()
    if (typeof shown === 'string') expect(text).toBe(shown)
    else expect(text).toMatch(shown)
    expect(await wordsToCompare(prompt(page))).toEqual(node.request()?.words)
    // One line of buttons that say what they do, whoever asks.
    for (const label of ['Authorise', 'Decline', 'Later'])
      expect(await prompt(page).getByRole('button').getByText(label, { exact: true }).count()).toBe(1)
    await mustBeWhole(page)
    const box = await prompt(page).boundingBox()
    expect(box?.height).toBeLessThan(740)
    await prompt(page)
      .getByRole('button', { name: /^Decline/ })
      .click()
    await prompt(page).waitFor({ state: 'hidden' })
    await node.close()
  }
})

test('keys and values of any shape are text, and neither freeze nor break the page', async () => {
  const page = await chromium.newPage(server.url, { viewport: { width: 360, height: 740 } })
  const passphrase = await signUp(page, 'Laptop')
  const node = await signIn(HTML, passphrase)
  await prompt(page)
    .getByRole('button', { name: /^Authorise/ })
    .click()
  await until(node, () => node.state === 'writer')
  let deep: JsonValue = 'bottom'
  for (let i = 0; i < 63; i++) deep = i % 2 ? [deep] : { [HTML]: deep }
  const values: [string, JsonValue][] = [
    [`${HTML.replaceAll('/', '')}`, HTML],
    ['\u202ereversed\u2066 \u200bkey', '\u202ereversed\u200b\u2028value'],
    ['k'.repeat(1_000), '\u001b[31mred\u0000\u0007'],
    ['deep', deep],
    ['long', 'x'.repeat(1024 * 1024 - 2)],
    ['marks', '\u0301'.repeat(20_000)],
    ['many', Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`${i}<b>`, i]))],
    ['lines', '\n'.repeat(200_000)],
    ['proto', JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":2},"toString":null}')],
    ['null', null],
  ]
  for (const [key, value] of values) await node.put(key, value, { public: key.length % 2 === 0 })
  await expect
    .poll(() => page.getByRole('list', { name: 'Entries' }).locator('> li').count(), { timeout: 30_000 })
    .toBe(values.length)
  await mustBeWhole(page)
  // Each is shown in full, looked through and edited, and the page answers meanwhile.
  const all = page.getByRole('button', { name: 'Show all' })
  for (let left = await all.count(); left > 0; left--) await all.first().click()
  await page.getByRole('searchbox').fill('zzz')
  await page.getByText('Nothing here has “zzz” in it.').waitFor()
  await page.getByRole('searchbox').fill('')
  await mustBeWhole(page)
  await button(entry(page, 'many'), /^Edit/).click()
  await heading(page, 'Edit many').waitFor()
  await button(page, 'Cancel').click()
  // It still paints.
  await page.evaluate(async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
  })
  expect(await page.evaluate(() => 'polluted' in {})).toBe(false)
  // A key that turns text around does so within itself.
  const isolated = await page
    .locator('.entry-key')
    .evaluateAll((keys) => keys.map((key) => getComputedStyle(key.querySelector('bdi') ?? key).unicodeBidi))
  expect(new Set(isolated)).toEqual(new Set(['isolate']))
  await write(page, 'after', 'all of that')
})

test('a page of another site gets nothing of this one: no frame, no script, no connection that is trusted', async () => {
  const page = await chromium.newPage(server.url)
  await signUp(page, 'Laptop')
  const evil = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(`<!doctype html><title>evil</title><iframe src="${server.url}"></iframe>`)
  })
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
  const { port } = evil.address() as AddressInfo
  try {
    const other = await page.context().newPage()
    await other.goto(`http://localhost:${port}/`)
    const frame = other.frames()[1]
    expect(await frame?.evaluate(() => document.body?.innerText ?? '').catch(() => '')).not.toContain('Hypha')
    const tried = await other.evaluate(async (url) => {
      const reads = await fetch(`${url}/health`).then(
        () => 'read',
        () => 'refused',
      )
      const opened = window.open(url)
      // What is opened is of a group of its own, once it is there.
      while (opened && !opened.closed) await new Promise((resolve) => requestAnimationFrame(resolve))
      let reaches: string
      try {
        reaches = opened?.document?.title ?? 'nothing'
      } catch {
        reaches = 'nothing'
      }
      const stored = await indexedDB.databases()
      return { reads, reaches, isClosed: opened === null || opened.closed, stored: stored.length }
    }, server.url)
    expect(tried).toEqual({ reads: 'refused', reaches: 'nothing', isClosed: true, stored: 0 })
  } finally {
    evil.closeAllConnections()
    evil.close()
  }
})

test('once the passphrase was saved no secret is left in the page or in what the browser keeps', async () => {
  const said: string[] = []
  const page = await chromium.newPage(server.url)
  page.on('console', (message) => said.push(message.text()))
  const passphrase = await signUp(page, 'Laptop')
  await write(page, 'diary/private', 'what nobody else should read')
  await page.reload()
  await entry(page, 'diary/private').waitFor()
  const shown = await page.evaluate(() => [
    location.href,
    document.title,
    JSON.stringify(history.state),
    document.documentElement.outerHTML,
  ])
  // Of the same origin, and without a node that holds the files.
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 200, body: '' }))
  await page.goto(`${server.url}/status`)
  const kept = await page.evaluate(async () => {
    const parts: string[] = [
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      document.cookie,
    ]
    const text = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
    const walk = async (folder: FileSystemDirectoryHandle): Promise<void> => {
      for await (const handle of folder.values()) {
        parts.push(handle.name)
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle)
        else if (handle instanceof FileSystemFileHandle) {
          parts.push(text(new Uint8Array(await (await handle.getFile()).arrayBuffer())))
        }
      }
    }
    await walk(await navigator.storage.getDirectory())
    let isExtractable = false
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
      })
      for (const store of database.objectStoreNames) {
        const all = await new Promise<unknown[]>((resolve) => {
          const reading = database.transaction(store).objectStore(store).getAll()
          reading.onsuccess = () => resolve(reading.result)
        })
        for (const value of all) {
          if (typeof value === 'object' && value && 'key' in value && value.key instanceof CryptoKey)
            isExtractable ||= value.key.extractable
          parts.push(JSON.stringify(value, (_, inner) => (inner instanceof Uint8Array ? text(inner) : inner)))
        }
      }
      database.close()
    }
    return { text: parts.join('\n'), isExtractable }
  })
  expect(kept.isExtractable).toBe(false)
  // It is searched where there is something to find.
  expect(kept.text).toContain('"name":"Laptop"')
  const all = `${kept.text}\n${said.join('\n')}`
  const words = passphrase.split(' ')
  for (let i = 0; i < words.length - 1; i++)
    expect(all + shown.join('\n')).not.toContain(words.slice(i, i + 2).join(' '))
  for (const secret of ['diary/private', 'what nobody else should read']) expect(all).not.toContain(secret)
  for (const part of shown.slice(0, 3)) expect(part).not.toMatch(/diary|nobody/)
})
