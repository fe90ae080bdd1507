import { afterEach, describe, expect, it } from 'vitest'
import { type InspectionEvent, waitFor } from 'xstate'
import { createCrypto } from '../../../src/adapters/crypto/sodium-crypto.js'
import { createAlwaysOnNode } from '../../../src/always-on/index.js'
import {
  createNode,
  type HyphaNode,
  memoryStorage,
  type NodeOptions,
  type Storage,
  tcp,
  webSocket,
} from '../../../src/index.js'
import { fromHex, toHex, utf8 } from '../../../src/protocol/bytes.js'
import { deriveKeys, passphraseSalt } from '../../../src/protocol/keys.js'
import {
  createSession,
  type Inspection,
  inspect,
  parseSession,
} from '../../../src/ui-bridge/inspector/index.js'
import { arrived, next, reached, until } from '../../node/until.js'
import { allOf, expectSound } from './look.js'
import { ofBytes, ofText, ofWords, type Secret, search } from './search.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const DOMAIN = 'alice.example'
const crypto = await createCrypto()

/** What a storage is given to keep a writer's secret key in. */
const spiedStorage = (onSecret: (bytes: Uint8Array) => void): Storage => {
  const storage = memoryStorage()
  return {
    ...storage,
    get isEmpty() {
      return storage.isEmpty === true
    },
    file: (name) => {
      const file = storage.file(name)
      if (!name.endsWith('secret_key')) return file
      return {
        ...file,
        write: (offset, bytes, callback) => {
          onSecret(new Uint8Array(bytes))
          file.write(offset, bytes, callback)
        },
      }
    },
  }
}

/** All that an XState inspector could print of an event. */
const printed = (event: InspectionEvent): string => {
  const shown = { type: event.type, event: 'event' in event ? event.event : undefined }
  const snapshot =
    'snapshot' in event
      ? { ...event.snapshot, machine: undefined, _nodes: undefined, children: undefined }
      : {}
  const action = event.type === '@xstate.action' ? event.action : undefined
  return JSON.stringify({ ...shown, snapshot, action }, (_key, value: unknown) => {
    if (value instanceof Error)
      return { ...value, message: value.message, stack: value.stack, cause: String(value.cause) }
    if (value instanceof Map || value instanceof Set) return [...value]
    return typeof value === 'bigint' || typeof value === 'function' ? String(value) : value
  })
}

