import { expect, test } from 'vitest'
import { claimPlace, newPerson, openClient, start } from './world.js'

test('the status page tells what this is and how many, and never which', async () => {
  const node = await start({ claim: 3 })
  const alice = newPerson()
  await claimPlace(node, alice)
  await (await openClient(alice)).connect(node)

  const health = await fetch(`${node.url}/health?verbose`)
  expect(health.headers.get('content-type')).toBe('application/json')
  const state = (await health.json()) as Record<string, unknown>
  expect(state).toEqual({ ok: true, hyphas: 1, connections: 1, uptime: expect.any(Number) })

  const page = await fetch(`${node.url}/status`)
  const html = await page.text()
  expect(page.status).toBe(200)
  expect(html).toContain('<html lang="en">')
  expect(html).toContain('1 of 3')
  for (const secret of [alice.link, Buffer.from(alice.discoveryKey).toString('hex'), node.claimCode!]) {
    expect(html).not.toContain(secret)
  }
  expect(html).toContain('href="/status.css"')
  const style = await fetch(`${node.url}/status.css`)
  expect(style.headers.get('content-type')).toContain('text/css')
})

test('other pages are not there, and other methods not answered', async () => {
  const { url } = await start()
  const missing = await fetch(`${url}/missing`)
  expect(missing.headers.get('content-type')).toContain('text/html')
  expect((await fetch(`${url}/${'0'.repeat(64)}`)).status).toBe(404)
  expect((await fetch(`${url}/health`, { method: 'POST', body: 'x' })).status).toBe(405)
  const head = await fetch(`${url}/status`, { method: 'HEAD' })
  expect(head.status).toBe(200)
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(500)
  expect(await head.text()).toBe('')
})

test('every answer has the strict policy, whatever it is', async () => {
  const { url } = await start()
  for (const [path, method] of [
    ['/', 'GET'],
    ['/', 'HEAD'],
    ['/status', 'GET'],
    ['/status.css', 'GET'],
    ['/health', 'GET'],
    ['/missing', 'GET'],
    ['/%zz', 'GET'],
    ['/', 'POST'],
  ]) {
    const { headers } = await fetch(url + path, { method: method! })
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy, `${method} ${path}`).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'")
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|blob:|\*|https?:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  }
})
