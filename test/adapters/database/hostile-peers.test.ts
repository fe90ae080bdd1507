import hypercoreCrypto from 'hypercore-crypto'
import libsodium from 'libsodium-wrappers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeHeld } from '../../../src/adapters/database/held.js'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { concat, utf8 } from '../../../src/protocol/bytes.js'
import { HyphaError } from '../../../src/protocol/errors.js'
import { field, varint } from '../../wire.js'
import { attack, type } from './attacker.js'
import { type Hypha, link, newHypha, openNode, put, type TestNode, until } from './nodes.js'

let hypha: Hypha
let alice: TestNode
let friend: TestNode
const nodes: TestNode[] = []

beforeEach(async () => {
  hypha = await newHypha()
  alice = await openNode(openDatabase, hypha, { isOrigin: true })
  friend = await openNode(openDatabase, hypha)
  nodes.push(alice, friend)
  await link(alice, friend)
  await alice.db.write([put('before', 'a value that nobody else should read')])
  await until(() => friend.keys().includes('before'))
})

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ db }) => db.close()))
})

const stillWorks = async () => {
  await alice.db.write([put('after')])
  await until(() => friend.keys().includes('after'))
  expect(friend.errors).toEqual([])
}

const hash = new Array<number>(32).fill(7)
const node = (index: number, bytes: readonly number[] = hash) =>
  field(3, [...field(1, index), ...field(2, bytes), ...field(3, 10)])
const endless = [...new Array<number>(200).fill(0x80), 0]

/** Each is one message, by someone who knows the hyphalink, that ends or hangs an unguarded process, or comes close. */
const messages: Record<string, [number, number[], number?]> = {
  'an extension with a truncated number': [type.extension, [0xff, 0xff, 0xff]],
  'a number of 200 bytes where a field is to be skipped': [type.have, [...varint(9 * 8 + 2), ...endless]],
  'a header of 200 bytes': [0, endless, 2 ** 40],
  'a Have with a garbage bitfield': [type.have, [...field(1, 0), ...field(3, [0xff, 0xff, 0xff, 0xff])]],
  'a Have with a bitfield of 2^40 blocks': [
    type.have,
    [...field(1, 0), ...field(3, varint(2 ** 40 * 4 + 3))],
  ],
  'a Have with a bitfield that runs over its end': [type.have, [...field(1, 0), ...field(3, [200, 1, 0])]],
  'a Have with a bitfield at half a byte': [type.have, [...field(1, 5), ...field(3, [7])]],
  'a Have of 2^40 blocks': [type.have, [...field(1, 0), ...field(2, 2 ** 40)]],
  'a Have at 2^40': [type.have, field(1, 2 ** 40)],
  'an Unhave of 2^40 blocks': [type.unhave, [...field(1, 0), ...field(2, 2 ** 40)]],
  'a Want of 2^40 blocks': [type.want, [...field(1, 0), ...field(2, 2 ** 40)]],
  'a Want in between': [type.want, [...field(1, 8192), ...field(2, 2 ** 20)]],
  'a Request at 2^40': [type.request, field(1, 2 ** 40)],
  'a Request by byte': [type.request, [...field(1, 0), ...field(2, 1)]],
  'Data with nothing': [type.data, field(1, 0)],
  'Data without a value': [type.data, [...field(1, 0), ...node(2)]],
  'Data with a signature of 63 bytes': [
    type.data,
    [...field(1, 0), ...field(2, [1]), ...field(4, new Array<number>(63).fill(1))],
  ],
  'Data with a hash of 31 bytes': [type.data, [...field(1, 0), ...field(2, [1]), ...node(2, hash.slice(1))]],
  'Data whose proof is at 2^50': [type.data, [...field(1, 0), ...field(2, [1]), ...node(2 ** 50)]],
  'Data whose value is a number': [type.data, [...field(1, 0), ...field(2, 1)]],
  'a handshake with ten thousand extensions': [
    type.handshake,
    Array.from({ length: 10_000 }, () => field(4, [120])).flat(),
  ],
  'a feed whose discovery key is short': [type.feed, field(1, [1, 2, 3]), 1],
  'the first feed once more': [type.feed, field(1, hash)],
  'a message about a feed that it did not open': [type.have, field(1, 0), 7],
  'feed number 300': [type.feed, field(1, hash), 300],
  'a message of no known type': [12, field(1, 0)],
}

