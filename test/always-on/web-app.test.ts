import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { atEnd, start } from './world.js'

const SCRIPT = 'export const answer = 42\n'.repeat(200)

const temporary = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-web-'))
  atEnd(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What a build leaves, with a secret beside it. */
const built = async () => {
  const outside = await temporary()
  const folder = join(outside, 'web')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(outside, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>The app</title>')
  await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(folder, 'assets/main-a1b2c3.js'), SCRIPT)
  await writeFile(join(folder, 'assets/argon2-d4e5f6.wasm'), new Uint8Array([0, 97, 115, 109]))
  await symlink(join(outside, 'secret.txt'), join(folder, 'link.txt'))
  return folder
}

/** As it goes over the wire: `fetch` would unpack it and tidy the path. */
const get = async (url: string, path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const asking = request(url, { path, headers, method }).end()
  const [response] = await once(asking, 'response')
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
}

test('it serves the app at its own address, its hashed files for good', async () => {
  const { url } = await start({ webApp: await built() })
  const page = await get(url, '/?from=a-link')
  expect(page.status).toBe(200)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.headers['cache-control']).toBe('no-store')
  expect(String(page.body)).toContain('The app')

  const script = await get(url, '/assets/main-a1b2c3.js')
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(String(script.body)).toBe(SCRIPT)
  expect((await get(url, '/assets/argon2-d4e5f6.wasm')).headers['content-type']).toBe('application/wasm')

  const icon = await get(url, '/favicon.svg')
  expect(icon.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' })
  expect((await get(url, '/health')).headers['content-type']).toBe('application/json')
  expect(String((await get(url, '/status')).body)).not.toContain('has not been built')
})

test('who takes gzip gets it, and who has it already gets 304', async () => {
  const { url } = await start({ webApp: await built() })
  const path = '/assets/main-a1b2c3.js'
  const zipped = await get(url, path, { 'accept-encoding': 'br, gzip' })
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
  expect(Number(zipped.headers['content-length'])).toBe(zipped.body.length)
  expect(zipped.body.length).toBeLessThan(SCRIPT.length / 10)
  expect(String(gunzipSync(zipped.body))).toBe(SCRIPT)

  const etag = String(zipped.headers.etag)
  const again = await get(url, path, { 'accept-encoding': 'gzip', 'if-none-match': `"x", W/${etag}` })
  expect(again.status).toBe(304)
  expect(again.body.length).toBe(0)
  expect(again.headers['content-security-policy']).toContain("default-src 'none'")
  // Another encoding is another representation.
  expect((await get(url, path, { 'if-none-match': etag })).status).toBe(200)
  for (const refusal of ['gzip;q=0', 'br', 'gzip; q=0.0, br', 'xgzip'])
    expect((await get(url, path, { 'accept-encoding': refusal })).headers['content-encoding']).toBeUndefined()

  const head = await get(url, path, { 'accept-encoding': 'gzip' }, 'HEAD')
  expect(head.headers['content-length']).toBe(zipped.headers['content-length'])
  expect(head.body.length).toBe(0)
  expect((await get(url, path, {}, 'POST')).status).toBe(405)
})

test('no path leads out of the folder', async () => {
  const { url } = await start({ webApp: await built() })
  const paths = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..\\secret.txt',
    '/link.txt',
    '//index.html',
    '/assets',
    '/assets/',
    '/index.html/',
    '/index.html%00.js',
    '/__proto__',
    '/constructor',
  ]
  for (const path of paths) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    const said = await text(socket)
    expect(said, path).toMatch(/^HTTP\/1\.1 40[04] /)
    expect(said).not.toContain('secret')
  }
})

test('where it has not been built, the address tells what the server is and how to build it', async () => {
  const folder = await temporary()
  const { url } = await start({ webApp: join(folder, 'web') })
  const page = await get(url, '/')
  expect(page.status).toBe(200)
  expect(String(page.body)).toContain('An always-on node')
  expect(String(page.body)).toContain('npm run build')
  // Built meanwhile, it is there.
  await mkdir(join(folder, 'web'))
  await writeFile(join(folder, 'web/index.html'), 'The app')
  expect(String((await get(url, '/')).body)).toBe('The app')
})
