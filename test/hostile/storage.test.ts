/** What lies on a disk was written by us, or by anybody. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import { openTwoSlots } from '../../src/adapters/storage/two-slots.js'
import { createNode, fileStorage, type HyphaNode, type NodeOptions, type Storage } from '../../src/index.js'
import { toHex, utf8 } from '../../src/protocol/bytes.js'
import { deriveKeys, passphraseSalt } from '../../src/protocol/keys.js'
import { reached, until } from '../node/until.js'

const DOMAIN = 'alice.example'
const crypto = await createCrypto()

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const open = (options: NodeOptions): HyphaNode => {
  const node = createNode(options)
  ends.push(() => node.close())
  return node
}
const newDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-hostile-'))
  ends.push(() => rm(directory, { recursive: true, force: true }))
  return directory
}
const opened = (node: HyphaNode) => until(node, () => node.state !== 'opening' && node)
const code = (promise: Promise<unknown> | undefined) =>
  Promise.resolve(promise).then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  )

/** Puts a record where a node looks for what it was, well-formed as a record. */
const forge = async (storage: Storage, text: string | Uint8Array) => {
  const slots = await openTwoSlots({
    storage,
    name: 'node',
    maxBytes: 2 ** 20,
    hash: crypto.hash,
    failed: (cause) => new Error('It could not be forged.', { cause }),
  })
  await slots.replace(typeof text === 'string' ? utf8(text) : text)
}
const recordOf = async (storage: Storage): Promise<Record<string, unknown>> => {
  const slots = await openTwoSlots({
    storage,
    name: 'node',
    maxBytes: 2 ** 20,
    hash: crypto.hash,
    failed: () => new Error(),
  })
  return JSON.parse(Buffer.from(slots.record ?? []).toString())
}

let alices = ''
beforeAll(async () => {
  const alice = createNode()
  alices = (await alice.signUp({ domain: DOMAIN })).passphrase
  await alice.close()
})

