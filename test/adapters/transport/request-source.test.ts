import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { sourceOf, sourceOfAddress } from '../../../src/adapters/transport/request-source.js'

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  // A household's network is one.
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::5', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['not an address', 'unknown'],
  [undefined, 'unknown'],
])('%s counts as %s', (address, source) => {
  expect(sourceOfAddress(address)).toBe(source)
})

const from = (remoteAddress: string, forwarded?: string) =>
  sourceOf({
    socket: { remoteAddress } as Socket,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  })

test('a proxy of this machine is believed, for the last address that it names; nobody else is', () => {
  expect(from('127.0.0.1', '203.0.113.7')).toBe('203.0.113.7')
  expect(from('::1', '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7')
  expect(from('127.0.0.1', '203.0.113.7:4000')).toBe('203.0.113.7')
  expect(from('127.0.0.1', '[2001:db8:1:2::9]:4000')).toBe('2001:db8:1:2::/64')
  expect(from('127.0.0.1', 'unknown')).toBe('unknown')
  expect(from('127.0.0.1', '')).toBe('127.0.0.1')
  expect(from('127.0.0.1')).toBe('127.0.0.1')
  expect(from('203.0.113.9', '203.0.113.7')).toBe('203.0.113.9')
})