/** A person's story on real nodes, and everything in it that nobody may learn from looking on. */
const liveThrough = async () => {
  const secrets: Secret[] = []
  const wordsToCompare: Secret[] = []
  const inspections: Inspection[] = []
  const raw: string[] = []
  const writerKeys: string[] = []
  const look = <Node extends object>(node: Node): Node => {
    inspections.push(inspect(node, { capacity: 100_000 }))
    return node
  }
  /** A seed, and the public key that everybody may know. */
  const newStorage = () =>
    spiedStorage((bytes) => {
      const [seed, publicKey] = [bytes.slice(-64, -32), bytes.slice(-32)]
      writerKeys.push(toHex(publicKey))
      secrets.push(ofBytes(`the secret key of writer ${writerKeys.length}`, seed))
    })
  const device = (options: NodeOptions): HyphaNode => {
    const node = createNode({
      storage: newStorage(),
      inspect: (event) => void raw.push(printed(event)),
      ...options,
    })
    ends.push(() => node.close())
    return look(node)
  }
  const plain = (label: string, text: string): string => {
    secrets.push(ofText(label, text))
    return text
  }
  const ask = (node: HyphaNode) => {
    const { words = [] } = node.request() ?? {}
    expect(words).toHaveLength(5)
    wordsToCompare.push(ofWords(`words to compare: ${words.join(' ')}`, words, 2))
    return words
  }

  const host = look(await createAlwaysOnNode({ port: 0, tcpPort: 0 }))
  ends.push(() => host.close())
  const road = tcp({ listen: '127.0.0.1:0' })
  const laptop = device({ name: 'Alice’s laptop', transports: [webSocket(host.url), road] })
  const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
  secrets.push(
    ofText('the passphrase', passphrase),
    ofWords('words of the passphrase', passphrase.split(' '), 3),
  )
  secrets.push(ofText('the hyphalink', hyphalink), ofBytes('the hyphalink’s bytes', fromHex(hyphalink, 32)!))
  const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(DOMAIN, crypto.hash))
  const derived = deriveKeys(master, crypto.deriveKey)
  for (const [name, key] of Object.entries({ master, ...derived })) secrets.push(ofBytes(`the ${name}`, key))
  secrets.push(
    ofBytes('the origin’s secret key', crypto.signingKeyPair(derived.identitySeed).secretKey.slice(0, 32)),
  )
  secrets.push(ofBytes('the recovery key', crypto.boxKeyPair(derived.recoverySeed).secretKey))
  secrets.push(ofBytes('the key of introductions', crypto.deriveKey('meetings', derived.channelKey)))

  await laptop.put(plain('a name', 'diary/heliotrope'), {
    text: plain('a value', 'Met the marmalade inspector'),
  })
  await laptop.put(plain('a public name', 'page/aubergine'), plain('a public value', 'a public parsnip'), {
    public: true,
  })

  // A wrong passphrase, and one that is another's.
  const phoneStorage = newStorage()
  const phoneRoad = tcp({ connect: [`127.0.0.1:${host.tcpPort}`] })
  let phone = device({
    name: 'Alice’s phone',
    storage: phoneStorage,
    transports: [phoneRoad],
    requireWords: true,
  })
  const wrong = passphrase.split(' ').with(2, plain('a mistyped word', 'wrongzword')).join(' ')
  await expect(phone.signIn({ domain: DOMAIN, passphrase: wrong })).rejects.toThrow()
  await expect(phone.signIn({ domain: 'other.example', passphrase })).rejects.toThrow()

  // The phone asks over TCP and the always-on node, and is let in by comparing.
  const asked = next(laptop, 'authorisation-requested')
  await phone.signIn({ domain: DOMAIN, passphrase })
  const request = await asked
  expect(request.words).toEqual(ask(phone))
  await laptop.authorise(request.id, { words: request.words })
  await reached(phone, 'writer')
  expect(await arrived(phone, 'diary/heliotrope')).toBeTruthy()
  await phone.put(plain('another name', 'diary/saffron'), plain('another value', 'The turnip was mine'))
  await phone.batch([
    {
      type: 'put',
      key: plain('a batch’s name', 'diary/quince'),
      value: plain('a batch’s value', 'pickled walnuts'),
    },
    { type: 'del', key: 'diary/saffron' },
  ])
  await arrived(laptop, 'diary/quince')
  const heard = next(laptop, 'message')
  phone.broadcast({ [plain('a field of a message', 'rhubarb')]: plain('a message', 'custard at noon') })
  await heard
  const direct = next(phone, 'message')
  laptop.send(phone.writerKey ?? '', plain('a direct message', 'bring the trombone'))
  await direct

  // The tablet, over WebSocket and straight to the laptop, is declined, takes its question back, and is let in by typed words.
  const tablet = device({
    name: 'Alice’s tablet',
    transports: [webSocket(host.url), tcp({ connect: [road.listening ?? ''] })],
  })
  const first = next(laptop, 'authorisation-requested')
  await tablet.signIn({ domain: DOMAIN, passphrase })
  const answer = tablet.requestAuthorisation()
  ask(tablet)
  await laptop.decline((await first).id)
  expect(await answer).toEqual({ outcome: 'declined' })
  const taken = next(laptop, 'authorisation-requested')
  const cancelled = tablet.requestAuthorisation()
  await taken
  ask(tablet)
  tablet.cancelRequest()
  expect(await cancelled).toEqual({ outcome: 'cancelled' })
  void tablet.requestAuthorisation()
  const { id } = await until(tablet, () => tablet.request())
  const shown = await until(phone, () => phone.requests().find((other) => other.id === id))
  expect(shown.words).toEqual([])
  await expect(phone.authorise(id, { words: 'one two three four five' })).rejects.toThrow()
  await phone.authorise(id, { words: ask(tablet) })
  await reached(tablet, 'writer')

  // A road with a token in its URL, which leads nowhere; and a reader by hyphalink.
  const token = plain('a token', 'tokenofmulberry')
  const lost = device({
    name: 'a television',
    transports: [webSocket(`http://127.0.0.1:1/${token}?token=${token}#${token}`)],
  })
  const unreachable = next(lost, 'error')
  await lost.open({ hyphalink })
  expect((await unreachable).code).toBe('ADDRESS_UNREACHABLE')

  // The phone is closed and comes back out of its storage.
  await phone.close()
  phone = device({
    name: 'Alice’s phone',
    storage: phoneStorage,
    transports: [tcp({ connect: [road.listening ?? ''] })],
  })
  await reached(phone, 'writer')
  await phone.signIn({ domain: DOMAIN, passphrase })
  await until(phone, () => phone.getSnapshot().peers.length > 0)
  await expect(phone.put(plain('a refused name', '.hypha/gooseberry'), 1)).rejects.toThrow()
  expect(writerKeys).toEqual(expect.arrayContaining([laptop, phone, tablet].map((node) => node.writerKey)))
  await laptop.close()
  await waitFor(laptop.actor, ({ status }) => status !== 'active')
  await until(phone, () => phone.getSnapshot().peers.length === 0)
  return { secrets, wordsToCompare, inspections, raw, host }
}

