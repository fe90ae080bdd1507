import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { requestOrigin } from '../../../src/adapters/transport/accept-web-socket.js'

const request = (address: string, headers: Record<string, string>, encrypted = false) => {
  const socket = encrypted ? new TLSSocket(new Socket()) : new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  const message = new IncomingMessage(socket)
  Object.assign(message.headers, headers)
  return message
}

const here = 'localhost:4000'

test.each([
  ['a program of this machine', '127.0.0.1', { host: here }, true, true],
  ['the same over IPv6', '::1', { host: '[::1]:4000' }, true, true],
  ['the same on a socket for both', '::ffff:127.0.0.1', { host: '127.0.0.1:4000' }, true, true],
  ['our own page here', '127.0.0.1', { host: here, origin: 'http://localhost:4000' }, true, true],
  [
    'a page of another site, opened here',
    '127.0.0.1',
    { host: here, origin: 'https://evil.example' },
    false,
    true,
  ],
  [
    'a page that a development server here gives',
    '127.0.0.1',
    { host: here, origin: 'http://127.0.0.1:5173' },
    true,
    true,
  ],
  [
    'a page whose name only begins like this machine’s',
    '127.0.0.1',
    { host: here, origin: 'http://localhost.evil.example' },
    false,
    true,
  ],
  ['a page without an origin', '127.0.0.1', { host: here, origin: 'null' }, false, true],
  ['a name that was made to point here', '127.0.0.1', { host: 'evil.example:4000' }, false, true],
  ['no host', '127.0.0.1', {}, false, true],
  ['a host that is none', '127.0.0.1', { host: '[%%' }, false, true],
  ['a host with somebody before it', '127.0.0.1', { host: 'evil.example@localhost:4000' }, false, true],
  ['a host with a path', '127.0.0.1', { host: 'localhost:4000/evil.example' }, false, true],
  ['a host that only ends like this machine', '127.0.0.1', { host: 'evil.localhost:4000' }, false, true],
  ['two hosts', '127.0.0.1', { host: 'localhost:4000, evil.example' }, false, true],
  [
    'a rebound name whose page says it is of this machine',
    '127.0.0.1',
    { host: 'evil.example:4000', origin: 'http://localhost:4000' },
    false,
    true,
  ],
  [
    'a page of a name that was made to point here',
    '127.0.0.1',
    { host: 'evil.example:4000', origin: 'http://evil.example:4000' },
    false,
    true,
  ],
  [
    'a page with this machine before the @',
    '127.0.0.1',
    { host: here, origin: 'http://localhost@evil.example' },
    false,
    true,
  ],
  [
    'a page of an extension',
    '127.0.0.1',
    { host: here, origin: 'chrome-extension://localhost' },
    false,
    true,
  ],
  ['a page of a file', '127.0.0.1', { host: here, origin: 'file://localhost' }, false, true],
  ['a visitor by a CDN', '127.0.0.1', { host: here, 'cf-connecting-ip': '8.8.8.8' }, false, false],
  [
    'a visitor by a proxy that tells the port',
    '127.0.0.1',
    { host: here, 'x-forwarded-port': '443' },
    false,
    false,
  ],
  ['somebody in the same house', '192.168.1.7', { host: 'localhost:4000' }, false, false],
  [
    'somebody who says it was encrypted',
    '192.168.1.7',
    { host: here, 'x-forwarded-proto': 'https' },
    false,
    false,
  ],
  ['a visitor by a proxy', '127.0.0.1', { host: here, 'x-forwarded-for': '8.8.8.8' }, false, false],
  [
    'a visitor by a proxy with TLS',
    '127.0.0.1',
    { host: here, 'x-forwarded-for': '8.8.8.8', 'x-forwarded-proto': 'https' },
    false,
    true,
  ],
  ['a visitor by a chain of proxies', '127.0.0.1', { host: here, via: '1.1 a, 1.1 b' }, false, false],
])('%s', (_who, address, headers, local, confidential) => {
  expect(requestOrigin(request(address, headers))).toEqual({ local, confidential })
})

test('TLS is confidential from anywhere', () => {
  expect(requestOrigin(request('8.8.8.8', { host: 'node.example' }, true))).toEqual({
    local: false,
    confidential: true,
  })
})
