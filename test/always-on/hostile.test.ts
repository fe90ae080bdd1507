import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { streamClosed } from '../../src/adapters/transport/stream-closed.js'
import { MAX_UNDECIDED_CONNECTIONS } from '../../src/protocol/limits.js'
import { ask, dial, firstFrame, newPerson, openClient, put, start, talk, until } from './world.js'

const isWell = async (url: string) => expect((await fetch(`${url}/health`)).status).toBe(200)

test('a thousand hyphas that it does not host are refused one by one', async () => {
  const alice = newPerson()
  const node = await start({ claim: 0, hyphas: [alice.link] })
  const laptop = await (await openClient(alice, { isOrigin: true })).connect(node)
  for (let i = 0; i < 1_000; i += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const talking = await ask(node, randomBytes(32), n % 2 ? 'tcp' : 'webSocket')
        expect(await talking.next()).toEqual({ type: 'refused', reason: 'not-hosted' })
        talking.connection.stream.destroy()
        await streamClosed(talking.connection.stream)
      }),
    )
  }
  expect(laptop.connection.stream.closed).toBe(false)
  expect(node.status().hyphas).toBe(1)
  await isWell(node.url)
})

test('odd discovery keys and odd paths lead nowhere', async () => {
  const node = await start()
  for (const key of [
    new Uint8Array(32),
    new Uint8Array(32).fill(0xff),
    Buffer.from('__proto__'.padEnd(32, '\0')),
  ]) {
    const talking = await ask(node, key)
    expect(await talking.next()).toMatchObject({ type: 'unclaimed' })
    talking.connection.stream.destroy()
  }
  for (const path of [
    '/__proto__',
    '/constructor',
    '/not%20hex',
    `/${'f'.repeat(64)}`,
    '/..%2f..%2fetc/passwd',
  ]) {
    expect((await fetch(node.url + path)).status).toBe(404)
  }
  expect(node.status()).toMatchObject({ hyphas: 0, places: { taken: 0 } })
})

test('who knows only the discovery key reads nothing', async () => {
  const alice = newPerson()
  const node = await start({ hyphas: [alice.link] })
  const laptop = await openClient(alice, { isOrigin: true })
  await laptop.connect(node)
  await laptop.db.write([put('public-name', 'a public value')])
  const stranger = await dial(node, 'tcp')
  let heard = Buffer.alloc(0)
  stranger.stream.on('data', (chunk) => {
    heard = Buffer.concat([heard, chunk])
  })
  stranger.stream.write(firstFrame(alice.discoveryKey))
  await until(() => heard.length > 62)
  // With another key than ours what follows is noise to both.
  stranger.stream.write(randomBytes(2_000))
  await streamClosed(stranger.stream)
  expect(heard.includes('public')).toBe(false)
  expect(heard.includes(Buffer.from(alice.hyphalink))).toBe(false)
  expect(heard.includes(Buffer.from(laptop.db.localWriter, 'hex'))).toBe(false)
})

test('noise of all sizes and peers that vanish trouble nobody else', async () => {
  const alice = newPerson()
  const node = await start({ hyphas: [alice.link], claim: 5 })
  const laptop = await (await openClient(alice)).connect(node)
  for (const size of [1, 61, 62, 63, 1_000, 64 * 1024]) {
    for (const start of [new Uint8Array(0), firstFrame(alice.discoveryKey), firstFrame(randomBytes(32))]) {
      const { stream } = await dial(node, size % 2 ? 'tcp' : 'webSocket')
      stream.write(Buffer.concat([start, randomBytes(size)]))
      stream.end()
      stream.resume()
      await streamClosed(stream)
    }
  }
  expect(laptop.connection.stream.closed).toBe(false)
  await isWell(node.url)
})

test('peers that say nothing make room for those who do', async () => {
  const alice = newPerson()
  const node = await start({ hyphas: [alice.link] })
  const silent = await Promise.all(
    Array.from({ length: MAX_UNDECIDED_CONNECTIONS + 20 }, () => dial(node, 'tcp')),
  )
  for (const { stream } of silent) stream.resume()
  await until(() => silent.filter(({ stream }) => stream.closed).length >= 20)
  await (await openClient(alice)).connect(node, 'tcp')
  expect(node.status().connections).toBe(1)
})

test('a hypha holds so many connections, and the next is told', async () => {
  const alice = newPerson()
  const node = await start({ hyphas: [alice.link], maxConnectionsPerHypha: 2 })
  const client = await openClient(alice)
  const first = await client.connect(node)
  await client.connect(node, 'tcp')
  expect(await (await ask(node, alice.discoveryKey)).next()).toEqual({ type: 'refused', reason: 'busy' })
  first.connection.stream.destroy()
  await until(() => node.status().connections === 1)
  await client.connect(node)
})

test('a node holds so many connections in all, as it was started with', async () => {
  const [alice, bob] = [newPerson(), newPerson()]
  const node = await start({ hyphas: [alice.link, bob.link], maxConnections: 1 })
  const first = await (await openClient(alice)).connect(node)
  const refused = new WebSocket(node.url)
  const status = await new Promise((resolve) => {
    refused.on('error', () => {})
    refused.on('unexpected-response', (_, { statusCode }) => resolve(statusCode))
  })
  refused.terminate()
  expect(status).toBe(503)
  expect(node.status().connections).toBe(1)
  first.connection.stream.destroy()
  await until(() => node.status().connections === 0)
  await (await openClient(bob)).connect(node)
})

test('a hypha that outgrows its place is not taken any further, and that is said once', async () => {
  const [alice, bob] = [newPerson(), newPerson()]
  const node = await start({ hyphas: [alice.link, bob.link], maxHyphaBytes: 100_000 })
  const laptop = await openClient(alice, { isOrigin: true })
  const way = await laptop.connect(node)
  const his = await (await openClient(bob)).connect(node)
  for (let i = 0; i < 4; i++) await laptop.db.write([put(`large ${i}`, 'x'.repeat(50_000))])
  await streamClosed(way.connection.stream)
  expect(node.errors).toMatchObject([{ code: 'HYPHA_TOO_LARGE' }])
  expect(node.errors[0]!.message).not.toContain(alice.link)
  expect(await (await ask(node, alice.discoveryKey)).next()).toEqual({ type: 'refused', reason: 'full' })
  expect(his.connection.stream.closed).toBe(false)
})

test('a greeting where a peer should be is not answered with a place', async () => {
  const node = await start()
  const talking = talk(await dial(node, 'webSocket'))
  talking.say(Buffer.from('HYPHA/1\n\0\0\0\x12{"type":"claimed"}'))
  expect(await talking.next()).toBe('closed')
})
