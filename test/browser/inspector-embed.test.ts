import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SECURITY_HEADERS } from '../../src/always-on/security-headers.js'
import { tab, useInspector } from './inspector-world.js'
import { serveFolder } from './static-server.js'

const world = useInspector()

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <title>Somebody’s app</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/app.css" />
    <script type="module" src="/app.js"></script>
  </head>
  <body><h1>Somebody’s app</h1><div id="here"></div></body>
</html>`

/** Styles that would be the end of a page that did not keep to itself. */
const STYLES = '#here { height: 600px } button, p, h2, svg { display: none !important; color: red }'

const APP = `
import { mountInspector } from '/view.js'
const session = await (await fetch('/story.json')).json()
const listeners = new Set()
const [recording] = session.recordings.filter(({ node }) => node.name === 'Alice’s phone')
const inspection = {
  node: recording.node,
  recording: () => ({ ...recording, events: recording.events.slice(0, 5) }),
  subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener) },
  detach: () => {},
}
const unmount = mountInspector(document.querySelector('#here'), { inspections: [inspection] })
globalThis.app = {
  tell: (from, to) => { for (const listener of listeners) listener(recording.events.slice(from, to)) },
  unmount: () => { unmount(); return listeners.size },
  grow: () => { inspection.recording = () => recording },
}
`

test('any page can hold it, under a strict policy, with styles of its own', async () => {
  const folder = join(world.folder, 'embedding')
  await mkdir(folder, { recursive: true })
  await copyFile(join(world.folder, 'page/view.js'), join(folder, 'view.js'))
  await copyFile(world.story, join(folder, 'story.json'))
  await writeFile(join(folder, 'index.html'), PAGE)
  await writeFile(join(folder, 'app.css'), STYLES)
  await writeFile(join(folder, 'app.js'), APP)
  // Browsers ask for it when they please.
  await writeFile(join(folder, 'favicon.ico'), '')
  const policy = `${SECURITY_HEADERS['Content-Security-Policy']}; require-trusted-types-for 'script'; trusted-types hypha-inspector`
  const server = await serveFolder(folder, {
    headers: { ...SECURITY_HEADERS, 'Content-Security-Policy': policy },
  })
  const page = await world.chromium.newPage(server.url, { viewport: { width: 1280, height: 800 } })
  const call = <Result>(name: string, ...given: number[]): Promise<Result> =>
    page.evaluate(
      ([method, numbers]) => {
        const app = Reflect.get(globalThis, 'app') as Record<string, (...values: number[]) => Result>
        return app[method]!(...numbers)
      },
      [name, given] as const,
    )
  try {
    await page.getByRole('slider', { name: 'Moment' }).waitFor()
    expect(await page.locator('#here').evaluate((element) => element.getBoundingClientRect().height)).toBe(
      600,
    )
    const moment = async () =>
      Number(await page.getByRole('slider', { name: 'Moment' }).getAttribute('aria-valuemax'))
    expect(await moment()).toBe(5)
    expect(await page.locator('.connection').innerText()).toBe('Live')
    await call('tell', 3, 12)
    // What it knew already is not taken twice.
    await expect.poll(moment).toBe(12)
    // Something was lost on the way: all of it is asked for anew.
    await call('grow')
    await call('tell', 40, 45)
    await expect.poll(moment).toBeGreaterThan(100)
    await page.getByRole('treeitem', { name: /^node writer/ }).waitFor()
    // A statechart is drawn: the page's policy takes it.
    await tab(page, 'Statechart').click()
    await page.locator('svg .state').first().waitFor({ state: 'attached' })
    expect(await call<number>('unmount')).toBe(0)
    expect(await page.locator('#here > *').count()).toBe(0)
    expect(await page.evaluate(() => document.adoptedStyleSheets.length)).toBe(0)
  } finally {
    await page.context().close()
    await server.close()
  }
})
