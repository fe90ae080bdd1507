import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parseSession } from '../../src/ui-bridge/inspector/session.js'
import {
  litStates,
  momentOf,
  openFile,
  openStory,
  slider,
  tab,
  tree,
  useInspector,
} from './inspector-world.js'

const world = useInspector()

test('a recorded session shows the nodes side by side, every actor with its state, the dead among them', async () => {
  const page = await world.newPage()
  await page.getByRole('heading', { name: 'See it run' }).waitFor()
  await openStory(page, world.story)
  const columns = page.locator('.column')
  expect(await columns.count()).toBe(4)
  expect(await columns.locator('.state-now').allInnerTexts()).toEqual([
    'relaying',
    'origin',
    'writer',
    'writer',
  ])
  const phone = tree(page, 'Alice’s phone')
  await phone.getByRole('treeitem', { name: /^node writer/ }).waitFor()
  await phone.getByRole('treeitem', { name: /^deriveKeys done ended/ }).waitFor()
  await page.getByRole('checkbox', { name: 'Ended' }).uncheck()
  expect(await phone.getByRole('treeitem', { name: /deriveKeys/ }).count()).toBe(0)
  await page.context().close()
})

test('at an earlier moment everything is as it was then', async () => {
  const page = await world.newPage()
  await openStory(page, world.story)
  const whole = await momentOf(page)
  await slider(page).focus()
  await page.keyboard.press('Home')
  expect(await momentOf(page)).toBe(0)
  await expect.poll(() => page.getByRole('treeitem').count()).toBeLessThan(10)
  const log = page.getByRole('listbox', { name: 'Log' })
  await expect.poll(() => log.getByRole('option').first().getAttribute('aria-posinset')).toBe('1')
  await page.getByRole('button', { name: 'One step forward' }).click()
  expect(await momentOf(page)).toBeGreaterThan(0)
  await page.keyboard.press(']')
  const there = await momentOf(page)
  await page.keyboard.press('[')
  expect(await momentOf(page)).toBeLessThan(there)
  await page.getByRole('button', { name: 'Newest' }).click()
  expect(await momentOf(page)).toBe(whole)
  await page.getByRole('button', { name: 'To the beginning' }).click()
  await page.getByRole('button', { name: 'Play' }).click()
  await page.waitForFunction(() => {
    const element = document.querySelector('#inspector > div')?.shadowRoot?.querySelector('[role=slider]')
    return Number(element?.getAttribute('aria-valuenow')) > 5
  })
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.context().close()
})

test('a machine’s states are lit on its picture, and the transition that led there', async () => {
  const page = await world.newPage()
  await openStory(page, world.story)
  await tab(page, 'Statechart').click()
  await tree(page, 'Alice’s phone')
    .getByRole('treeitem', { name: /^node writer/ })
    .click()
  await expect.poll(() => litStates(page)).toEqual(['writer'])
  expect(await page.locator('.canvas-view .fired').getAttribute('data-transition')).toContain(
    'awaitingAuthorisation|xstate.done.actor.request|0',
  )
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('phone awaitingAuthorisation')
  await page.getByRole('option').first().click()
  await expect.poll(() => litStates(page)).toEqual(['awaitingAuthorisation'])
  // It is what happened last.
  await page.locator('.canvas-view .now').waitFor()

  await tree(page, 'Alice’s phone')
    .getByRole('treeitem', { name: /^request asking/ })
    .click()
  const lit = await litStates(page)
  expect(lit).toContain('asking.sending.requesting')
  expect(lit).toContain('asking.hearing.unheard')

  // What is no machine is shown by the one around it.
  await tree(page, 'Alice’s phone')
    .getByRole('treeitem', { name: /^database/ })
    .click()
  await page.getByText('the machine around database').waitFor()
  await page.context().close()
})

