import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { faultsOf } from './axe.js'
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

const look = async (page: Page, what: string): Promise<void> => {
  expect(await faultsOf(page), what).toEqual([])
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overflow, `${what} is wider than the window`).toBeLessThanOrEqual(0)
}

test.each([
  ['light', 1440],
  ['dark', 1440],
  ['light', 1024],
  ['dark', 1024],
] as const)('no part of the window shuts anybody out: %s, %i pixels wide', async (colorScheme, width) => {
  const page = await world.newPage({ colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' })
  await look(page, 'empty')
  await openFile(page, await world.write('nothing.json', '{}'))
  await page.locator('.notice[data-error=true]').waitFor()
  await look(page, 'error')
  await openStory(page, world.story)
  await look(page, 'nodes')
  await slider(page).press('Home')
  await slider(page).press('PageUp')
  await look(page, 'nodes at an earlier moment')
  await page.getByRole('button', { name: 'Newest' }).click()
  await tab(page, 'Statechart').click()
  await look(page, 'statechart')
  await tree(page, 'Alice’s phone')
    .getByRole('treeitem', { name: /^request / })
    .click()
  await look(page, 'statechart of what has ended')
  await tab(page, 'Sequence').click()
  await look(page, 'sequence')
  await page.getByRole('button', { name: 'Alice’s phone · authorised' }).click()
  await look(page, 'one request')
  await page
    .getByRole('list', { name: 'The request, step by step' })
    .getByRole('button', { name: 'Yes' })
    .click()
  await look(page, 'one request, at its yes')
  await page.getByLabel('The rest, dimmed').check()
  await page.getByText('Lifelines').click()
  await look(page, 'one request among the rest')
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('nothing like it')
  await look(page, 'nothing found')
  await page.context().close()
})

test.each(['light', 'dark'] as const)('on a phone one pane is there at a time: %s', async (colorScheme) => {
  const page = await world.newPage({
    colorScheme,
    viewport: { width: 390, height: 800 },
    reducedMotion: 'reduce',
  })
  await look(page, 'empty')
  await openStory(page, world.story)
  for (const pane of ['Actors', 'Log', 'Details', 'View']) {
    await page.getByRole('button', { name: pane, exact: true }).click()
    await look(page, pane)
  }
  for (const name of ['Statechart', 'Sequence']) {
    await tab(page, name).click()
    await look(page, name)
  }
  await page.getByRole('button', { name: 'Alice’s phone · authorised' }).click()
  await look(page, 'one request')
  await page.context().close()
})

test('everything can be done with the keyboard alone', async () => {
  const page = await world.newPage()
  await openStory(page, world.story)
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const focused = () =>
    page.evaluate(() => {
      const active = document.querySelector('#inspector > div')?.shadowRoot?.activeElement
      return active?.getAttribute('aria-label') ?? active?.textContent ?? ''
    })
  /** Forward through the page until something has the focus. */
  const tabTo = async (name: RegExp) => {
    for (let index = 0; index < 120; index++) {
      if (name.test(await focused())) return
      await press('Tab')
    }
    throw new Error(`The focus never came to ${name}.`)
  }
  await tabTo(/^Nodes$/)
  await press('ArrowRight')
  expect(await focused()).toBe('Statechart')
  await page.evaluate(() => {
    const active = document.querySelector('#inspector > div')?.shadowRoot?.activeElement
    if (active instanceof HTMLElement) active.blur()
  })
  await tabTo(/^node\s*origin/)
  await press('ArrowDown', 'ArrowDown', 'ArrowDown')
  expect(await focused()).toMatch(/^prompts/)
  await expect.poll(() => litStates(page)).toEqual(['answering'])
  await press('ArrowLeft')
  expect(await page.getByRole('treeitem', { name: /^prompts.*laptop/ }).getAttribute('aria-expanded')).toBe(
    'false',
  )
  await tabTo(/^Log$/)
  await tabTo(/^Moment$/)
  const whole = await momentOf(page)
  await press('ArrowLeft', 'ArrowLeft')
  expect(await momentOf(page)).toBeLessThan(whole)
  await press('l')
  expect(await momentOf(page)).toBe(whole)
  await press(' ')
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await press(' ')
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  await page.context().close()
})

test('the borders between the panels move by pointer and keys', async () => {
  const page = await world.newPage()
  await openStory(page, world.story)
  const border = page.getByRole('separator', { name: 'Height of the log' })
  const value = async () => Number(await border.getAttribute('aria-valuenow'))
  const first = await value()
  await border.focus()
  await page.keyboard.press('ArrowUp')
  expect(await value()).toBeGreaterThan(first)
  const box = await border.boundingBox()
  if (!box) throw new Error('The border is nowhere.')
  const second = await value()
  await page.mouse.move(box.x + 200, box.y)
  await page.mouse.down()
  await page.mouse.move(box.x + 200, box.y + 60, { steps: 4 })
  await page.mouse.up()
  expect(await value()).toBeLessThan(second)
  await page.context().close()
})

test('who prefers less motion gets none', async () => {
  const animationOf = async (reducedMotion: 'reduce' | 'no-preference') => {
    const page = await world.newPage({ reducedMotion })
    await openStory(page, world.story)
    await tab(page, 'Statechart').click()
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('phone awaitingAuthorisation')
    await page.getByRole('option').first().click()
    const path = page.locator('.canvas-view .now > path').first()
    const name = await path.evaluate((element) => getComputedStyle(element).animationName)
    await page.context().close()
    return name
  }
  expect(await animationOf('no-preference')).toBe('flow')
  expect(await animationOf('reduce')).toBe('none')
})
