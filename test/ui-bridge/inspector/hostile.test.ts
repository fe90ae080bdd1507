import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import type { Recording } from '../../../src/ui-bridge/inspector/events.js'
import {
  MAX_INSPECTOR_EVENTS,
  MAX_INSPECTOR_MESSAGE_BYTES,
  MAX_INSPECTOR_NODES,
  MAX_INSPECTOR_PUBLISHERS,
  MAX_INSPECTOR_UNKNOWN,
  MAX_INSPECTOR_VIEWERS,
} from '../../../src/ui-bridge/inspector/limits.js'
import { publish } from '../../../src/ui-bridge/inspector/publish.js'
import {
  atEnd,
  birthOf,
  closeCode,
  connect,
  createPuppet,
  eventOf,
  helloOf,
  oneTo,
  serve,
  socketUrlOf,
  tokenOf,
  type Viewer,
  view,
} from './world.js'

const recordingOf = (rootId: string, more: Partial<Recording> = {}): Recording => ({
  node: { rootId, name: rootId, kind: 'node' },
  before: [birthOf(rootId, 0)],
  events: [],
  dropped: 0,
  ...more,
})
const asText = (rootId: string, more: Partial<Recording> = {}) =>
  JSON.stringify({ type: 'recording', recording: recordingOf(rootId, more) })

/** A server on which an honest laptop publishes and somebody looks on; `stillWorks` is true of both. */
const withHonest = async (options: Parameters<typeof serve>[0] = {}) => {
  const server = await serve(options)
  const { url } = server
  const laptop = createPuppet('aaaa')
  laptop.happen(10)
  const stop = publish(laptop, { url, token: tokenOf(url) })
  atEnd(stop)
  const viewer = await view(url)
  await viewer.sees(({ idsOf }) => idsOf('aaaa').length === 10)
  const stillWorks = async (watcher: Viewer = viewer) => {
    laptop.happen()
    const last = Number(laptop.recording().events.at(-1)?.id)
    await watcher.sees(({ idsOf }) => idsOf('aaaa').at(-1) === last)
    expect(watcher.idsOf('aaaa')).toEqual(oneTo(last))
    expect(watcher.collection.nodes.get('aaaa')?.isGone).toBe(false)
  }
  return { server, url, laptop, viewer, stillWorks }
}

const asPublisher = (url: string, publisher?: string) => connect(url, helloOf(url, 'publisher', publisher))

test('a wrong token ends it, however near; so does nothing at all, in time', async () => {
  const { url, stillWorks, viewer } = await withHonest({ hub: { helloTimeoutMs: 300 } })
  const token = tokenOf(url)
  const near = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')
  const say = (given: unknown, role = 'viewer') =>
    JSON.stringify({ type: 'hello', role, token: given, publisher: 'p'.repeat(22) })
  for (const given of [
    near,
    '',
    token.slice(1),
    `${token}A`,
    token.toLowerCase() === token ? near : token.toLowerCase(),
  ])
    for (const role of ['viewer', 'publisher']) {
      const socket = await connect(url, say(given, role))
      let heard = 0
      socket.on('message', () => heard++)
      expect(await closeCode(socket)).toBe(4401)
      expect(heard).toBe(0)
    }
  const malformed = [
    say(5),
    say(token, 'keeper'),
    JSON.stringify({ type: 'hello', role: 'publisher', token }),
    JSON.stringify({ type: 'hello', role: 'publisher', token, publisher: 'short' }),
    JSON.stringify({ type: 'gone', rootId: 'aaaa' }),
    `{"__proto__":${say(token)}}`,
    '[]',
    'null',
    '',
    '['.repeat(1_000),
    Buffer.from([0xff, 0xfe]),
  ]
  for (const first of malformed) expect(await closeCode(await connect(url, first)), String(first)).toBe(4400)
  const silent = await connect(url)
  expect(await closeCode(silent)).toBe(4408)
  // Those who have said hello may be silent.
  await stillWorks(viewer)
})

/** An upgrade as somebody else would ask for it; the status of the answer. */
const upgrade = async (url: string, headers: Record<string, string>): Promise<number> => {
  const { hostname, port, host } = new URL(url)
  const asking = request({
    hostname,
    port,
    path: '/inspect/socket',
    headers: {
      Host: host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
    },
  }).end()
  asking.on('upgrade', (_, socket) => socket.destroy())
  const [response] = await Promise.race([once(asking, 'response'), once(asking, 'upgrade')])
  response.resume()
  return response.statusCode
}

