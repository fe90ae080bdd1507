import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import type { Connection, Transport } from '../../../src/adapters/transport/transport.js'
import { toMessages } from '../../../src/adapters/transport/web-socket-stream.js'
import { webSocket } from '../../../src/adapters/transport/web-socket-transport.js'
import { createHttpServer } from '../../../src/always-on/http-server.js'
import { MAX_WEB_SOCKET_MESSAGE_BYTES } from '../../../src/protocol/limits.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'

const key = new Uint8Array(32)
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8')

const serve = async (tls?: { key: string; cert: string }) => {
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    maxConnections: 10,
    routes: (_request, response) => void response.end(),
    onConnection: ({ stream }) => void stream.pipe(stream),
    ...(tls ? { tls } : {}),
  })
  ends.push(server.close)
  return server
}

/** A WebSocket server that isn't ours, for what ours would never do. */
const serveOddly = async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  ends.push(async () => {
    for (const client of server.clients) client.terminate()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return { server, url: `ws://127.0.0.1:${typeof address === 'object' && address?.port}` }
}

const start = (transport: Transport): Promise<Connection> => {
  ends.push(transport.stop)
  return new Promise((resolve, reject) => {
    transport.start(key, createTransportHost({ connection: resolve, error: reject })).catch(reject)
  })
}

test('http and ws URLs alike, with and without a path, lead to the same place', async () => {
  const { url } = await serve()
  for (const given of [
    url,
    `${url}/`,
    url.replace('http', 'ws'),
    `${url}/some/path?and=query#hash`,
    new URL(url),
  ]) {
    const { stream, address, confidential } = await start(webSocket(given))
    stream.write('echo')
    const [chunk] = await once(stream, 'data')
    expect(String(chunk)).toBe('echo')
    expect(address).toBe(url.replace('http', 'ws'))
    expect(confidential).toBe(true)
  }
})

test.each([
  '',
  'example.org',
  'localhost:4000',
  'ftp://example.org',
  'https://',
  'https://user:pass@example.org',
])('%j is ADDRESS_INVALID, and no password in it is repeated', (url) => {
  expect(() => webSocket(url)).toThrow(
    expect.objectContaining({ code: 'ADDRESS_INVALID', message: expect.not.stringContaining('pass@') }),
  )
})

test('a certificate that nobody vouches for is not accepted', async () => {
  const { url } = await serve({
    key: fixture('localhost-key.pem'),
    cert: fixture('localhost-certificate.pem'),
  })
  await expect(start(webSocket(url))).rejects.toMatchObject({
    code: 'ADDRESS_UNREACHABLE',
    message: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/),
  })
})

test('a token in the query shows in no address and no error', async () => {
  const unreachable = await start(webSocket('http://127.0.0.1:1/?token=hush')).catch((reason) => reason)
  expect(unreachable).toMatchObject({ code: 'ADDRESS_UNREACHABLE' })
  expect(unreachable.message).not.toContain('hush')
})

test('a server that answers the upgrade with something else is unreachable', async () => {
  const server = createServer((socket) => void socket.resume().end('HTTP/1.1 404 Not Found\r\n\r\n')).listen(
    0,
    '127.0.0.1',
  )
  ends.push(() => new Promise((resolve) => server.close(() => resolve())))
  await once(server, 'listening')
  const address = server.address()
  await expect(
    start(webSocket(`http://127.0.0.1:${typeof address === 'object' && address?.port}`)),
  ).rejects.toMatchObject({ code: 'ADDRESS_UNREACHABLE', message: expect.stringContaining('404') })
})

test('stops at once while a server that says nothing is dialled', async () => {
  let came = (_socket: Socket) => {}
  const connected = new Promise<Socket>((resolve) => (came = resolve))
  const server = createServer((socket) => came(socket)).listen(0, '127.0.0.1')
  ends.push(() => new Promise((resolve) => server.close(() => resolve())))
  await once(server, 'listening')
  const address = server.address()
  const transport = webSocket(`http://127.0.0.1:${typeof address === 'object' && address?.port}`)
  await transport.start(
    key,
    createTransportHost({ connection: () => expect.fail(), error: () => expect.fail() }),
  )
  const socket = await connected
  const closed = new Promise((resolve) =>
    socket
      .on('error', () => {})
      .resume()
      .once('close', resolve),
  )
  await transport.stop()
  await closed
})

describe('a server that misbehaves loses its connection', () => {
  const ending = async (connection: Connection) => {
    const seen: string[] = []
    connection.stream.on('error', (error) => {
      seen.push('code' in error ? String(error.code) : error.message)
    })
    connection.stream.resume()
    await new Promise((resolve) => connection.stream.once('close', resolve))
    return seen
  }

  test('by a text frame', async () => {
    const { server, url } = await serveOddly()
    server.on('connection', (socket) => socket.send('words'))
    expect(await ending(await start(webSocket(url)))).toEqual(['PEER_MISBEHAVED'])
  })

  test('by a message over the limit', async () => {
    const { server, url } = await serveOddly()
    server.on('connection', (socket) => socket.send(randomBytes(MAX_WEB_SOCKET_MESSAGE_BYTES + 1)))
    expect(await ending(await start(webSocket(url)))).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'])
  })

  test('by ten thousand fragments', async () => {
    const { server, url } = await serveOddly()
    server.on('connection', (socket) => {
      for (let i = 0; i < 10_000; i++) socket.send(Buffer.of(1), { fin: false })
    })
    expect(await ending(await start(webSocket(url)))).toEqual(['WS_ERR_TOO_MANY_BUFFERED_PARTS'])
  })

  test('by bytes that are no frame', async () => {
    const { server, url } = await serveOddly()
    server.on('connection', (_webSocket, request) => request.socket.write(Buffer.alloc(100, 0xff)))
    expect(await ending(await start(webSocket(url)))).toHaveLength(1)
  })
})

test('a message at the limit arrives', async () => {
  const { server, url } = await serveOddly()
  const message = randomBytes(MAX_WEB_SOCKET_MESSAGE_BYTES)
  server.on('connection', (socket) => socket.send(message))
  const { stream } = await start(webSocket(url))
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    chunks.push(chunk)
    if (Buffer.concat(chunks).length >= message.length) break
  }
  expect(Buffer.concat(chunks).equals(message)).toBe(true)
})

test('writes become messages of the right size, with the same bytes in the same order', () => {
  const chunk = fc.uint8Array({ maxLength: 50 })
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (chunks, size) => {
      const messages = toMessages(chunks, size)
      expect(Buffer.concat(messages)).toEqual(Buffer.concat(chunks))
      for (const message of messages.slice(0, -1)) expect(message.length).toBe(size)
      if (messages.length > 0) expect(messages.at(-1)?.length).toBeGreaterThan(0)
    }),
  )
})