describe('a whole story, recorded on all of its nodes', () => {
  it('gives no secret away, in the inspector nor to what createNode was given', async () => {
    const { secrets, wordsToCompare, inspections, raw, host } = await liveThrough()
    const session = createSession(inspections.map((inspection) => inspection.recording()))
    const text = JSON.stringify(session)
    expect(search(text, [...secrets, ...wordsToCompare])).toEqual([])
    expect(search(raw.join('\n'), secrets)).toEqual([])

    // It was all there to be told.
    for (const recording of session.recordings) {
      expect(recording.dropped).toBe(0)
      expectSound(recording)
    }
    const events = session.recordings.flatMap(allOf)
    const kinds = new Set(
      events.map((event) => (event.type === 'hypha.message' ? `${event.what} ${event.kind}` : '')),
    )
    for (const kind of ['request', 'acknowledgement', 'decision', 'cancel', 'app']) {
      expect(kinds).toContain(`sent ${kind}`)
      expect(kinds).toContain(`received ${kind}`)
    }
    expect(kinds).toContain('relayed undefined')
    expect(text).toContain('Alice’s tablet')
    expect(parseSession(text)).toEqual(parseSession(JSON.parse(text)))
    expect(secrets.length).toBeGreaterThan(25)
    expect(wordsToCompare).toHaveLength(4)

    // What is planted in the same text is found, so that silence means something.
    for (const secret of [...secrets, ...wordsToCompare])
      expect(
        search(
          text.replace('}', () => `}${secret.example}`),
          [secret],
        ),
      ).toEqual([secret.label])
    const onHost = session.recordings.find(({ node }) => node.kind === 'always-on')
    expect(onHost?.events.length).toBeGreaterThan(0)
    expect(host.status().hyphas).toBe(1)
  })
})

describe('the search itself', () => {
  const key = Uint8Array.from({ length: 64 }, (_, i) => (i * 37 + 11) % 256)
  const words = ['apple', 'yo-yo', 'carrot', 'dune', 'eagle']
  const secrets = [ofBytes('key', key), ofText('text', 'He said "hush"'), ofWords('words', words, 3)]
  const session = (planted: unknown) =>
    JSON.stringify(
      createSession([{ node: { rootId: 'a', name: 'a', kind: 'node' }, before: [], events: [], dropped: 0 }]),
    ).replace('"before":[]', () => `"before":[${JSON.stringify({ deep: { planted } })}]`)

  it.each([
    ['key', Buffer.from(key).toString('hex')],
    ['key', Buffer.from(key).toString('hex').toUpperCase()],
    ['key', `of it ${Buffer.from(key).toString('hex', 20, 33)}`],
    ['key', Buffer.from(key).toString('base64')],
    ['key', Buffer.from(key).toString('base64url')],
    ['key', [...key]],
    ['key', key],
    ['key', Buffer.from(key)],
    ['text', 'He said "hush" to me'],
    ['words', 'my words: Yo-Yo Carrot Dune!'],
    ['words', words],
    ['words', { first: 'apple', second: 'yo-yo', third: 'carrot' }],
  ])('finds a planted %s: %j', (label, planted) => {
    // Field names stand between words there.
    const text =
      label === 'words' && !Array.isArray(planted) && typeof planted === 'object'
        ? Object.values(planted).join(' ')
        : planted
    expect(search(session(text), secrets)).toEqual([label])
  })

  it('finds nothing where nothing is', () => {
    expect(search(session('apple and yo-yo, hush'), secrets)).toEqual([])
  })
})
