import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection } from '../../src/adapters/transport/transport.js'
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../src/always-on/http-server.js'
import { MAX_HTTP_HEADER_BYTES } from '../../src/always-on/limits.js'

const servers: HttpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
const tls = { key: fixture('localhost-key.pem'), cert: fixture('localhost-certificate.pem') }

const serve = async (options: Partial<HttpServerOptions> = {}) => {
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    maxConnections: 5,
    routes: ({ url }, response) => {
      response.statusCode = url === '/health' ? 200 : 404
      response.end(url === '/health' ? 'well' : 'nothing here')
    },
    onConnection: ({ stream }) => void stream.pipe(stream),
    ...options,
  })
  servers.push(server)
  return server
}

const isWell = async ({ url }: HttpServer) => expect(await (await fetch(`${url}/health`)).text()).toBe('well')

/** Sends bytes on a fresh socket and gives all that comes back until it closes. */
const exchange = (port: number, bytes: string | Uint8Array): Promise<string> =>
  new Promise((resolve) => {
    let answer = ''
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(answer))
  })

const upgrade = (path: string, more: Record<string, string> = {}) => {
  const headers = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

const echo = async (url: string, options = {}) => {
  const socket = new WebSocket(url, options)
  await once(socket, 'open')
  socket.send(Buffer.from('hello'))
  const [bytes] = await once(socket, 'message')
  socket.terminate()
  return String(bytes)
}

test('one port serves pages and peers', async () => {
  const server = await serve()
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
  await isWell(server)
  expect((await fetch(`${server.url}/other`)).status).toBe(404)
  expect(await echo(server.url.replace('http', 'ws'))).toBe('hello')
})

test('with a certificate the same port serves https and wss, and its connections are confidential', async () => {
  const connections: Connection[] = []
  const server = await serve({
    tls,
    onConnection: (connection) => {
      connections.push(connection)
      connection.stream.pipe(connection.stream)
    },
  })
  expect(server.url).toBe(`https://127.0.0.1:${server.port}`)
  const status = await new Promise((resolve) =>
    get(`${server.url}/health`, { ca: tls.cert }, (response) => resolve(response.resume().statusCode)),
  )
  expect(status).toBe(200)
  expect(await echo(server.url.replace('http', 'ws'), { ca: tls.cert })).toBe('hello')
  expect(connections).toMatchObject([{ confidential: true, local: true, direction: 'incoming' }])
  // Plain HTTP, and noise, to the TLS port.
  await exchange(server.port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await exchange(server.port, new Uint8Array(5_000).fill(0xff))
  expect(await echo(server.url.replace('http', 'ws'), { ca: tls.cert })).toBe('hello')
})

test('a key that is none is an error that says so and quotes nothing', async () => {
  const error = await serve({ tls: { key: 'secret words', cert: 'x' } }).catch((reason) => reason)
  expect(error).toMatchObject({ code: 'OPTION_INVALID' })
  expect(`${error.message} ${error.stack} ${error.cause}`).not.toContain('secret words')
})

test('a port that is taken is LISTEN_FAILED', async () => {
  const { port } = await serve()
  await expect(serve({ port })).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
})

test('one peer more than it holds is refused with 503, and let in when there is room', async () => {
  const server = await serve({ maxConnections: 1 })
  const url = server.url.replace('http', 'ws')
  const first = new WebSocket(url)
  await once(first, 'open')
  const [error] = await once(new WebSocket(url), 'error')
  expect(error.message).toContain('503')
  await isWell(server)
  first.close()
  await once(first, 'close')
  expect(await echo(url)).toBe('hello')
})

test('routes that throw or reject are a 500, reported, and the next request is served', async () => {
  const errors: string[] = []
  const server = await serve({
    onError: ({ message }) => void errors.push(message),
    routes: ({ url }, response) => {
      if (url === '/throws') throw new Error('thrown')
      if (url === '/rejects') return Promise.reject(new Error('rejected'))
      response.end('well')
    },
  })
  expect((await fetch(`${server.url}/throws`)).status).toBe(500)
  expect((await fetch(`${server.url}/rejects`)).status).toBe(500)
  expect(errors).toEqual(['thrown', 'rejected'])
  await isWell(server)
})

describe('whatever comes, it goes on', () => {
  const odd = [
    '/%zz',
    '/%',
    '/%ff%fe',
    '/__proto__',
    '/constructor/prototype',
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '//',
    '///',
    '//[',
    '//evil.example/health',
    '/\\..\\',
    '*',
    'health',
    'http://evil.example/',
    'http://[',
    '/?%zz',
    '/#x',
    '/\u00ff',
    `/${'a'.repeat(7_000)}`,
    `/${'%41'.repeat(2_000)}`,
    '/;drop',
    '/%00',
  ]

  test('1,000 odd paths, as pages and as peers', async () => {
    const server = await serve({ maxConnections: 2_000 })
    const paths = Array.from({ length: 1_000 }, (_, i) =>
      i < odd.length ? odd[i]! : `${odd[i % odd.length]}${i}`,
    )
    for (let i = 0; i < paths.length; i += 50) {
      await Promise.all(
        paths.slice(i, i + 50).map(async (path) => {
          const page = exchange(
            server.port,
            Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, 'latin1'),
          )
          expect(await page).toMatch(/^HTTP\/1\.1 (400|404) /)
          // A close frame after the upgrade, for those paths that are let in.
          const peer = Buffer.concat([
            Buffer.from(upgrade(path), 'latin1'),
            Buffer.from('888000000000', 'hex'),
          ])
          expect(await exchange(server.port, peer)).toMatch(/^HTTP\/1\.1 (101|400) /)
        }),
      )
    }
    await isWell(server)
  })

  test.each([
    ['a version of long ago', { 'Sec-WebSocket-Version': '7' }],
    ['no key', { 'Sec-WebSocket-Key': '' }],
    ['a key that is none', { 'Sec-WebSocket-Key': 'x'.repeat(3_000) }],
    ['another protocol', { Upgrade: 'h2c' }],
    ['a list of protocols', { Upgrade: 'websocket, h2c' }],
    ['junk in its protocols', { 'Sec-WebSocket-Protocol': ',,,@@' }],
  ])('an upgrade with %s is refused', async (_what, headers) => {
    const server = await serve()
    expect(await exchange(server.port, upgrade('/', headers))).toMatch(/^HTTP\/1\.1 4\d\d /)
    await isWell(server)
  })

  test('an upgrade that asks for compression gets none', async () => {
    const server = await serve()
    const socket = new WebSocket(server.url.replace('http', 'ws'), { perMessageDeflate: true })
    await once(socket, 'open')
    expect(socket.extensions).toBe('')
    socket.terminate()
    await echo(server.url.replace('http', 'ws'), { headers: { 'Sec-WebSocket-Extensions': ';;;,=="' } })
  })

  test('noise after the upgrade ends that connection', async () => {
    const server = await serve()
    for (const noise of [
      'ffffff',
      '818000000000',
      '0101',
      'c1000000',
      '8900'.repeat(100),
      '827f7fffffffffffffff00000000',
    ]) {
      const bytes = Buffer.concat([
        Buffer.from(upgrade('/')),
        Buffer.from(noise, 'hex'),
        Buffer.alloc(200, 0xff),
      ])
      expect(await exchange(server.port, bytes)).toMatch(/^HTTP\/1\.1 101 /)
    }
    await isWell(server)
  })

  test('pings without end, from a peer that reads nothing, end its connection rather than fill the memory', async () => {
    let ended = () => {}
    const end = new Promise<void>((resolve) => {
      ended = resolve
    })
    const server = await serve({ onConnection: ({ stream }) => void stream.resume().once('close', ended) })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {}).pause()
    socket.write(upgrade('/'))
    const ping = Buffer.concat([Buffer.from('89fd00000000', 'hex'), Buffer.alloc(125)])
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => ping))
    const flood = () => {
      while (socket.writable && socket.write(pings)) {
        // until it must wait
      }
    }
    socket.on('drain', flood)
    flood()
    await end
    socket.destroy()
    await isWell(server)
  })

  test('malformed requests get an answer and lose their connection', async () => {
    const server = await serve()
    expect(await exchange(server.port, 'no http at all\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await exchange(server.port, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await exchange(server.port, new Uint8Array(65_536).fill(0xff))).toMatch(/^(HTTP\/1\.1 400 |$)/)
    const headers = `GET / HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(MAX_HTTP_HEADER_BYTES)}\r\n\r\n`
    expect(await exchange(server.port, headers)).toMatch(/^HTTP\/1\.1 431 /)
    const both = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'
    expect(await exchange(server.port, both)).toMatch(/^HTTP\/1\.1 400 /)
    await exchange(server.port, 'CONNECT evil.example:80 HTTP/1.1\r\nHost: a\r\n\r\n')
    await isWell(server)
  })

  test('who sends headers slowly, or nothing at all, is dropped', async () => {
    const server = await serve()
    const drip = new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('GET /health HTTP/1.1\r\n'))
      const timer = setInterval(() => socket.write('x: y\r\n'), 500)
      socket.on('error', () => {})
      socket.resume().on('close', () => {
        clearInterval(timer)
        resolve()
      })
    })
    await Promise.all([drip, exchange(server.port, ''), exchange(server.port, upgrade('/').slice(0, -2))])
    await isWell(server)
  })

  test('closing drops peers, half requests and idle clients alike, and may be asked for twice', async () => {
    const server = await serve()
    await isWell(server)
    const peer = new WebSocket(server.url.replace('http', 'ws'))
    await once(peer, 'open')
    const ends = [once(peer, 'close'), exchange(server.port, 'GET / HT'), exchange(server.port, '')]
    await Promise.all([server.close(), server.close(), ...ends])
    await expect(fetch(server.url)).rejects.toThrow()
  })
})
