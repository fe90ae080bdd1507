import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { newPerson, start, takePlace } from './world.js'

test('the status page tells what this is and how many, and never which', async () => {
  const node = await start({ claim: 3 })
  const alice = newPerson()
  await takePlace(node, alice)

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

const UPGRADE = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
test.each([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
  ['headers without end', `GET / HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(10_000)}\r\n\r\n`, 431],
  ['an expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: <script>\r\n\r\n', 417],
  ['an upgrade to nowhere', `GET /%zz HTTP/1.1\r\n${UPGRADE}\r\n`, 400],
  ['an upgrade without a key', `GET / HTTP/1.1\r\n${UPGRADE}Sec-WebSocket-Version: 13\r\n\r\n`, 400],
  ['an upgrade of long ago', `GET / HTTP/1.1\r\n${UPGRADE}Sec-WebSocket-Version: 7\r\n\r\n`, 400],
])('the answer to %s has the policy too', async (_, request, status) => {
  const { url } = await start()
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(request))
  const answer = await text(socket)
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(answer).toContain("Content-Security-Policy: default-src 'none'")
  expect(answer).toContain('X-Content-Type-Options: nosniff')
  expect(answer).not.toContain('<script>')
})

test('what a host header says is nowhere in what is answered', async () => {
  const { url } = await start()
  for (const path of ['/', '/status', '/missing', '/health']) {
    const request = `GET ${path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n`
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(request))
    expect(await text(socket)).not.toContain('evil')
  }
})