test('a picture is zoomed and moved, by wheel, pointer and keys', async () => {
  const page = await world.newPage()
  await openStory(page, world.story)
  await tab(page, 'Statechart').click()
  const view = page.getByRole('region', { name: /^Statechart of node/ })
  const frame = () => view.locator('svg').getAttribute('viewBox')
  const scale = async () => Number.parseInt(await page.locator('.scale').innerText(), 10)
  const first = await scale()
  await page.getByRole('button', { name: 'Larger' }).click()
  expect(await scale()).toBeGreaterThan(first)
  await view.focus()
  await page.keyboard.press('-')
  await page.keyboard.press('-')
  expect(await scale()).toBeLessThan(first)
  const still = await frame()
  await page.keyboard.press('ArrowRight')
  expect(await frame()).not.toBe(still)
  await view.hover()
  const before = await scale()
  await page.mouse.wheel(0, -300)
  await expect.poll(scale).toBeGreaterThan(before)
  const settled = await frame()
  await page.mouse.down()
  await page.mouse.move(600, 300, { steps: 3 })
  await page.mouse.up()
  expect(await frame()).not.toBe(settled)
  // Whoever sees a part only is shown which, and can go to another on the small picture of all.
  const moved = await frame()
  await page.locator('.chart-map').click({ position: { x: 20, y: 20 } })
  expect(await frame()).not.toBe(moved)
  await page.getByRole('button', { name: 'Show all' }).click()
  expect(await page.locator('.chart-map').count()).toBe(0)
  await page.context().close()
})

test('one request can be followed from the question to the writer', async () => {
  const page = await world.newPage({ viewport: { width: 1440, height: 1000 } })
  await openStory(page, world.story)
  await tab(page, 'Sequence').click()
  await page.getByRole('button', { name: 'Alice’s phone · authorised' }).click()
  const steps = page.getByRole('list', { name: 'The request, step by step' })
  const titles = (await steps.getByRole('button').allInnerTexts()).map((text) => /[A-Z]\w+/.exec(text)?.[0])
  expect(titles).toEqual([
    'Asks',
    'Relayed',
    'Opened',
    'Shown',
    'Yes',
    'Written',
    'Answered',
    'Relayed',
    'Heard',
    'Replicated',
    'Writer',
  ])
  await steps.getByRole('button', { name: 'Yes' }).click()
  expect(await steps.getByRole('button', { name: 'Yes' }).getAttribute('aria-current')).toBe('step')
  const sequence = page.getByRole('listbox', { name: 'Sequence' })
  const chosen = sequence.locator('[aria-selected=true]')
  expect(await chosen.innerText()).toContain('says yes, on Alice’s laptop')
  await sequence.focus()
  await page.keyboard.press('ArrowDown')
  expect(await chosen.innerText()).not.toContain('says yes')
  // All the rest is there, too, and stands back.
  await page.getByLabel('The rest, dimmed').check()
  await sequence.locator('[data-dim=true]').first().waitFor()
  await page.getByText('Lifelines').click()
  await page.getByLabel('transport', { exact: true }).check()
  await page
    .locator('.lane-head', { hasText: /^transport$/ })
    .first()
    .waitFor()
  await page.context().close()
})

test('the log is filtered and searched, and a line is a moment', async () => {
  const page = await world.newPage()
  await openStory(page, world.story)
  const log = page.getByRole('listbox', { name: 'Log' })
  const total = async () => Number(await log.getByRole('option').first().getAttribute('aria-setsize'))
  const all = await total()
  await page.getByRole('button', { name: 'Messages', exact: true }).click()
  expect(await total()).toBeLessThan(all)
  await page.getByRole('button', { name: 'Messages', exact: true }).click()
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('tablet sealed request')
  const few = await total()
  expect(few).toBeGreaterThan(0)
  for (const text of await log.getByRole('option').allInnerTexts()) {
    expect(text).toContain('Alice’s tablet')
    expect(text).toContain('sealed request')
  }
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('nothing like it')
  await page.getByText('Nothing fits').waitFor()
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('')
  await page.getByRole('button', { name: 'Alice’s laptop', exact: true }).click()
  expect((await log.getByRole('option').allInnerTexts()).join()).not.toContain('Alice’s laptop')
  await log.focus()
  await page.keyboard.press('Home')
  const begun = await momentOf(page)
  await page.keyboard.press('ArrowDown')
  expect(await momentOf(page)).toBeGreaterThan(begun)
  await page.getByRole('heading', { name: 'This moment' }).waitFor()
  await page.context().close()
})

