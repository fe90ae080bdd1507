import hypercoreCrypto from 'hypercore-crypto'
import libsodium from 'libsodium-wrappers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeHeld } from '../../../src/adapters/database/held.js'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { createSealKeeper } from '../../../src/adapters/database/seal-keeper.js'
import { concat, fromHex, utf8 } from '../../../src/protocol/bytes.js'
import { HyphaError } from '../../../src/protocol/errors.js'
import { PROOF } from '../../../src/protocol/extensions.js'
import {
  decodeHeldProof,
  encodeHeldProof,
  type HeldProofAnswer,
  type HeldProofAsk,
} from '../../../src/protocol/held-proof.js'
import {
  HELD_PROOF_AGAIN_MS,
  HELD_PROOF_ANSWER_BURST,
  HELD_PROOF_ANSWERS_PER_SECOND,
  MAX_BITFIELD_BLOCKS,
  MAX_EXTENSIONS,
  MAX_FEED_LENGTH,
  MAX_HAVE_RUN,
  MAX_HELD_PROOF_BLOCKS,
  MAX_PROOF_NODES,
  MAX_WAITING_REQUESTS,
  MAX_WANTS_OF_A_REGION,
} from '../../../src/protocol/limits.js'
import { createNoise } from '../../noise.js'
import { field, varint } from '../../wire.js'
import { attack, type } from './attacker.js'
import {
  authorise,
  type Hypha,
  happened,
  link,
  newHypha,
  openNode,
  put,
  type TestNode,
  until,
} from './nodes.js'

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

/** Blocks of one page of hypercore's bitfield: the least that it asks for. */
const REGION = 8_192

const hash = new Array<number>(32).fill(7)
const node = (index: number, bytes: readonly number[] = hash) =>
  field(3, [...field(1, index), ...field(2, bytes), ...field(3, 10)])

/** Each is one message by someone who knows the hyphalink: our limits refuse it. hypercore-protocol by itself takes it, or ends the stream. */
const messages: Record<string, [number, number[], number?]> = {
  'an Unhave of one block too many': [type.unhave, [...field(1, 0), ...field(2, MAX_HAVE_RUN + 1)]],
  'a Want of one region too many': [type.want, [...field(1, 0), ...field(2, MAX_BITFIELD_BLOCKS + 8192)]],
  'a Want in between': [type.want, [...field(1, 4096), ...field(2, 8192)]],
  'a Request beyond the longest feed': [type.request, field(1, MAX_FEED_LENGTH)],
  'a Request by byte': [type.request, [...field(1, 0), ...field(2, 1)]],
  'Data without a value': [type.data, [...field(1, 0), ...node(2)]],
  'Data with a signature of 63 bytes': [
    type.data,
    [...field(1, 0), ...field(2, [1]), ...field(4, new Array<number>(63).fill(1))],
  ],
  'Data with a hash of 31 bytes': [type.data, [...field(1, 0), ...field(2, [1]), ...node(2, hash.slice(1))]],
  'Data with one node too many in its proof': [
    type.data,
    [...field(1, 0), ...field(2, [1]), ...Array.from({ length: MAX_PROOF_NODES + 1 }, () => node(0)).flat()],
  ],
  'Data whose proof is beyond the longest feed': [
    type.data,
    [...field(1, 0), ...field(2, [1]), ...node(2 * MAX_FEED_LENGTH)],
  ],
  'Data whose value is a number': [type.data, [...field(1, 0), ...field(2, 1)]],
  'a handshake with one extension too many': [
    type.handshake,
    Array.from({ length: MAX_EXTENSIONS + 1 }, () => field(4, [120])).flat(),
  ],
  'a feed whose discovery key is short': [type.feed, field(1, [1, 2, 3]), 1],
  'the first feed once more': [type.feed, field(1, hash)],
  'a message about a feed that it did not open': [type.have, field(1, 0), 7],
  'feed number 300': [type.feed, field(1, hash), 300],
  'a message of no known type': [12, field(1, 0)],
}