describe('a peer is disconnected, and no one else notices, for (hostile inputs, 7)', () => {
  for (const [name, [code, body, channel]] of Object.entries(messages)) {
    test(name, async () => {
      const mallory = await attack(alice, hypha)
      await until(() => mallory.protocol.remoteId !== null)
      mallory.send(code, body, channel)
      expect((await mallory.ended)?.code).toBe('PEER_MISBEHAVED')
      await stillWorks()
      expect(alice.errors).toEqual([])
    })
  }

  test('opening 300 feeds', async () => {
    const mallory = await attack(alice, hypha)
    for (let i = 1; i <= 300; i++) mallory.send(type.feed, field(1, [...varint(i), ...hash].slice(0, 32)), i)
    expect((await mallory.ended)?.code).toBe('PEER_MISBEHAVED')
    await stillWorks()
  })

  test('twenty messages about a feed that is not known here', async () => {
    const mallory = await attack(alice, hypha)
    mallory.send(type.feed, field(1, hash), 1)
    for (let i = 0; i < 20; i++) mallory.send(type.have, field(1, i), 1)
    expect((await mallory.ended)?.code).toBe('PEER_MISBEHAVED')
    await stillWorks()
  })

  test('a frame that says it has 9 MB', async () => {
    const mallory = await attack(alice, hypha)
    mallory.protocol._push(Buffer.from(varint(9_000_000)))
    expect((await mallory.ended)?.code).toBe('PEER_MISBEHAVED')
    await stillWorks()
  })

  for (const when of ['before', 'after'] as const) {
    test(`64 KiB of noise ${when} the handshake`, async () => {
      for (let round = 0; round < 8; round++) {
        const mallory = await attack(alice, hypha)
        if (when === 'after') await until(() => mallory.protocol.remoteId !== null)
        mallory.sendRaw(libsodium.randombytes_buf(64 * 1024))
        // It may happen to begin with the length of a frame: then it ends because no more comes.
        mallory.leave()
        const reason = await mallory.ended
        if (reason instanceof HyphaError) expect(reason.code).toBe('PEER_MISBEHAVED')
      }
      await stillWorks()
    })
  }

  test('a block with a wrong signature', async () => {
    const mallory = await attack(friend, hypha)
    const feed = mallory.protocol.feed(Buffer.from(alice.db.localWriter, 'hex'))
    const proof = [...field(2, [1, 2, 3]), ...field(4, new Array<number>(64).fill(1)), ...node(1)]
    feed.on('request', ({ index }) => mallory.send(type.data, [...field(1, index), ...proof], 1))
    await until(() => mallory.replication.supports('test-a'))
    // Block 2 of Alice's feed does not exist yet.
    mallory.send(type.have, field(1, 2), 1)
    expect((await mallory.ended)?.code).toBe('PEER_MISBEHAVED')
    await stillWorks()
  })
})

test('a peer that sends nothing is timed out', { timeout: 40_000 }, async () => {
  const mallory = await attack(alice, hypha)
  clearInterval(Reflect.get(mallory.protocol, '_interval'))
  expect((await mallory.ended)?.code).toBe('PEER_TIMED_OUT')
  await stillWorks()
})

test('a Have far ahead of what exists does not keep Alice from writing or her friend from syncing', async () => {
  const mallory = await attack(alice, hypha)
  const third = await openNode(openDatabase, hypha)
  nodes.push(third)
  const other = await attack(third, hypha)
  mallory.protocol.feed(Buffer.from(alice.db.localWriter, 'hex'))
  other.protocol.feed(Buffer.from(alice.db.localWriter, 'hex'))
  for (const peer of [mallory, other]) {
    peer.send(type.have, field(1, 1_000_000), 1)
    peer.send(type.have, [...field(1, 500), ...field(2, 60_000)], 1)
  }
  await link(alice, third)
  await until(() => third.keys().includes('before'))
  await stillWorks()
  await until(() => third.keys().includes('after'))
  expect(third.db.progress.every(({ proven }) => proven < 10)).toBe(true)
})

test('a peer that asks for one block ten thousand times has no more than its line waiting', async () => {
  await alice.db.write([put('big', 'v'.repeat(500_000))])
  const mallory = await attack(alice, hypha)
  mallory.protocol.feed(Buffer.from(alice.db.localWriter, 'hex'))
  await until(() => mallory.protocol.remoteId !== null)
  mallory.protocol.pause()
  for (let i = 0; i < 10_000; i++) mallory.send(type.request, field(1, 2), 1)
  mallory.protocol.resume()
  expect((await mallory.ended)?.code).toBe('PEER_MISBEHAVED')
  await stillWorks()
})