test('what is exported is a session that opens again, here and by parseSession', async () => {
  const page = await world.newPage()
  await openStory(page, world.story)
  const whole = await momentOf(page)
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  const download = await waiting
  expect(download.suggestedFilename()).toMatch(/^hypha-session-[\d-]+\.json$/)
  const text = await readFile(await download.path(), 'utf8')
  const original = parseSession(await readFile(world.story, 'utf8'))
  const session = parseSession(text)
  expect(session.recordings.map(({ node }) => node)).toEqual(original.recordings.map(({ node }) => node))
  expect(session.recordings.map(({ events }) => events)).toEqual(
    original.recordings.map(({ events }) => events),
  )
  const other = await world.newPage()
  await openStory(other, await world.write('again.json', text))
  expect(await momentOf(other)).toBe(whole)
  await page.context().close()
  await other.context().close()
})

test('a file is opened by dropping it', async () => {
  const page = await world.newPage()
  const text = await readFile(world.story, 'utf8')
  await page.evaluate((content) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([content], 'dropped.json', { type: 'application/json' }))
    const target = document.querySelector('#inspector > div')?.shadowRoot?.querySelector('.inspector')
    for (const type of ['dragover', 'drop']) {
      target?.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }))
    }
  }, text)
  await page.getByText('dropped.json: 4 nodes.').waitFor()
  await page.context().close()
})

test('what is no session is said to be none, and what was there stays', async () => {
  const page = await world.newPage()
  await openStory(page, world.story)
  for (const text of ['', '{', '[]', '{"format":"hypha-inspector","version":99}', 'x'.repeat(100_000)]) {
    await openFile(page, await world.write('no-session.json', text))
    await page.locator('.notice[data-error=true]').waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
  }
  expect(await page.locator('.column').count()).toBe(4)
  await page.context().close()
})

test('names and contents that somebody else chose are text, and nothing else', async () => {
  const evil = '<img src=x onerror="globalThis.hacked=1">\u202Etxt'
  const base = { rootId: 'r', sessionId: 'r', createdAt: '1', _version: '1' }
  const context = {
    name: evil,
    '<b>': { [evil]: evil },
    html: '</script><script>globalThis.hacked=2</script>',
  }
  const event = { type: evil, id: evil }
  const events = [
    {
      ...base,
      id: '1',
      type: '@xstate.actor',
      name: evil,
      source: 'node',
      snapshot: { status: 'active', value: evil, context },
    },
    { ...base, id: '2', type: '@xstate.event', event },
    {
      ...base,
      id: '3',
      type: '@xstate.snapshot',
      event,
      snapshot: { status: 'active', value: { [evil]: { [evil]: evil } }, context },
      transitions: [{ source: '"] *', event: evil, index: 0, targets: [evil] }],
    },
    {
      ...base,
      id: '4',
      type: 'hypha.message',
      what: 'sent',
      frame: evil,
      bytes: 1,
      kind: 'request',
      request: evil,
    },
  ]
  const recordings = [{ node: { rootId: 'r', name: evil, kind: 'node' }, before: [], events, dropped: 0 }]
  const session = { format: 'hypha-inspector', version: 1, exportedAt: 1, recordings }
  const page = await world.newPage()
  await openStory(page, await world.write('evil.json', JSON.stringify(session)))
  for (const name of ['Statechart', 'Sequence', 'Nodes']) {
    await tab(page, name).click()
    await page.getByText('<img src=x', { exact: false }).first().waitFor()
  }
  await page.getByRole('option').first().click()
  const found = await page.evaluate(() => {
    const root = document.querySelector('#inspector > div')?.shadowRoot
    return {
      hacked: Reflect.get(globalThis, 'hacked'),
      elements: root?.querySelectorAll('img, script, b b').length,
      turned: root?.textContent?.includes('\u202E'),
    }
  })
  expect(found).toEqual({ hacked: undefined, elements: 0, turned: false })
  await page.context().close()
})
