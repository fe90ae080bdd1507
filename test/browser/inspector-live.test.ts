import { expect, test } from 'vitest'
import { createInspectorServer } from '../../src/always-on/inspector-server.js'
import { createNode, memoryStorage } from '../../src/index.js'
import type { InspectorEvent, Recording } from '../../src/ui-bridge/inspector/events.js'
import { inspect } from '../../src/ui-bridge/inspector/inspect.js'
import { publish } from '../../src/ui-bridge/inspector/publish.js'
import { tokenInFragment } from '../../src/ui-bridge/inspector/wire.js'
import { makeNode } from '../inspector/made.js'
import { momentOf, tab, tree, useInspector } from './inspector-world.js'

const world = useInspector()

const tokenOf = (url: string): string => tokenInFragment(new URL(url).hash) ?? ''

test('a node is seen signing up as it happens; the token is not left in the address bar, and outlives a reload', async () => {
  const { server } = world
  const page = await world.chromium.newPage(server.url, { viewport: { width: 1440, height: 900 } })
  await page.getByRole('heading', { name: 'Waiting for a node' }).waitFor()
  expect(new URL(page.url()).hash).toBe('')
  const node = createNode({ name: 'Alice’s laptop', storage: memoryStorage() })
  const inspection = inspect(node)
  const stop = publish(inspection, { url: server.url, token: tokenOf(server.url) })
  try {
    await tree(page, 'Alice’s laptop')
      .getByRole('treeitem', { name: /^node signedOut/ })
      .waitFor()
    await node.signUp({ domain: 'alice.example' })
    await tree(page, 'Alice’s laptop')
      .getByRole('treeitem', { name: /^node origin/ })
      .waitFor()
    await page.reload()
    await tree(page, 'Alice’s laptop')
      .getByRole('treeitem', { name: /^node origin/ })
      .waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    // While somebody looks back, what is new waits.
    await page.getByRole('button', { name: 'One step back' }).click()
    const there = await momentOf(page)
    await node.put('notes/shopping', 'Milk')
    await node.close()
    await stop()
    await page.getByText('no longer connected').waitFor()
    expect(await momentOf(page)).toBe(there)
    await page.getByRole('button', { name: 'Newest' }).click()
    await page.getByText('closed.released').first().waitFor()
  } finally {
    await stop()
    inspection.detach()
    await node.close()
  }
  await page.context().close()
})

test('with a token that is not the server’s nothing is seen, and what to do is said', async () => {
  const { server } = world
  const page = await world.chromium.newPage(server.url.replace(/#.*/, `#token=${'A'.repeat(22)}`))
  await page.getByRole('heading', { name: 'Not connected' }).waitFor()
  await page.getByText('The token is not this server’s').waitFor()
  await page.getByText('Refused', { exact: true }).or(page.getByText('The token')).first().waitFor()
  await page.context().close()
})

test('a server that ends and comes back is found again', async () => {
  const first = await createInspectorServer({ port: 0, page: `${world.folder}/page` })
  const page = await world.chromium.newPage(first.url, { viewport: { width: 1440, height: 900 } })
  const node = makeNode('made', 'Made by hand')
  const stop = publish(
    {
      node: node.recording([]).node,
      recording: () => node.recording([node.born('made', 1, 'node'), node.is('made', 2, 'writer')]),
      subscribe: () => () => {},
    },
    { url: first.url, token: tokenOf(first.url) },
  )
  await page.getByRole('treeitem', { name: /^node:made writer/ }).waitFor()
  await stop()
  await first.close()
  await page.getByText('Disconnected', { exact: true }).waitFor()
  await page.getByText('no longer connected').waitFor()
  // What was seen stays in sight.
  await page.getByRole('treeitem', { name: /^node:made writer/ }).waitFor()
  const refusals = world.chromium.complaints.splice(0)
  const { port } = new URL(first.url)
  const second = await createInspectorServer({ port: Number(port), page: `${world.folder}/page` })
  // Another server has another token.
  await page.getByText('Refused', { exact: true }).waitFor()
  await page.context().close()
  await second.close()
  world.chromium.complaints.splice(0)
  expect(refusals.every((text) => /WebSocket/.test(text))).toBe(true)
})

/** A node that says so much that no page could draw it all. */
const createTorrent = (perBatch: number) => {
  const made = makeNode('torrent', 'A busy node')
  const listeners = new Set<(events: readonly InspectorEvent[]) => void>()
  const all: InspectorEvent[] = [made.born('torrent', 0, 'node')]
  for (let index = 0; index < 30; index++) all.push(made.born(`a${index}`, 1, 'peer', 'torrent'))
  let at = 2
  let count = 0
  const batch = (size = perBatch): InspectorEvent[] => {
    const events: InspectorEvent[] = []
    while (events.length < size) {
      const actor = `a${count++ % 30}`
      at += 1
      events.push(made.told(actor, at, 'summary', 'torrent'), made.is(actor, at, `state${count % 9}`))
    }
    return events
  }
  all.push(...batch(10_000))
  return {
    source: {
      node: made.recording([]).node,
      recording: (): Recording => made.recording([...all]),
      subscribe: (listener: (events: readonly InspectorEvent[]) => void) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    flow: () => {
      const events = batch()
      all.push(...events)
      for (const listener of listeners) listener(events)
    },
  }
}

test('ten thousand events and a thousand more a second: the page answers all along, and draws what is in sight only', async () => {
  const { server } = world
  const page = await world.chromium.newPage(server.url, { viewport: { width: 1440, height: 900 } })
  const torrent = createTorrent(100)
  const stop = publish(torrent.source, { url: server.url, token: tokenOf(server.url) })
  const timer = setInterval(torrent.flow, 100)
  try {
    const log = page.getByRole('listbox', { name: 'Log' })
    await log.getByRole('option').first().waitFor()
    const total = async () => Number(await log.getByRole('option').first().getAttribute('aria-setsize'))
    await expect.poll(total, { timeout: 90_000 }).toBeGreaterThan(12_000)
    expect(await log.getByRole('option').count()).toBeLessThan(60)
    for (const name of ['Statechart', 'Sequence', 'Nodes']) {
      await tab(page, name).click()
      expect(await page.getByRole('option').count()).toBeLessThan(150)
    }
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('a7 state3')
    await page.getByText(/^[\d,]+ of [\d,]+$/).waitFor()
    await page.getByRole('slider', { name: 'Moment' }).press('Home')
    expect(await momentOf(page)).toBe(0)
    await page.getByRole('button', { name: 'Newest' }).click()
    expect(await momentOf(page)).toBeGreaterThan(10_000)
  } finally {
    clearInterval(timer)
    await stop()
  }
  await page.context().close()
}, 180_000)
