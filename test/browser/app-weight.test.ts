import { expect, test } from 'vitest'
import { createNode, webSocket } from '../../src/index.js'
import { button, entry, heading } from './app.js'
import { useApp } from './app-world.js'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** What the page may weigh before anybody has signed in, as it goes over the wire. */
const LIMIT_KB = 320

const world = useApp()

test('the page is light before sign-in, and fetches key derivation and words only then', async () => {
  const server = await world.app.serve()
  const context = await world.chromium.browser.newContext()
  const page = await context.newPage()
  const fetched: { path: string; size: Promise<number> }[] = []
  page.on('requestfinished', (request) => {
    const size = request.sizes().then(({ responseBodySize }) => responseBodySize)
    fetched.push({ path: new URL(request.url()).pathname, size })
  })
  try {
    await page.goto(server.url)
    await button(page, 'Sign up').waitFor()
    await page.waitForLoadState('networkidle')
    const before = fetched.map(({ path }) => path)
    const sizes = await Promise.all(fetched.map(({ size }) => size))
    const total = sizes.reduce((sum, size) => sum + size, 0) / 1_000
    say(`before sign-in: ${total.toFixed(1)} KB in ${before.length} files`)
    expect(total).toBeGreaterThan(50)
    expect(total).toBeLessThan(LIMIT_KB)
    expect(before.join()).not.toMatch(/argon2|diceware/)
    const since = performance.now()
    await button(page, 'Sign up').click()
    await heading(page, 'Your passphrase').waitFor()
    say(`from Sign up to the passphrase: ${((performance.now() - since) / 1_000).toFixed(1)} s`)
    expect(fetched.map(({ path }) => path).join()).toMatch(/diceware/)
  } finally {
    await context.close()
    await server.close()
  }
})

test('5,000 entries come in and are searched without the page standing still', async () => {
  const server = await world.app.serve()
  const laptop = createNode({ name: 'Laptop', transports: [webSocket(server.url)] })
  try {
    const { passphrase } = await laptop.signUp({ domain: 'localhost' })
    await laptop.batch(
      Array.from({ length: 5_000 }, (_, i) => ({
        type: 'put' as const,
        key: `notes/${String(i).padStart(5, '0')}`,
        value: { text: `note number ${i}` },
      })),
    )
    // In memory: this is about the view, not about how quick a disk is.
    const context = await world.chromium.browser.newContext()
    const page = await context.newPage()
    await page.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }))
    await page.goto(server.url)
    await button(page, 'Sign in').click()
    await page.getByLabel('Passphrase').fill(passphrase)
    await button(page, 'Sign in').click()
    await heading(page, 'Say yes on another of your devices').waitFor()
    await page.evaluate(() => {
      const seen = { longest: 0, last: performance.now() }
      Object.assign(globalThis, { seen })
      const tick = (now: number) => {
        seen.longest = Math.max(seen.longest, now - seen.last)
        seen.last = now
        requestAnimationFrame(tick)
      }
      requestAnimationFrame(tick)
    })
    await page.getByText('5,000', { exact: true }).waitFor({ timeout: 50_000 })
    await button(page, /^Show more \(4,950 left\)/).waitFor()
    await page.getByLabel('Filter entries').pressSequentially('number 4999')
    await entry(page, 'notes/04999').waitFor()
    await page.getByText('1 of 5,000').waitFor()
    // One written meanwhile takes its place in the order.
    await page.getByLabel('Filter entries').fill('')
    await laptop.put('notes/00000a', 'in between')
    await entry(page, 'notes/00000a').waitFor()
    expect(await page.locator('.entry-key').nth(1).innerText()).toBe('notes/00000a')
    const longest = await page.evaluate(
      () => (globalThis as typeof globalThis & { seen: { longest: number } }).seen.longest,
    )
    say(`longest frame: ${longest.toFixed(0)} ms`)
    await context.close()
  } finally {
    await laptop.close()
    await server.close()
  }
})