describe('a peer is disconnected, and no one else notices, for', () => {
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
      const noise = createNoise(`noise ${when} the handshake`)
      for (let round = 0; round < 8; round++) {
        const mallory = await attack(alice, hypha)
        if (when === 'after') await until(() => mallory.protocol.remoteId !== null)
        mallory.sendRaw(noise.bytes(64 * 1024))
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

test('messages damaged in any place cost at the most the connection', async () => {
  const noise = createNoise('damaged messages')
  const right: [number, number[]][] = [
    [type.want, [...field(1, 0), ...field(2, 8192)]],
    [type.request, field(1, 1)],
    [type.unhave, [...field(1, 3), ...field(2, 2)]],
    [type.handshake, [...field(1, hash), ...field(4, [120])]],
    [
      type.data,
      [...field(1, 0), ...field(2, [1, 2, 3]), ...node(2), ...field(4, new Array<number>(64).fill(1))],
    ],
  ]
  for (let round = 0; round < 40; round++) {
    const mallory = await attack(alice, hypha)
    await until(() => mallory.protocol.remoteId !== null)
    const [code, body] = right[round % right.length]!
    mallory.send(code, [...noise.damaged(Uint8Array.from(body))])
    mallory.leave()
    const reason = await mallory.ended
    if (reason instanceof HyphaError) expect(reason.code).toBe('PEER_MISBEHAVED')
  }
  await stillWorks()
})

test('blocks that were announced and never come keep nobody from writing', async () => {
  const late = await openNode(openDatabase, hypha)
  nodes.push(late)
  await link(alice, late).then(async ({ cut }) => {
    await until(() => late.keys().includes('before'))
    await authorise(alice, late)
    await alice.db.write(Array.from({ length: 2_000 }, (_, i) => put(`many/${i}`, 'v'.repeat(1_000))))
    await until(() => late.db.progress.some(({ proven, folded }) => proven > folded))
    await cut()
  })
  expect(late.keys()).not.toContain('many/1999')
  await late.db.write([put('from late')])
  expect(late.keys()).toContain('from late')
  expect(late.errors).toEqual([])
})

test('a peer that asks for one block again and again has no more than its line waiting', async () => {
  await alice.db.write([put('a page', 'v'.repeat(4_000))])
  await until(() => friend.keys().includes('a page'))
  // Her friend has her feed open for anybody; she herself shows hers to who has said what it knows of it.
  const mallory = await attack(friend, hypha)
  mallory.protocol.feed(Buffer.from(alice.db.localWriter, 'hex'))
  await until(() => mallory.protocol.remoteId !== null)
  mallory.protocol.pause()
  for (let i = 0; i < 2 * MAX_WAITING_REQUESTS; i++) mallory.send(type.request, field(1, 2), 1)
  mallory.protocol.resume()
  expect((await mallory.ended)?.message).toContain('more requests than can be under way')
  await stillWorks()
})

test('a peer that asks what is here of one region again and again is answered as often as who lost its storage needs, and then not', async () => {
  const mallory = await attack(friend, hypha)
  const feed = mallory.protocol.feed(Buffer.from(alice.db.localWriter, 'hex'))
  const answers: number[] = []
  feed.on('have', ({ start, length }) => {
    if (length === REGION) answers.push(start)
    happened()
  })
  await until(() => mallory.protocol.remoteId !== null)
  const want = (start: number) => mallory.send(type.want, [...field(1, start), ...field(2, REGION)], 1)
  for (let i = 0; i < MAX_WANTS_OF_A_REGION; i++) want(0)
  await until(() => answers.length === MAX_WANTS_OF_A_REGION)
  want(0)
  // Another region is another matter, and its answer comes after the one that there was none of.
  want(MAX_BITFIELD_BLOCKS)
  await until(() => answers.includes(MAX_BITFIELD_BLOCKS))
  expect(answers.filter((start) => start === 0)).toHaveLength(MAX_WANTS_OF_A_REGION)
  await stillWorks()
  expect(alice.errors).toEqual([])
})

test('what is offered of the origin beyond its seal is not honoured, and an alarm is raised once', () => {
  const alarms: string[] = []
  const seals = createSealKeeper(hypha.hyphalink, ({ code }) => alarms.push(code))
  const have = (start: number) => ({ start, length: 1, bitfield: null, ack: false })
  expect(seals.admits({ type: 'have', message: have(1) })).toBe(true)
  expect(alarms).toEqual([])
  for (let start = 2; start < 5; start++) {
    expect(seals.admits({ type: 'have', message: have(start) })).toBe(false)
  }
  expect(alarms).toEqual(['ORIGIN_UNSEALED'])
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

test('a peer that knows only the discovery key reads nothing', {
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
  const all = () => held(alice.db.localWriter, 2 ** 32 - 1)
  const liar = async () => {
    const mallory = await attack(alice, hypha, undefined, {}, [PROOF])
    const asks: HeldProofAsk[] = []
    const answers: HeldProofAnswer[] = []
    mallory.channel.on('extension', (name: string, bytes: Uint8Array) => {
      const message = name === PROOF ? decodeHeldProof(bytes) : undefined
      if (message?.type === 'ask') asks.push(message)
      else if (message) answers.push(message)
      happened()
    })
    await until(() => mallory.protocol.remoteSupports(PROOF))
    const say = (extension: string, bytes: Uint8Array) =>
      mallory.channel.extension(extension, Buffer.from(bytes))
    return { asks, answers, say, leave: mallory.leave, ended: mallory.ended }
  }
  const friendsFeed = async () => {
    await authorise(alice, friend)
    await friend.db.write([put('from the friend')])
    await until(() => alice.keys().includes('from the friend') && friend.db.heldBy === 1)
    return fromHex(friend.db.localWriter, 32)!
  }

  test('garbage and floods cost nobody else anything, and count for nothing', async () => {
    // Waits for the friend's own proof.
    await until(() => alice.db.heldBy === 1)
    // It doesn't know of proofs, as older nodes.
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
    for (let i = 0; i < 50_000; i++) say(i % 2 === 0 ? held(localWriter, 0) : all())
    await stillWorks()
    await until(() => alice.db.heldBy === 1)
    mallory.leave()
    await mallory.ended
    expect(alice.db.heldBy).toBe(1)
  })

  test('is asked for, and answers that are made up, handed on or late never count', async () => {
    await until(() => alice.db.heldBy === 1)
    const mallory = await liar()
    const accomplice = await liar()
    mallory.say('hypha-held', all())
    await until(() => mallory.asks.length === 1)
    const [ask] = mallory.asks as [HeldProofAsk]
    expect(Buffer.from(ask.feed).toString('hex')).toBe(alice.db.localWriter)
    expect(ask.blocks.length).toBeLessThanOrEqual(MAX_HELD_PROOF_BLOCKS)
    // Who wrote it would know the answer: it is asked over this link and over another.
    for (const { say } of [mallory, accomplice]) say(PROOF, encodeHeldProof(ask))
    // An ask about another feed is answered, so the two before it were not.
    const feed = await friendsFeed()
    for (const { say } of [mallory, accomplice])
      say(PROOF, encodeHeldProof({ type: 'ask', feed, nonce: ask.nonce, blocks: [0, 1] }))
    await until(() => mallory.answers.length > 0 && accomplice.answers.length > 0)
    expect([mallory.answers.length, accomplice.answers.length]).toEqual([1, 1])
    // The hash of other blocks, under the right nonce.
    mallory.say(PROOF, encodeHeldProof(mallory.answers[0]!))
    mallory.say(PROOF, new Uint8Array(33))
    // Whatever came before this has been looked at once this is answered.
    mallory.say(PROOF, encodeHeldProof({ type: 'ask', feed, nonce: ask.nonce, blocks: [0, 1] }))
    await until(() => mallory.answers.length === 2)
    // Her friend may still be proving what she wrote to let it in.
    expect(alice.db.heldBy).toBeLessThanOrEqual(1)
    await stillWorks()
    await until(() => alice.db.heldBy === 1)
    expect(alice.errors).toEqual([])
  })

  test('is asked with another nonce and other blocks by each who wants to know, and one ask is out at a time', async () => {
    await until(() => alice.db.heldBy === 1)
    await alice.db.write(Array.from({ length: 200 }, (_, i) => put(`${i}`)))
    const began = performance.now()
    const liars = await Promise.all(Array.from({ length: 4 }, liar))
    for (let i = 0; i < 100; i++)
      for (const { say } of liars) {
        say('hypha-held', held(alice.db.localWriter, 0))
        say('hypha-held', all())
      }
    await until(() => liars.every(({ asks }) => asks.length > 0))
    await stillWorks()
    const most = 1 + (performance.now() - began) / HELD_PROOF_AGAIN_MS
    for (const { asks } of liars) expect(asks.length).toBeLessThanOrEqual(most)
    const asked = liars.map(({ asks }) => asks[0]!)
    expect(new Set(asked.map(({ nonce }) => Buffer.from(nonce).toString('hex'))).size).toBe(4)
    // Each has the last block, which only who has all of it in order can have.
    expect(new Set(asked.map(({ blocks }) => blocks.at(-1))).size).toBe(1)
    expect(new Set(asked.map(({ blocks }) => blocks.join())).size).toBeGreaterThan(1)
    expect(alice.db.heldBy).toBeLessThanOrEqual(1)
  })

  test('is proven to whoever asks, as often as an honest writer does', async () => {
    const feed = await friendsFeed()
    const curious = await liar()
    const began = performance.now()
    const ask = (block: number): HeldProofAsk => ({
      type: 'ask',
      feed,
      nonce: new Uint8Array(32),
      blocks: [block],
    })
    for (let i = 0; i < 1_000; i++) {
      curious.say(PROOF, encodeHeldProof(ask(0)))
      // A block that is not there.
      curious.say(PROOF, encodeHeldProof(ask(1_000)))
    }
    await until(() => curious.answers.length > 0)
    await stillWorks()
    const seconds = (performance.now() - began) / 1_000
    expect(curious.answers.length).toBeLessThanOrEqual(
      HELD_PROOF_ANSWER_BURST + HELD_PROOF_ANSWERS_PER_SECOND * seconds,
    )
    expect(alice.errors).toEqual([])
  })
})
