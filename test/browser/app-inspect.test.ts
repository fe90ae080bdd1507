import { expect, test } from 'vitest'
import { tokenOf, view } from '../ui-bridge/inspector/world.js'
import { button, heading, nameDevice } from './app.js'
import { useApp } from './app-world.js'

const world = useApp()

test('a page that is asked to shows what its node does in the inspector, and loads what that takes only then', async () => {
  const server = await world.app.serve({ inspect: true })
  const url = server.inspectorUrl ?? ''
  const viewer = await view(url)
  const context = await world.chromium.browser.newContext()
  const page = await context.newPage()
  const fetched: string[] = []
  page.on('requestfinished', (request) => void fetched.push(new URL(request.url()).pathname))
  const pages = () =>
    [...viewer.collection.nodes.values()].filter(({ recording }) => recording.node.kind === 'node')
  try {
    await page.goto(server.url)
    await button(page, 'Sign up').waitFor()
    await page.waitForLoadState('networkidle')
    expect(fetched.join()).not.toContain('inspect')
    expect(pages()).toEqual([])

    await page.goto(`${server.url}/#inspect=${tokenOf(url)}`)
    await viewer.sees(() => pages().length === 1)
    expect(pages()[0]?.isGone).toBe(false)
    expect(page.url()).toBe(`${server.url}/`)
    expect(fetched.join()).toContain('inspect')
    await nameDevice(page, 'Tablet')
    await button(page, 'Sign up').click()
    await heading(page, 'Your passphrase').waitFor()
    const words = await page.getByRole('list', { name: 'Passphrase' }).locator('li').allInnerTexts()
    // Another name is another node.
    await viewer.sees(() =>
      pages().some(({ recording, isGone }) => !isGone && recording.node.name === 'Tablet'),
    )
    await viewer.sees(() => pages().filter(({ isGone }) => isGone).length === 1)
    const states = () =>
      pages()
        .flatMap(({ recording }) => recording.events)
        .flatMap((event) =>
          event.type === '@xstate.snapshot' ? [JSON.stringify(event.snapshot.value ?? '')] : [],
        )
    await viewer.sees(() => states().some((state) => state.includes('origin')))

    // This tab goes on after a reload, without the token in its address.
    await page.reload()
    await viewer.sees(() => pages().length === 3 && pages().filter(({ isGone }) => isGone).length === 2)
    const text = JSON.stringify(viewer.collection.recordings())
    expect(text).not.toContain(words.slice(0, 3).join(' '))
    expect(text).not.toContain(tokenOf(url))

    await page.goto(`${server.url}/#inspect=`)
    await viewer.sees(() => pages().every(({ isGone }) => isGone))
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain(tokenOf(url))
  } finally {
    await context.close()
    await server.close()
  }
})
