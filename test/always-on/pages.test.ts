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

  const page = await fetch(node.url)
  const html = await page.text()
  expect(page.status).toBe(200)
  expect(html).toContain('<html lang="en">')
  expect(html).toContain('1 of 3')
  for (const secret of [alice.link, Buffer.from(alice.discoveryKey).toString('hex'), node.claimCode!]) {
    expect(html).not.toContain(secret)
  }
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
})

test('other pages are not there, and other methods not answered', async () => {
  const { url } = await start()
  expect((await fetch(`${url}/${'0'.repeat(64)}`)).status).toBe(404)
  expect((await fetch(`${url}/health`, { method: 'POST', body: 'x' })).status).toBe(405)
  const head = await fetch(url, { method: 'HEAD' })
  expect(head.status).toBe(200)
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(500)
  expect(await head.text()).toBe('')
})