const get = async (url: string, path: string, headers: Record<string, string>) => {
  const { hostname, port } = new URL(url)
  const [response] = await once(request({ hostname, port, path, headers }).end(), 'response')
  return { status: response.statusCode, body: await text(response) }
}

test('pages of elsewhere, names that were made to lead here, and proxies are not let in', async () => {
  const { url, stillWorks } = await withHonest()
  const { host, port } = new URL(url)
  const strangers: Record<string, string>[] = [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: `http://evil.example:${port}` },
    { Origin: `https://${host}` },
    { Origin: 'http://127.0.0.1:1' },
    { Origin: `http://localhost:${port}` },
    // DNS rebinding: the page's own name leads to 127.0.0.1, and its Origin agrees.
    { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` },
    { Host: `evil.example:${port}` },
    { Host: `127.0.0.1.evil.example:${port}` },
    { Host: `localhost.evil.example:${port}` },
    { Host: `evil.example@127.0.0.1:${port}` },
    { Host: '0.0.0.0' },
    { 'X-Forwarded-For': '203.0.113.9' },
    { Forwarded: 'for=203.0.113.9' },
    { Via: '1.1 proxy' },
  ]
  for (const headers of strangers) {
    expect(await upgrade(url, headers), JSON.stringify(headers)).toBe(403)
    const page = await get(url, '/inspect', { Host: host, ...headers })
    expect(page.status, JSON.stringify(headers)).toBe(403)
    expect(page.body).not.toContain(tokenOf(url))
  }
  for (const headers of [
    {},
    { Origin: `http://${host}` },
    { Host: `localhost:${port}`, Origin: `http://localhost:${port}` },
  ])
    expect(await upgrade(url, headers), JSON.stringify(headers)).toBe(101)
  await stillWorks()
})

test('a stranger is not given the memory that a publisher’s message takes', async () => {
  const { url, stillWorks } = await withHonest()
  const huge = Buffer.alloc(16 * 1024 * 1024, 0x20)
  const socket = await connect(url, huge)
  expect(await closeCode(socket)).toBe(1006)
  await stillWorks()
})

test('a message that is too large ends its publisher alone', async () => {
  const { url, stillWorks } = await withHonest()
  const socket = await asPublisher(url)
  socket.send(Buffer.alloc(MAX_INSPECTOR_MESSAGE_BYTES + 1, 0x20))
  // The server's answer may be lost in the reset that follows.
  expect([1006, 1009]).toContain(await closeCode(socket))
  await stillWorks()
})

