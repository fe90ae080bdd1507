import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { findSession } from '../../src/cli/session/client.js'
import { createOperations } from '../../src/cli/session/operations.js'
import { serveSession } from '../../src/cli/session/server.js'
import {
  createNode,
  fileStorage,
  HyphaError,
  type HyphaNode,
  type NodeOptions,
  tcp,
} from '../../src/index.js'
import { toHex, utf8 } from '../../src/protocol/bytes.js'
import { deriveKeys, passphraseSalt } from '../../src/protocol/keys.js'
import { arrived, next, reached, until } from '../node/until.js'

const DOMAIN = 'alice.example'
const PRIVATE_NAME = 'diary/of a private person'
const PRIVATE_VALUE = 'what nobody else should read'
const MESSAGE = 'a message between her devices'

/** Everything that an inspector, a log or a bug report could get hold of, as text. */
const seen: string[] = []

/** Own data of anything, as deep as it goes: bytes as hex, other actors by name only, as inspectors show them. */
const textOf = (value: unknown, known = new Set<object>()): string => {
  if (typeof value === 'function') return ''
  if (typeof value !== 'object' || value === null) return `${String(value)} `
  if (known.has(value)) return ''
  known.add(value)
  if (value instanceof Uint8Array) return `${toHex(value)} ${Buffer.from(value).toString('base64')} `
  if (value instanceof Error)
    return `${value.name} ${value.message} ${value.stack} ${textOf(value.cause, known)} ${textOf({ ...value }, known)}`
  if (value instanceof Map || value instanceof Set) return textOf([...value], known)
  if ('sessionId' in value && 'send' in value) return textOf(Reflect.get(value, 'id'), known)
  return Object.entries(value)
    .filter(([name]) => name !== 'machine' && name !== '_nodes')
    .map(([name, inner]) => `${name}: ${textOf(inner, known)}`)
    .join('')
}
const record = (value: unknown) => void seen.push(textOf(value))

const nodes: HyphaNode[] = []
const open = (options: NodeOptions) => {
  const node = createNode({
    ...options,
    inspect: (event) => {
      record(event)
      seen.push(JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
    },
  })
  node.on('error', record)
  node.on('authorisation-requested', record)
  node.on('peer-connected', record)
  nodes.push(node)
  return node
}

beforeEach(() => {
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const)
    vi.spyOn(console, name).mockImplementation((...given) => record(given))
})
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  vi.restoreAllMocks()
})

/** Everything that nobody may find, in the forms in which it could be. */
const secretsOf = async (passphrase: string, hyphalink: string): Promise<[string, string][]> => {
  const crypto = await createCrypto()
  const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(DOMAIN, crypto.hash))
  const keys = deriveKeys(master, crypto.deriveKey)
  const origin = crypto.signingKeyPair(keys.identitySeed)
  const bytes: Record<string, Uint8Array> = {
    master,
    ...keys,
    'the origin’s secret key': origin.secretKey,
    'the recovery secret': crypto.boxKeyPair(keys.recoverySeed).secretKey,
    'the claim secret': crypto.signingKeyPair(keys.claimSeed).secretKey,
    'the hyphalink': origin.publicKey,
  }
  expect(toHex(origin.publicKey)).toBe(hyphalink)
  const words = passphrase.split(' ')
  return [
    ['a private name', PRIVATE_NAME],
    ['a private value', PRIVATE_VALUE],
    ['a message', MESSAGE],
    ...Object.entries(bytes).flatMap(([name, secret]): [string, string][] => [
      [name, toHex(secret)],
      [`${name} in base64`, Buffer.from(secret).toString('base64').replaceAll('=', '')],
      [`${name} in base64url`, Buffer.from(secret).toString('base64url')],
      [`${name} as numbers`, [...secret.slice(0, 8)].join(',')],
    ]),
    ...words.slice(2).map((_, i): [string, string] => ['the passphrase', words.slice(i, i + 3).join(' ')]),
  ]
}