test('blocks of the origin beyond its seal are not honoured, and an alarm is raised once', async () => {
  const mallory = await attack(alice, hypha)
  await until(() => mallory.protocol.remoteId !== null)
  for (let i = 2; i < 5; i++) mallory.send(type.have, field(1, i))
  mallory.send(type.have, [...field(1, 0), ...field(2, 2 ** 20), ...field(3, [7])])
  mallory.send(type.data, [...field(1, 2), ...field(2, [1])])
  mallory.send(type.extension, [0, 1])
  await until(() => alice.errors.length > 0)
  await stillWorks()
  expect(alice.errors.map(({ code }) => code)).toEqual(['ORIGIN_UNSEALED'])
  expect(mallory.replication.stream.destroyed).toBe(false)
  expect(alice.db.progress[0]).toMatchObject({ folded: 2, proven: 2 })
})

test('another seal by the origin key proves a fork; a seal by anyone else proves nothing', async () => {
  const mallory = await attack(alice, hypha)
  await until(() => mallory.protocol.remoteSupports('hypha-seal'))
  const other = new Uint8Array(32).fill(9)
  const stranger = libsodium.crypto_sign_keypair()
  const seal = (secret: Uint8Array) => concat(other, libsodium.crypto_sign_detached(other, secret))
  mallory.channel.extension('hypha-seal', Buffer.from(seal(stranger.privateKey)))
  mallory.channel.extension('hypha-seal', Buffer.from('short'))
  await stillWorks()
  expect(alice.errors).toEqual([])
  for (let i = 0; i < 3; i++) mallory.channel.extension('hypha-seal', Buffer.from(seal(hypha.secret())))
  await until(() => alice.errors.length > 0)
  expect(alice.errors.map(({ code }) => code)).toEqual(['ORIGIN_FORKED'])
})

test('two sign-ups with one origin key find each other out', async () => {
  const twin = await openNode(openDatabase, hypha, { isOrigin: true })
  nodes.push(twin)
  await link(alice, twin)
  await until(() => alice.errors.length > 0 && twin.errors.length > 0)
  expect([...alice.errors, ...twin.errors].map(({ code }) => code)).toEqual([
    'ORIGIN_FORKED',
    'ORIGIN_FORKED',
  ])
})

test('a peer that knows only the discovery key reads nothing (hostile inputs, 19)', {
  timeout: 40_000,
}, async () => {
  const stranger = await attack(alice, hypha, new Uint8Array(32).fill(3))
  expect(Buffer.from(alice.db.discoveryKey)).toEqual(
    hypercoreCrypto.discoveryKey(Buffer.from(hypha.hyphalink)),
  )
  // Under another key its handshake is noise, or the beginning of a frame of which no more comes.
  expect(['PEER_MISBEHAVED', 'PEER_TIMED_OUT']).toContain((await stranger.ended)?.code)
  expect(stranger.replication.blocksSent).toBe(0)
  const sent = Buffer.concat(stranger.received)
  for (const text of ['before', 'a value that nobody else should read', 'hyperdb', 'test-a']) {
    expect(sent.includes(Buffer.from(utf8(text)))).toBe(false)
  }
  await stillWorks()
})

describe('what a peer says it holds', () => {
  const held = (writer: string, length: number) => encodeHeld(new Map([[writer, length]]))

  test('garbage, floods and lies cost nobody else anything, and what is said ends with who said it', async () => {
    // Waits for the friend's own word.
    await until(() => alice.db.heldBy === 1)
    const mallory = await attack(alice, hypha)
    await new Promise<void>((resolve) => mallory.protocol.once('handshake', () => resolve()))
    const { localWriter } = alice.db
    const say = (bytes: Uint8Array) => mallory.channel.extension('hypha-held', Buffer.from(bytes))
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(35),
      new Uint8Array(36).fill(0xff),
      new Uint8Array(36 * 257),
      new Uint8Array(4_000_000),
      held('00'.repeat(32), 5),
      held(localWriter, 0),
    ])
      say(bytes)
    // A claim of more than there is counts as all: it is a claim.
    say(held(localWriter, 2 ** 32 - 1))
    await until(() => alice.db.heldBy === 2)
    for (let i = 0; i < 50_000; i++) say(held(localWriter, i % 2 === 0 ? 0 : 2 ** 32 - 1))
    await stillWorks()
    mallory.leave()
    await mallory.ended
    await until(() => alice.db.heldBy === 1)
  })
})
