import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { createNode, type HyphaNode, memoryStorage, type Storage, tcp, webSocket } from '../../src/index.js'
import { toHex, utf8 } from '../../src/protocol/bytes.js'
import { discoveryKeyOf, parseHyphalink } from '../../src/protocol/hyphalink.js'
import { deriveKeys, passphraseSalt } from '../../src/protocol/keys.js'
import { arrived, next, reached } from '../node/until.js'
import { bytesNeedles, type Needle, search, searchMemory, textNeedles } from './memory-of.js'
import { atEnd } from './world.js'

const DOMAIN = 'alice.example'
const crypto = await createCrypto()

const serveElsewhere = async () => {
  const program = fileURLToPath(new URL('./blind-server.ts', import.meta.url))
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    ['--import', 'tsx', program],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const ended = once(child, 'close')
  atEnd(async () => {
    child.stdin.end()
    await ended
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => JSON.parse((await lines.next()).value)
  const { url, tcpPort }: { url: string; tcpPort: number } = await answer()
  return {
    url,
    tcpPort,
    pid: child.pid!,
    /** Names and bytes of every file, in one. */
    stored: async (): Promise<Buffer> => {
      child.stdin.write('stored\n')
      const files: [string, string][] = await answer()
      return Buffer.concat(
        files.flatMap(([name, bytes]) => [Buffer.from(name), Buffer.from(bytes, 'base64')]),
      )
    },
  }
}

const device = (options: Parameters<typeof createNode>[0]): HyphaNode => {
  const node = createNode(options)
  atEnd(() => node.close())
  return node
}

const secretKeyIn = (storage: Storage, hyphalink: string): Promise<Uint8Array> => {
  const folder = toHex(discoveryKeyOf(parseHyphalink(hyphalink), crypto.hash)).slice(0, 16)
  const file = storage.file(`hypha/${folder}/local/secret_key`)
  return new Promise((resolve, reject) =>
    file.read(0, 64, (error, bytes) => (bytes ? resolve(bytes) : reject(error))),
  )
}

/** A sentence that is nowhere else. */
const unique = (words: string) => `${words} ${randomUUID()}`

/** Alice's life through an always-on node, and all of it that nobody else may know. */
const live = async (server: { url: string; tcpPort: number }) => {
  const texts = {
    'a private name': `diary/${randomUUID()}`,
    'a private value': unique('I never told anybody that'),
    'a replaced value': unique('at first I had written'),
    'a deleted value': unique('and this I took back'),
    'a node’s name': unique('Laptop').slice(0, 40),
    'another node’s name': unique('Phone').slice(0, 40),
    'a message to all': unique('hello everybody'),
    'a message to one': unique('hello you'),
  }
  const shown = { name: `public/${randomUUID()}`, value: unique('everybody may read') }
  const storages = [memoryStorage(), memoryStorage()] as const
  const laptop = device({
    name: texts['a node’s name'],
    storage: storages[0],
    transports: [webSocket(server.url)],
  })
  const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
  await laptop.put(texts['a private name'], texts['a replaced value'])
  await laptop.put(texts['a private name'], { text: texts['a private value'] })
  await laptop.put('gone', texts['a deleted value'])
  await laptop.del('gone')
  await laptop.put(shown.name, shown.value, { public: true })

  const phone = device({
    name: texts['another node’s name'],
    storage: storages[1],
    transports: [tcp({ connect: [`127.0.0.1:${server.tcpPort}`] })],
  })
  laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
  await phone.signIn({ domain: DOMAIN, passphrase })
  await reached(phone, 'writer')
  expect(await arrived(phone, texts['a private name'])).toEqual({ text: texts['a private value'] })
  await phone.put('from-the-phone', texts['a private value'])
  expect(await arrived(laptop, 'from-the-phone')).toBe(texts['a private value'])

  const all = next(phone, 'message')
  expect(laptop.broadcast(texts['a message to all']).peers).toBe(1)
  expect((await all).message).toBe(texts['a message to all'])
  const one = next(laptop, 'message')
  phone.send(laptop.writerKey!, texts['a message to one'])
  expect((await one).message).toBe(texts['a message to one'])

  const words = passphrase.split(' ')
  const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(DOMAIN, crypto.hash))
  const keys = { ...deriveKeys(master, crypto.deriveKey), master }
  const secrets: Needle[] = [
    ...words
      .slice(2)
      .flatMap((_, i) => textNeedles(`three words from ${i + 1}`, words.slice(i, i + 3).join(' '))),
    ...Object.entries(keys).flatMap(([name, key]) => bytesNeedles(name, key)),
    ...bytesNeedles('the claim secret key', crypto.signingKeyPair(keys.claimSeed).secretKey.subarray(0, 32)),
    ...bytesNeedles(
      'the laptop’s writer secret',
      (await secretKeyIn(storages[0], hyphalink)).subarray(0, 32),
    ),
    ...bytesNeedles('the phone’s writer secret', (await secretKeyIn(storages[1], hyphalink)).subarray(0, 32)),
    ...Object.entries(texts).flatMap(([what, text]) => textNeedles(what, text)),
  ]
  return { laptop, phone, hyphalink, shown, secrets, texts }
}

test('an always-on node holds nothing in memory or storage that only the person may know', async () => {
  const server = await serveElsewhere()
  const { hyphalink, shown, secrets } = await live(server)
  // That the search finds what is there: the always-on node does know these.
  const known: Needle[] = [
    { what: 'the hyphalink', bytes: Buffer.from(hyphalink, 'hex') },
    { what: 'the public name', bytes: Buffer.from(shown.name) },
    { what: 'the public value', bytes: Buffer.from(shown.value) },
  ]
  const everyone = known.map(({ what }) => what).sort()

  const memory = await searchMemory(server.pid, [...secrets, ...known])
  expect(memory.bytes).toBeGreaterThan(20_000_000)
  expect(memory.found.sort()).toEqual(everyone)

  const stored = await server.stored()
  expect(stored.length).toBeGreaterThan(1_000)
  expect(search(stored, [...secrets, ...known]).sort()).toEqual(everyone)
})

test('the search would find each of the secrets where they are known', async () => {
  const server = await serveElsewhere()
  const { texts } = await live(server)
  const mine = Object.entries(texts).flatMap(([what, text]) => textNeedles(what, text))
  const { found } = await searchMemory(process.pid, mine)
  for (const what of Object.keys(texts)) {
    expect(found.some((name) => name.startsWith(what))).toBe(true)
  }
})

test('a reader by hyphalink sees the public entries and nothing else', async () => {
  const server = await serveElsewhere()
  const { laptop, hyphalink, shown } = await live(server)
  const readerStorage = memoryStorage()
  const reader = device({ storage: readerStorage, transports: [webSocket(server.url)] })
  await reader.open({ hyphalink })
  expect(await arrived(reader, shown.name)).toBe(shown.value)
  // The newest of all: when it is here, so is what was written before.
  await laptop.put('public/last', true, { public: true })
  expect(await arrived(reader, 'public/last')).toBe(true)
  const seen: string[] = []
  for await (const { key } of reader.entries('')) seen.push(key)
  expect(seen).toEqual([shown.name, 'public/last'].sort())
  expect(reader.nodes().every(({ name }) => !name || !/Laptop|Phone/.test(name))).toBe(true)
  expect(() => reader.broadcast('hello')).toThrow(expect.objectContaining({ code: 'NO_CHANNEL' }))
  expect(reader.state).toBe('readOnly')
})