describe('a record that was made up', () => {
  const link = toHex(crypto.signingKeyPair().publicKey)
  const good = { v: 1, hyphalink: link, by: 'hyphalink', name: 'Phone' }
  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '7'],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['nesting', `{"v":1,"name":${'['.repeat(2_000)}${']'.repeat(2_000)}}`],
    ['a megabyte', JSON.stringify({ ...good, name: 'x'.repeat(1_000_000) })],
    ['another version', JSON.stringify({ ...good, v: 2 })],
    ['a version that is text', JSON.stringify({ ...good, v: '1' })],
    ['a prototype', `{"__proto__":${JSON.stringify(good)}}`],
    ['a link that is none', JSON.stringify({ ...good, hyphalink: 'z'.repeat(64) })],
    ['a link that is bytes', JSON.stringify({ ...good, hyphalink: { type: 'Buffer', data: [1] } })],
    ['a name that is an object', JSON.stringify({ ...good, name: { toString: 'x' } })],
    ['a way in that there is not', JSON.stringify({ ...good, by: 'constructor' })],
    ['keys for a reader', JSON.stringify({ ...good, keys: 'AAAA' })],
    ['a founder without keys', JSON.stringify({ ...good, by: 'signUp' })],
    ['keys that are none', JSON.stringify({ ...good, by: 'signUp', keys: '****' })],
    ['keys of nobody', JSON.stringify({ ...good, by: 'signUp', keys: 'AA'.repeat(200) })],
    ['a request that is none', JSON.stringify({ ...good, request: '../../etc' })],
  ])('of %s is an error with a code; a damaged one is mended by a passphrase alone', async (what, record) => {
    const storage = memoryStorage()
    await forge(storage, record)
    const node = await opened(open({ storage }))
    expect(node.state).toBe('failed')
    const isNewer = what === 'another version'
    const expected = isNewer ? 'STORAGE_FAILED' : 'STORAGE_DAMAGED'
    expect(node.getSnapshot().problem?.code).toBe(expected)
    // Whatever it was, it is not replaced without a person's passphrase.
    expect(await code(node.signUp({ domain: DOMAIN }))).toBe(expected)
    const signingIn = code(node.signIn({ domain: DOMAIN, passphrase: alices, request: false }))
    expect(await signingIn).toBe(isNewer ? expected : 'no error')
    await node.close()
    await reached(open({ storage }), isNewer ? 'failed' : 'readOnly')
  })

  test('of a link that is no point of the curve opens nothing, and harms nothing', async () => {
    const storage = memoryStorage()
    await forge(storage, JSON.stringify({ ...good, hyphalink: 'ff'.repeat(32) }))
    const node = await opened(open({ storage }))
    expect(['failed', 'readOnly']).toContain(node.state)
    await node.close()
  })

  test('of another person’s link over Alice’s keys, or of a part that she doesn’t play, gives nobody a role', async () => {
    const storage = memoryStorage()
    const alice = open({ storage })
    const { passphrase } = await alice.signUp({ domain: DOMAIN })
    await alice.put('a', 1)
    await alice.close()
    const record = await recordOf(storage)

    const swapped = memoryStorage()
    await forge(swapped, JSON.stringify({ ...record, hyphalink: link }))
    const stolen = await opened(open({ storage: swapped }))
    expect(stolen.getSnapshot()).toMatchObject({ state: 'failed', problem: { code: 'STORAGE_DAMAGED' } })

    // On a device that nobody authorised.
    const reader = memoryStorage()
    await forge(reader, JSON.stringify({ ...record, by: 'signUp', role: 'origin', state: 'writer' }))
    const claims = await opened(open({ storage: reader }))
    expect(claims.state).toBe('readOnly')
    expect(await code(claims.put('b', 2))).toBe('NOT_A_WRITER')

    // By way of a link alone she reads what is public, until she types the passphrase.
    const { keys, ...rest } = record
    expect(keys).toBeTypeOf('string')
    await forge(storage, JSON.stringify({ ...rest, by: 'hyphalink' }))
    const keyless = await opened(open({ storage }))
    expect(await keyless.get('a')).toBeUndefined()
    expect(await code(keyless.signIn({ domain: DOMAIN, passphrase }))).toMatch(/no error|[A-Z_]+/)
    await keyless.close()
  })

  test('of a name full of tricks shows a clean one', async () => {
    const storage = memoryStorage()
    await forge(
      storage,
      JSON.stringify({ ...good, name: `\u001b[31m\u202eAlice\u200b\n\u0007${'x'.repeat(2_000)}` }),
    )
    const node = await opened(open({ storage }))
    const { name } = node.getSnapshot()
    expect(name).toMatch(/^Alice x*$/)
    expect([...name].length).toBeLessThanOrEqual(64)
  })

  test('with lengths and generations at their ends is read as damage', async () => {
    for (const head of ['ffffffff00000001', '00000000ffffffff', 'ffffffffffffffff', '00000fff00000001']) {
      const storage = memoryStorage()
      for (const slot of ['node/0', 'node/1']) {
        const bytes = Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(100, 1)])
        await new Promise((resolve) => storage.file(slot).write(0, bytes, resolve))
      }
      const node = await opened(open({ storage }))
      expect(node.getSnapshot()).toMatchObject({ state: 'failed', problem: { code: 'STORAGE_DAMAGED' } })
    }
  })
})