const events = (list: unknown, rootId = 'bbbb') => JSON.stringify({ type: 'events', rootId, events: list })
const deep = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`
const NONSENSE: Record<string, string | Uint8Array> = {
  'no JSON': 'hello',
  'no UTF-8': Buffer.from('{"type":"gone","rootId":"\xff"}', 'latin1'),
  'an array': '[]',
  'a type of its own': '{"type":"everything"}',
  'a second hello': JSON.stringify({ type: 'hello', role: 'viewer', token: 'x'.repeat(22) }),
  'events that are no list': events({ length: 1 }),
  'an event that is none': events([null]),
  'an event of no known type': events([eventOf('bbbb', 1, { type: 'shutdown' as never })]),
  'an event of another node': events([eventOf('aaaa', 11)]),
  'an event without an id': events([{ ...eventOf('bbbb', 1), id: 5 }]),
  'an id without end': events([{ ...eventOf('bbbb', 1), id: '1'.repeat(2_000) }]),
  'too many events': events(Array.from({ length: MAX_INSPECTOR_EVENTS + 1 }, (_, i) => eventOf('bbbb', i))),
  'deep nesting': `{"type":"events","rootId":"bbbb","events":[${deep}]}`,
  'a type that a prototype has': '{"__proto__":{"type":"gone","rootId":"bbbb"}}',
  'a root id of a prototype': '{"type":"gone","rootId":"__proto__"}',
  'events of a recording that never came': events([eventOf('dddd', 1)], 'dddd'),
  'a recording of no node': JSON.stringify({
    type: 'recording',
    recording: { before: [], events: [], dropped: 0 },
  }),
  'a kind of its own': asText('bbbb').replace('"kind":"node"', '"kind":"server"'),
  'a name without end': asText('bbbb').replace('"name":"bbbb"', `"name":"${'x'.repeat(2_000)}"`),
  'a recording with others’ events': asText('bbbb', { events: [eventOf('aaaa', 1)] }),
}

test.each(Object.entries(NONSENSE))('%s ends that publisher alone', async (_, nonsense) => {
  const { url, stillWorks, viewer } = await withHonest()
  const socket = await asPublisher(url)
  socket.send(asText('bbbb'))
  await viewer.sees(({ collection }) => collection.nodes.has('bbbb'))
  socket.send(nonsense)
  expect(await closeCode(socket)).toBe(4400)
  await viewer.sees(({ collection }) => collection.nodes.get('bbbb')?.isGone === true)
  expect(viewer.idsOf('bbbb')).toEqual([])
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  await stillWorks()
})

test('names by which one would reach a prototype come to nothing', async () => {
  const { url, viewer, stillWorks } = await withHonest()
  const socket = await asPublisher(url)
  socket.send(asText('bbbb'))
  for (const spelling of ['__proto__', '\\u005f_proto__'])
    socket.send(events([eventOf('bbbb', 1)]).replace('"number":1', `"${spelling}":{"polluted":true},"x":1`))
  await viewer.sees(({ idsOf }) => idsOf('bbbb').length === 2)
  for (const event of viewer.collection.nodes.get('bbbb')!.recording.events)
    expect(event).toEqual(eventOf('bbbb', 1, { event: { type: 'happens', x: 1 }, sourceId: undefined }))
  await stillWorks()
})

test('nobody speaks for a node that is another’s, whether that is there or gone', async () => {
  const { url, laptop, viewer, stillWorks } = await withHonest()
  const lies = [
    asText('aaaa', { events: oneTo(9).map((id) => eventOf('aaaa', id)) }),
    events([eventOf('aaaa', 11)], 'aaaa'),
    JSON.stringify({ type: 'gone', rootId: 'aaaa' }),
  ]
  for (const lie of lies) {
    const socket = await asPublisher(url)
    socket.send(lie)
    expect(await closeCode(socket), lie.slice(0, 40)).toBe(4409)
  }
  await stillWorks()
  // One that has left can't be overwritten either: only who has its key comes back as it.
  const phone = await asPublisher(url, 'q'.repeat(22))
  phone.send(asText('bbbb', { events: [eventOf('bbbb', 1)] }))
  await viewer.sees(({ idsOf }) => idsOf('bbbb').length === 1)
  phone.close()
  await viewer.sees(({ collection }) => collection.nodes.get('bbbb')?.isGone === true)
  const liar = await asPublisher(url)
  liar.send(asText('bbbb'))
  expect(await closeCode(liar)).toBe(4409)
  expect(viewer.idsOf('bbbb')).toEqual([1])
  const again = await asPublisher(url, 'q'.repeat(22))
  again.send(asText('bbbb', { events: [eventOf('bbbb', 1), eventOf('bbbb', 2)] }))
  await viewer.sees(({ idsOf }) => idsOf('bbbb').length === 2)
  expect(laptop.listeners).toBe(1)
})

test('those who say nothing make room for who does', async () => {
  const { url, stillWorks } = await withHonest()
  const silent: WebSocket[] = []
  for (let i = 0; i <= MAX_INSPECTOR_UNKNOWN; i++) silent.push(await connect(url))
  expect(await closeCode(silent[0]!)).toBe(1006)
  const late = await view(url)
  await stillWorks(late)
})

test('publishers, viewers and nodes have an end, and those who were there notice nothing', async () => {
  const { url, stillWorks } = await withHonest()
  const nth = (i: number) => String(i).padStart(22, 'n')
  for (let i = 1; i < MAX_INSPECTOR_PUBLISHERS; i++) await asPublisher(url, nth(i))
  const oneMore = await asPublisher(url, nth(0))
  expect(await closeCode(oneMore)).toBe(4429)
  for (let i = 1; i < MAX_INSPECTOR_VIEWERS; i++) await connect(url, helloOf(url, 'viewer'))
  const curious = await connect(url, helloOf(url, 'viewer'))
  expect(await closeCode(curious)).toBe(4429)
  // The same publisher may come again: it takes its own place.
  const greedy = await asPublisher(url, nth(1))
  for (let i = 0; i < MAX_INSPECTOR_NODES; i++) greedy.send(asText(`node-${i}`))
  expect(await closeCode(greedy)).toBe(4429)
  await stillWorks()
})

test('of nodes that are gone the oldest makes room', async () => {
  const { url, viewer } = await withHonest({ hub: { maxNodes: 3 } })
  const leaver = await asPublisher(url, 'l'.repeat(22))
  leaver.send(asText('old-1'))
  leaver.send(asText('old-2'))
  await viewer.sees(({ collection }) => collection.nodes.size === 3)
  leaver.close()
  await viewer.sees(({ collection }) => collection.nodes.get('old-2')?.isGone === true)
  const fresh = await asPublisher(url)
  fresh.send(asText('new'))
  await viewer.sees(({ collection }) => collection.nodes.has('new'))
  const late = await view(url)
  await late.sees(({ collection }) => collection.nodes.size === 3)
  await late.sees(({ collection }) => collection.nodes.get('old-2')?.isGone === true)
  expect([...late.collection.nodes.keys()].sort()).toEqual(['aaaa', 'new', 'old-2'])
})

test('a flood of messages ends who sends it', async () => {
  const { url, stillWorks } = await withHonest()
  const socket = await asPublisher(url)
  socket.send(asText('bbbb'))
  const ended = closeCode(socket)
  for (let i = 0; i < 4_000; i++) socket.send('{"type":"gone","rootId":"bbbb"}')
  expect(await ended).toBe(4429)
  await stillWorks()
})

test('a viewer that says anything is none', async () => {
  const { url, stillWorks } = await withHonest()
  const socket = await connect(url, helloOf(url, 'viewer'))
  socket.send(asText('bbbb'))
  expect(await closeCode(socket)).toBe(4400)
  await stillWorks()
})

test('a viewer that does not read holds nobody up, costs one message, and is gone after two heartbeats', async () => {
  const { url, laptop, viewer, stillWorks } = await withHonest({ hub: { heartbeatMs: 1_000 } })
  const { hostname, port, host, pathname } = new URL(socketUrlOf(url))
  const deaf = connectTcp(Number(port), hostname)
  deaf.on('error', () => {})
  atEnd(() => deaf.destroy())
  deaf.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  )
  await once(deaf, 'data')
  deaf.pause()
  const hello = Buffer.from(helloOf(url, 'viewer'))
  // A short text frame, masked with zeros.
  deaf.write(
    Buffer.concat([Buffer.from([0x81, 0xfe, hello.length >> 8, hello.length & 255, 0, 0, 0, 0]), hello]),
  )
  const filling = Array.from({ length: 20 }, () => 'x'.repeat(1_000))
  for (let round = 0; round < 20; round++) {
    laptop.happen(100, { event: { type: 'happens', filling } })
    const last = Number(laptop.recording().events.at(-1)?.id)
    await viewer.sees(({ idsOf }) => idsOf('aaaa').at(-1) === last)
  }
  // 40 MB have passed; what is kept for the deaf one is what its socket and one message hold.
  await stillWorks()
  const watch = await connect(url, helloOf(url, 'viewer'))
  for (let heartbeats = 0; heartbeats < 3; heartbeats++) await once(watch, 'ping')
  deaf.resume()
  await once(deaf, 'close')
  expect(deaf.bytesRead).toBeLessThan(20 * 1024 * 1024)
  await stillWorks()
})

test('what is kept has an end: the node with the most loses its oldest', async () => {
  const { url, server } = await withHonest({ hub: { maxBytes: 1_000_000 } })
  const [quiet, busy] = [createPuppet('quiet'), createPuppet('busy')]
  quiet.happen(5)
  for (const puppet of [quiet, busy]) atEnd(server.hub.publish(puppet))
  for (let i = 0; i < 50; i++) busy.happen(100, { event: { type: 'happens', filling: 'x'.repeat(1_000) } })
  const last = Number(busy.recording().events.at(-1)?.id)
  await expect.poll(() => busy.listeners).toBe(1)
  const late = await view(url)
  await late.sees(({ idsOf }) => idsOf('busy').at(-1) === last && idsOf('quiet').length === 5)
  const kept = late.idsOf('busy')
  expect(kept.length).toBeLessThan(1_000)
  expect(kept).toEqual(oneTo(last, kept[0]))
  expect(late.idsOf('aaaa')).toEqual(oneTo(10))
})