it('no secret is in what a node shows while Alice signs up, signs in, asks, writes and talks', async () => {
  const road = tcp({ listen: '127.0.0.1:0' })
  const laptop = open({ name: 'Alice’s laptop', transports: [road] })
  const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
  const phone = open({ name: 'Alice’s phone', transports: [tcp({ connect: [road.listening as string] })] })
  const snap = () => {
    for (const { actor } of nodes) {
      record(actor.getSnapshot())
      record(actor.getSnapshot().toJSON())
      record(actor.getPersistedSnapshot())
      seen.push(inspect(actor.getSnapshot().context, { depth: 4 }))
    }
  }

  // Wrong turns first: their errors are shown too.
  const words = passphrase.split(' ')
  for (const wrong of [words.slice(1), words.with(3, 'zebra'), [...words, words[0]], words.toReversed()]) {
    const error = await phone
      .signIn({ domain: DOMAIN, passphrase: wrong.join(' ') })
      .catch((reason) => reason)
    expect(error).toBeInstanceOf(HyphaError)
    record(error)
    seen.push(inspect(error))
    snap()
  }
  const asked = next(laptop, 'authorisation-requested')
  await phone.signIn({ domain: DOMAIN, passphrase })
  snap()
  await laptop.authorise((await asked).id)
  await reached(phone, 'writer')
  await phone.put(PRIVATE_NAME, PRIVATE_VALUE)
  expect(await arrived(laptop, PRIVATE_NAME)).toBe(PRIVATE_VALUE)
  const heard = next(laptop, 'message')
  phone.send(laptop.writerKey as string, MESSAGE)
  expect((await heard).message).toBe(MESSAGE)
  for (const promise of [laptop.put('.hypha/x', PRIVATE_VALUE), laptop.put(PRIVATE_NAME, undefined)])
    record(await promise.catch((reason) => reason))
  snap()
  await until(laptop, () => laptop.getSnapshot().nodes.length === 2)
  await Promise.all(nodes.map((node) => node.close()))
  snap()

  const secrets = await secretsOf(passphrase, hyphalink)
  const all = seen.join('\n').toLowerCase()
  expect(all.length).toBeGreaterThan(10_000)
  // It is searched where there is something to find.
  for (const shown of [
    phone.writerKey ?? laptop.nodes()[0]?.writerKey ?? '',
    'alice’s phone',
    DOMAIN,
    'request.received',
  ])
    expect(all).toContain(shown)
  const leaks = secrets.filter(([, secret]) => all.includes(secret.toLowerCase()))
  expect(leaks.map(([name]) => name)).toEqual([])
})

it('no secret is in what a node shows while it comes back, nor in what its commands say to each other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-secrets-'))
  const directory = join(folder, 'store')
  const before = open({ name: 'Alice’s laptop', storage: fileStorage(directory) })
  const { passphrase, hyphalink } = await before.signUp({ domain: DOMAIN })
  await before.put(PRIVATE_NAME, PRIVATE_VALUE)
  await before.close()
  seen.splice(0)

  const locking = open({ storage: fileStorage(directory) })
  const shown = [locking]
  const look = () => {
    for (const { actor } of shown) {
      record(actor.getSnapshot())
      record(actor.getPersistedSnapshot())
      seen.push(inspect(actor.getSnapshot().context, { depth: 4 }))
    }
  }
  look()
  await reached(locking, 'origin')
  // Only now: who comes first has the lock.
  const locked = open({ storage: fileStorage(directory) })
  shown.push(locked)
  look()
  await reached(locked, 'failed')
  look()
  for (const wrong of [passphrase.split(' ').slice(1), [...passphrase.split(' ')].toReversed()]) {
    const error = await locking
      .signIn({ domain: DOMAIN, passphrase: wrong.join(' ') })
      .catch((reason) => reason)
    expect(error).toBeInstanceOf(HyphaError)
    record(error)
  }
  await locking.signIn({ domain: DOMAIN, passphrase })
  look()

  // Both ends of the session, as they go over its socket.
  const served = { path: join(folder, 'real'), folder }
  const server = await serveSession(served, createOperations(locking), { command: 'run', pid: 1 })
  const between = createServer((client) => {
    const real = connect(served.path)
    client.on('data', (bytes) => seen.push(String(bytes))).pipe(real)
    real.on('data', (bytes) => seen.push(String(bytes))).pipe(client)
    for (const socket of [client, real]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => between.listen(join(folder, 'tapped'), resolve))
  const desk = await findSession({ path: join(folder, 'tapped'), folder })
  await desk?.call('status', {})
  await desk?.call('nodes', {})
  for (const key of ['.hypha/x', ''])
    record(await desk?.call('put', { key, value: 1, public: false }).catch((reason) => reason))
  record(await desk?.call('authorise', { id: 'nobody' }).catch((reason) => reason))
  await desk?.close()
  await server.close()
  between.close()
  await locking.close()
  await locked.close()
  await rm(folder, { recursive: true })

  const all = seen.join('\n').toLowerCase()
  for (const shown of ['alice’s laptop', '"method":"status"', 'storage_locked', 'recalling'])
    expect(all).toContain(shown)
  const secrets = await secretsOf(passphrase, hyphalink)
  // Whose hypha it is is for its owner to see: a command prints it, and only inspectors must not.
  const leaks = secrets.filter(
    ([name, secret]) => name !== 'the hyphalink' && all.includes(secret.toLowerCase()),
  )
  expect(leaks.map(([name]) => name)).toEqual([])
})