describe('a directory in which something else lies', () => {
  const things: [string, (path: string) => unknown][] = [
    ['a folder', (path) => mkdir(path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a link to nowhere', (path) => symlink('/nowhere/at/all', path)],
    ['a link to itself', (path) => symlink(path, path)],
    ['a device without end', (path) => symlink('/dev/zero', path)],
    ['an empty file', (path) => writeFile(path, '')],
  ]
  const places = ['files', 'files/node/0', 'files/node', 'key', 'lock']
  test.each(
    things.flatMap(([what, make]) => places.map((place) => [what, place, make] as const)),
  )('%s for %s ends in a state, with a code or without, and in no hang', async (_, place, make) => {
    const directory = await newDirectory()
    const before = open({ storage: fileStorage(directory) })
    const writes = await before.signUp({ domain: DOMAIN }).then(() => before.close())
    expect(writes).toBeUndefined()
    rmSync(join(directory, place), { recursive: true })
    await make(join(directory, place))
    const node = await opened(open({ storage: fileStorage(directory) }))
    const { state, problem } = node.getSnapshot()
    expect(['failed', 'origin', 'signedOut', 'readOnly']).toContain(state)
    if (state === 'failed') expect(problem?.code).toMatch(/^(STORAGE|FEED)_[A-Z]+$/)
    if (state === 'origin') await node.put('a', 1)
    await node.close()
  })

  test.each([
    '../x',
    '/x',
    'a/../../x',
    'a//b',
    '.',
    'a/..',
    'a\0b',
    'a\\..\\x',
    '',
    'C:x',
  ])('the name %j leads nowhere else', async (name) => {
    const directory = await newDirectory()
    const storage = fileStorage(join(directory, 'store'))
    await storage.open?.()
    expect(() => storage.file(name)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    await storage.close()
    expect(readdirSync(directory)).toEqual(['store'])
  })
})

test('a disk that is full while a node asks, writes and is remembered: it says so, lives, and what it said is there', async () => {
  const whole = memoryStorage()
  let isFull = false
  const storage: Storage = {
    ...whole,
    isEmpty: false,
    file: (name) => {
      const file = whole.file(name)
      const write: typeof file.write = (at, bytes, done) =>
        isFull ? queueMicrotask(() => done?.(new Error('ENOSPC'))) : file.write(at, bytes, done)
      return { ...file, write }
    },
  }
  const laptop = open({ storage })
  const errors: string[] = []
  laptop.on('error', (error) => errors.push(error.code))
  isFull = true
  expect(await code(laptop.signUp({ domain: DOMAIN }))).toBe('STORAGE_FAILED')
  isFull = false
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  const kept: string[] = []
  for (let i = 0; i < 40; i++) {
    isFull = i % 4 === 3
    const said = await code(laptop.put(`k/${i}`, i))
    expect(['no error', 'STORAGE_FAILED']).toContain(said)
    if (said === 'no error') kept.push(`k/${i}`)
  }
  isFull = false
  expect(kept.length).toBeGreaterThan(20)
  expect(laptop.state).toBe('origin')
  await laptop.put('last', 1)
  await laptop.close()
  const again = open({ storage })
  await reached(again, 'origin')
  for (const key of [...kept, 'last']) expect([key, await again.get(key)]).not.toContain(undefined)
  await again.signIn({ domain: DOMAIN, passphrase })
})

test('no secret lies open in a directory: words, keys, names and values, raw, in hex and in base64', async () => {
  const directory = await newDirectory()
  const node = open({ name: 'Alice’s laptop', storage: fileStorage(directory) })
  const { passphrase } = await node.signUp({ domain: DOMAIN })
  const secretName = 'diary/of a private person'
  const secretValue = 'what nobody else should read'
  await node.put(secretName, secretValue)
  await node.put('shown', 'a public sentence', { public: true })
  await node.close()
  // As a page that came back: the record is written anew.
  const again = open({ storage: fileStorage(directory), name: 'Alice’s desk' })
  await reached(again, 'origin')
  await again.put(`${secretName}/2`, secretValue)
  await again.close()

  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const all = Buffer.concat(files.map((file) => readFileSync(file)))
  const text = all.toString('latin1').toLowerCase()
  expect(existsSync(join(directory, 'key'))).toBe(true)
  expect(text).toContain('a public sentence')

  const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(DOMAIN, crypto.hash))
  const keys = deriveKeys(master, crypto.deriveKey)
  const secrets: Record<string, Uint8Array> = {
    master,
    ...keys,
    'the origin’s secret key': crypto.signingKeyPair(keys.identitySeed).secretKey.subarray(0, 32),
    'the claim secret': crypto.signingKeyPair(keys.claimSeed).secretKey.subarray(0, 32),
    'the recovery secret': crypto.boxKeyPair(keys.recoverySeed).secretKey,
    'a private name': utf8(secretName),
    'a private value': utf8(secretValue),
    'the device’s name': utf8('Alice’s'),
  }
  const words = passphrase.split(' ')
  for (let i = 0; i < words.length - 1; i++) secrets[`words ${i}`] = utf8(words.slice(i, i + 2).join(' '))
  const found = Object.entries(secrets).flatMap(([name, secret]) => {
    const bytes = Buffer.from(secret)
    const forms = [
      bytes.toString('latin1'),
      bytes.toString('hex'),
      bytes.toString('base64').replaceAll('=', '').slice(0, -1),
      bytes.toString('base64url').slice(0, -1),
      bytes.toString('utf16le'),
    ]
    return forms.some((form) => text.includes(form.toLowerCase())) ? [name] : []
  })
  // The name of this device is in its own record, which is for its owner alone; of others it is sealed.
  expect(found).toEqual(['the device’s name'])
})
