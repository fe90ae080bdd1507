import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  MAX_INSPECTOR_HELLO_BYTES,
  MAX_INSPECTOR_ID_LENGTH,
} from '../../../src/ui-bridge/inspector/limits.js'
import {
  HUB_CLOSE,
  hubSocketUrl,
  isFinalClose,
  isToken,
  parseHello,
  parseHubMessage,
  randomToken,
  tokenInFragment,
} from '../../../src/ui-bridge/inspector/wire.js'
import { eventOf } from './world.js'

test('tokens are 128 random bits, and found in the fragment of a URL', () => {
  const tokens = Array.from({ length: 100 }, randomToken)
  expect(new Set(tokens).size).toBe(100)
  for (const token of tokens) {
    expect(isToken(token)).toBe(true)
    expect(tokenInFragment(`#token=${token}`)).toBe(token)
    expect(tokenInFragment(`#x=1&inspect=${token}`, 'inspect')).toBe(token)
  }
  for (const fragment of [
    '',
    '#',
    '#token=',
    '#token=short',
    `#inspect=${tokens[0]}`,
    `#token=${tokens[0]}x`,
    '#%zz',
  ])
    expect(tokenInFragment(fragment), fragment).toBeUndefined()
})

test('the hub’s socket is where its page is, without what else the URL holds', () => {
  const known: Record<string, string> = {
    'http://127.0.0.1:4280/inspect#token=abc': 'ws://127.0.0.1:4280/inspect/socket',
    'http://127.0.0.1:4280': 'ws://127.0.0.1:4280/inspect/socket',
    'https://localhost/inspect?x=1': 'wss://localhost/inspect/socket',
    'ws://[::1]:4280/inspect/socket': 'ws://[::1]:4280/inspect/socket',
    'http://user:password@127.0.0.1/': 'ws://127.0.0.1/inspect/socket',
  }
  for (const [url, socket] of Object.entries(known)) expect(hubSocketUrl(url)).toBe(socket)
  for (const url of ['', 'nowhere', 'ftp://127.0.0.1/', 'file:///inspect', 'javascript:alert(1)'])
    expect(hubSocketUrl(url), url).toBeUndefined()
})

test('who is closed for good is told so, and every reason is a sentence', () => {
  expect([1000, 1001, 1006, 4408, 4429].filter(isFinalClose)).toEqual([])
  expect([4400, 4401, 4409].filter(isFinalClose)).toEqual([4400, 4401, 4409])
  for (const sentence of Object.values(HUB_CLOSE)) expect(sentence).toMatch(/^[A-Z].+\.$|^[A-Z].+\?$/)
})

test('a hello is short', () => {
  const token = randomToken()
  const hello = JSON.stringify({ type: 'hello', role: 'viewer', token })
  const most = hello + ' '.repeat(MAX_INSPECTOR_HELLO_BYTES - hello.length)
  expect(parseHello(most)).toEqual({ type: 'hello', role: 'viewer', token })
  expect(parseHello(`${most} `)).toBeUndefined()
  expect(parseHello(Buffer.from(hello))).toBeDefined()
})

test('a root id has its length', () => {
  const gone = (rootId: unknown) => parseHubMessage(JSON.stringify({ type: 'gone', rootId }))
  expect(gone('a'.repeat(MAX_INSPECTOR_ID_LENGTH))).toBeDefined()
  for (const rootId of ['a'.repeat(MAX_INSPECTOR_ID_LENGTH + 1), '', 5, null, ['a'], undefined])
    expect(gone(rootId)).toBeUndefined()
})

test('whatever it is, reading it neither throws nor hangs', () => {
  const message = JSON.stringify({ type: 'events', rootId: 'aaaa', events: [eventOf('aaaa', 1)] })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      parseHello(bytes)
      parseHubMessage(bytes)
    }),
  )
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const type of ['recording', 'events', 'gone'])
        parseHubMessage(JSON.stringify({ type, rootId: 'aaaa', events: value, recording: value }))
      parseHubMessage(value)
      parseHello(value)
    }),
  )
  // One character of a good one is another.
  fc.assert(
    fc.property(fc.nat(message.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
      const read = parseHubMessage(message.slice(0, at) + character + message.slice(at + 1))
      if (read?.type === 'events') for (const { rootId } of read.events) expect(rootId).toBe(read.rootId)
    }),
  )
})
