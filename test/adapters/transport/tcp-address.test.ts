import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTcpAddress, parseTcpAddress } from '../../../src/adapters/transport/tcp-address.js'
import { HyphaError } from '../../../src/protocol/errors.js'

test.each([
  ['localhost:4000', { host: 'localhost', port: 4000 }],
  ['127.0.0.1:65535', { host: '127.0.0.1', port: 65535 }],
  ['[::1]:4000', { host: '::1', port: 4000 }],
  ['[::ffff:127.0.0.1]:1', { host: '::ffff:127.0.0.1', port: 1 }],
  ['my-node.example.org:80', { host: 'my-node.example.org', port: 80 }],
])('%s is an address', (address, expected) => {
  expect(parseTcpAddress(address)).toEqual(expected)
  expect(formatTcpAddress(expected)).toBe(address)
})

test.each([
  '',
  'localhost',
  ':4000',
  'localhost:',
  'localhost:65536',
  'localhost:-1',
  'localhost:4e3',
  'localhost:0',
  '::1:4000',
  '[::1]',
  '[localhost]:4000',
  '[::1:4000',
  '256.1.1.1:4000',
  '127.1:4000',
  'tcp://localhost:4000',
  'local host:4000',
  ' localhost:4000',
  'localhost:4000\n',
  'a/b:4000',
  `${'a'.repeat(300)}:4000`,
])('%j is none, and the error says how to write one', (address) => {
  expect(() => parseTcpAddress(address)).toThrow(
    expect.objectContaining({ code: 'ADDRESS_INVALID', message: expect.stringContaining('host:port') }),
  )
})

test('port 0 is for listening', () => {
  expect(parseTcpAddress('127.0.0.1:0', { listen: true })).toEqual({ host: '127.0.0.1', port: 0 })
})

test('any text is an address that reads back the same, or ADDRESS_INVALID', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.string(), fc.nat()).map(([a, b]) => `${a}:${b}`),
      ),
      (text) => {
        try {
          expect(formatTcpAddress(parseTcpAddress(text)).split(':').length).toBeGreaterThan(1)
        } catch (error) {
          expect(error).toBeInstanceOf(HyphaError)
        }
      },
    ),
  )
})
