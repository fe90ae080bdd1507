import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { fileStorage } from '../../src/adapters/storage/file-storage.js'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import { webSocket } from '../../src/adapters/transport/web-socket-transport.js'
import { createHyphas } from '../../src/always-on/hyphas.js'
import { openPlaces } from '../../src/always-on/places.js'
import { createWaiting } from '../../src/always-on/waiting.js'
import { createNode } from '../../src/node.js'
import { MAX_WAITING_PLACES, WAITING_PLACE_MS } from '../../src/protocol/limits.js'
import { arrived, next, until as untilNode } from '../node/until.js'
import { atEnd, claimPlace, newPerson, openClient, start, takePlace, until } from './world.js'

const crypto = await createCrypto()

const device = (url: string, name: string) => {
  const node = createNode({ name, transports: [webSocket(url)] })
  atEnd(() => node.close())
  return node
}

/** Alice's passphrase; nobody has it in use. */
const signedUpElsewhere = async () => {
  const node = createNode()
  atEnd(() => node.close())
  const { passphrase } = await node.signUp({ domain: 'alice.example' })
  return { node, passphrase }
}

test('signing in where nothing of the hypha is: the device is told, and no place is taken', async () => {
  const { passphrase } = await signedUpElsewhere()
  const server = await start({ claim: 1 })
  const phone = device(server.url, 'Phone')
  const told = next(phone, 'error')
  await phone.signIn({ domain: 'alice.example', passphrase })
  const error = await told
  expect(error).toMatchObject({ code: 'HYPHA_UNKNOWN', address: expect.stringContaining('127.0.0.1') })
  expect(phone.getSnapshot().problem).toMatchObject({ code: 'HYPHA_UNKNOWN' })
  expect(server.status()).toMatchObject({ hyphas: 1, places: { taken: 0, total: 1 } })

  // The only place is for whoever has something.
  await takePlace(server, newPerson())
  expect(server.status().places).toEqual({ taken: 1, total: 1 })
})

test('the phone signs in before the laptop was ever connected there: it goes on by itself, and the problem is over', async () => {
  const server = await start({ claim: 1 })
  const laptop = device(server.url, 'Laptop')
  await laptop.setTransport('webSocket', false)
  const { passphrase } = await laptop.signUp({ domain: 'alice.example' })
  await laptop.put('notes/1', 'hello')
  const phone = device(server.url, 'Phone')
  await phone.signIn({ domain: 'alice.example', passphrase })
  await untilNode(phone, () => phone.getSnapshot().problem?.code === 'HYPHA_UNKNOWN')

  laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
  await laptop.setTransport('webSocket', true)
  expect(await arrived(phone, 'notes/1')).toBe('hello')
  await untilNode(phone, () => phone.getSnapshot().problem === undefined)
  await untilNode(phone, () => phone.state === 'writer')
  expect(server.status().places.taken).toBe(1)
})

test('nobody is told so where there is something, and who has something itself is not either', async () => {
  const server = await start()
  const laptop = device(server.url, 'Laptop')
  const errors: string[] = []
  laptop.on('error', ({ code }) => errors.push(code))
  const { passphrase } = await laptop.signUp({ domain: 'alice.example' })
  await untilNode(laptop, () => laptop.getSnapshot().peers.length === 1)
  await until(() => server.status().places.taken === 1)
  const phone = device(server.url, 'Phone')
  phone.on('error', ({ code }) => errors.push(code))
  await phone.signIn({ domain: 'alice.example', passphrase })
  await untilNode(phone, () => phone.getSnapshot().sync.complete)
  expect(errors).toEqual([])
})

const world = async (storage = memoryStorage(), total = 100) => {
  let now = 1_000_000
  const places = await openPlaces(total, storage, crypto.hash)
  const hyphas = createHyphas({
    storage,
    hash: crypto.hash,
    maxBytes: 1e9,
    maxConnections: 4,
    onFilled: (hyphalink) => waiting.filled(hyphalink),
    onError: (error) => {
      throw error
    },
  })
  const waiting = createWaiting({
    places,
    hyphas,
    hash: crypto.hash,
    now: () => now,
    onError: (error) => {
      throw error
    },
  })
  atEnd(async () => {
    waiting.close()
    await hyphas.close()
    await storage.close()
  })
  return {
    places,
    hyphas,
    waiting,
    passes: (ms: number) => {
      now += ms
    },
  }
}

test('those that wait are few: one more, and the oldest that nobody is there for makes room', async () => {
  const { places, hyphas, waiting } = await world()
  const people = Array.from({ length: MAX_WAITING_PLACES + 1 }, newPerson)
  for (const { hyphalink } of people) await waiting.host(hyphalink)
  expect(places.waiting.map(({ hyphalink }) => hyphalink)).toEqual(
    people.slice(1).map(({ hyphalink }) => hyphalink),
  )
  expect(hyphas.size).toBe(MAX_WAITING_PLACES)
})

test('one that nobody waits for is forgotten after a while, with all that was stored of it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-waiting-'))
  atEnd(() => rm(directory, { recursive: true }))
  const storage = fileStorage(directory)
  await storage.open?.()
  const { places, hyphas, waiting, passes } = await world(storage)
  await waiting.host(newPerson().hyphalink)
  const stored = () => readdir(join(directory, 'files/hyphas'))
  expect(await stored()).toHaveLength(1)
  passes(WAITING_PLACE_MS - 1)
  await waiting.look()
  expect(hyphas.size).toBe(1)
  passes(1)
  await waiting.look()
  expect([hyphas.size, places.waiting.length, (await stored()).length]).toEqual([0, 0, 0])
})

test('one that somebody is connected for goes on waiting, over a restart too', async () => {
  const storage = memoryStorage()
  const server = await start({ storage })
  const alice = newPerson()
  expect(await claimPlace(server, alice)).toEqual({ type: 'claimed' })
  expect((await (await openClient(alice)).connect(server)).isEmpty()).toBe(true)
  await server.close()

  const again = await start({ storage })
  expect(again.status()).toMatchObject({ hyphas: 1, places: { taken: 0 } })
  const laptop = await openClient(alice, { isOrigin: true })
  await laptop.connect(again)
  await until(() => again.status().places.taken === 1)
  expect((await (await openClient(alice)).connect(again)).isEmpty()).toBe(false)
})
