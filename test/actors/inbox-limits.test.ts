import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainCodec } from '../../src/actors/codec.js'
import { type ChannelListener, createInbox } from '../../src/actors/inbox.js'
import { createLink, type Link } from '../../src/actors/link.js'
import { createSeen } from '../../src/actors/seen.js'
import type { Crypto, KeyPair } from '../../src/adapters/crypto/crypto.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import type { Database } from '../../src/adapters/database/database.js'
import { openDatabase } from '../../src/adapters/database/hyperdb-database.js'
import { systemClock } from '../../src/adapters/platform.js'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import { createMemoryNetwork, memoryTransport } from '../../src/adapters/transport/memory-transport.js'
import type { Connection } from '../../src/adapters/transport/transport.js'
import { encodeAppMessage } from '../../src/protocol/app-message.js'
import { toHex, utf8 } from '../../src/protocol/bytes.js'
import { encodeControl } from '../../src/protocol/control-message.js'
import { RELAY } from '../../src/protocol/extensions.js'
import {
  CONTROL_REPLAY_TTL_MS,
  FRAME_BURST,
  FRAMES_PER_SECOND,
  MAX_CONTROL_REPLAY,
  MAX_FRAME_BYTES,
  MAX_SEEN_MESSAGES,
  RELAY_FRAME_FACTOR,
  RELAY_HINT_BURST,
  REQUEST_BURST_PER_TARGET,
  REQUEST_INTERVAL_PER_TARGET_MS,
  REQUEST_LIFETIME_MS,
  SEEN_MESSAGE_TTL_MS,
} from '../../src/protocol/limits.js'
import { createTransportHost } from '../../src/testing/contracts/transport-host.js'

/** One inbox, one link, and a clock that stands still unless it is moved: limits are about moments. */
let crypto: Crypto
let database: Database
let connection: Connection
const network = createMemoryNetwork()
const roads = [memoryTransport(network), memoryTransport(network)] as const

beforeAll(async () => {
  crypto = await createCrypto()
  const { publicKey } = crypto.signingKeyPair()
  const events = { entries: () => {}, progress: () => {}, error: () => {} }
  database = await openDatabase({ hyphalink: publicKey, storage: memoryStorage(), events })
  connection = await new Promise<Connection>((resolve) => {
    for (const road of roads) {
      void road.start(database.discoveryKey, createTransportHost({ connection: resolve }))
    }
  })
})
afterAll(async () => {
  await Promise.all(roads.map((road) => road.stop()))
  await database.close()
})

const setUp = ({ declined }: { declined?: string } = {}) => {
  let now = 1_800_000_000_000
  const messages: unknown[] = []
  const requests: string[] = []
  const reasons: string[] = []
  const declinedAgain: string[] = []
  let appeared = 0
  const seen = createSeen()
  const codec = plainCodec()
  const inbox = createInbox({
    codec,
    crypto,
    database,
    hyphalink: toHex(database.hyphalink),
    isAdmitted: (writer) => writer === database.localWriter && declined !== undefined,
    now: () => now,
    clock: systemClock,
    outbox: { relays: () => {}, taken: () => {} },
    onMissed: () => {},
    clocks: { offsetOf: () => 0, doubt: () => {}, heard: () => {} },
    wordsFor: () => [],
    acknowledge: () => {},
    decline: (_, target) => declinedAgain.push(target),
    onMessage: ({ message }) => messages.push(message),
    onMisbehaviour: (_, reason) => reasons.push(reason),
  })
  const listener: ChannelListener = {
    peerAppeared: () => appeared++,
    acknowledged: () => {},
    approved: () => {},
    declined: () => {},
    wasDeclined: (id) => id === declined,
    requested: ({ writerKey }) => {
      requests.push(writerKey)
      return true
    },
    cancelled: () => false,
    wasTakenBack: () => false,
    left: () => {},
    declinedElsewhere: () => {},
  }
  inbox.listen(listener)
  const link: Link = createLink('1', connection)
  link.gate = {
    admit: (id) => seen.add(id, now),
    has: (id) => seen.has(id, now),
    forget: (id) => seen.delete(id),
  }
  const from = toHex(crypto.signingKeyPair().publicKey)
  const newId = () => toHex(crypto.randomBytes(16))
  return {
    inbox,
    link,
    messages,
    requests,
    reasons,
    declinedAgain,
    appeared: () => appeared,
    pass: (ms: number) => {
      now += ms
    },
    say: (count: number) => {
      for (let i = 0; i < count; i++) {
        const plaintext = encodeAppMessage({ app: i, id: newId(), from, t: now })
        inbox.receive(link, codec.extension, codec.seal(plaintext))
      }
    },
    ask: ({ publicKey, secretKey }: KeyPair) => {
      const target = toHex(publicKey)
      const plaintext = encodeControl(
        {
          type: 'request',
          name: 'a phone',
          db: toHex(database.hyphalink),
          request: declined ?? newId(),
          message: newId(),
          sender: target,
          target,
          issued: now,
          lifetime: REQUEST_LIFETIME_MS,
        },
        (bytes) => crypto.sign(bytes, secretKey),
      )
      inbox.receive(link, codec.extension, codec.seal(plaintext))
    },
    hint: (peers: number) => inbox.receive(link, RELAY, utf8(JSON.stringify({ peers }))),
  }
}

describe('what a link may bring', () => {
  it(`${FRAME_BURST} frames at once, then ${FRAMES_PER_SECOND} a second; the rest is dropped and told of once`, () => {
    const { say, pass, messages, reasons, link } = setUp()
    say(FRAME_BURST)
    expect(messages).toHaveLength(FRAME_BURST)
    say(2)
    expect(messages).toHaveLength(FRAME_BURST)
    expect(reasons).toEqual(['too-many-frames'])
    expect(link.counters.messagesRefused).toBe(2)
    pass(1_000)
    say(FRAMES_PER_SECOND + 1)
    expect(messages).toHaveLength(FRAME_BURST + FRAMES_PER_SECOND)
  })

  it('a relay’s link more, as it carries many', () => {
    const { say, hint, messages } = setUp()
    hint(3)
    say(FRAME_BURST * RELAY_FRAME_FACTOR + 1)
    expect(messages).toHaveLength(FRAME_BURST * RELAY_FRAME_FACTOR)
  })

  it('hints, of which a burst and then few are acted on', () => {
    const { hint, pass, appeared } = setUp()
    for (let i = 1; i <= RELAY_HINT_BURST + 1; i++) hint(i)
    expect(appeared()).toBe(RELAY_HINT_BURST)
    hint(3)
    pass(1_000)
    hint(4)
    expect(appeared()).toBe(RELAY_HINT_BURST + 1)
  })

  it('as many as before are a hint, too: somebody else is there', () => {
    const { hint, appeared } = setUp()
    for (const peers of [2, 2, 1, 0, 0, 1]) hint(peers)
    expect(appeared()).toBe(3)
  })

  it('no frame that is larger than its limit', () => {
    const { inbox, link, reasons } = setUp()
    inbox.receive(link, plainCodec().extension, new Uint8Array(MAX_FRAME_BYTES + 1))
    expect(reasons).toEqual(['too-large'])
  })

  it(`${REQUEST_BURST_PER_TARGET} requests at once for one key, then one each ${REQUEST_INTERVAL_PER_TARGET_MS} ms; another key has its own`, () => {
    const { ask, pass, requests } = setUp()
    const [phone, tablet] = [crypto.signingKeyPair(), crypto.signingKeyPair()]
    for (let i = 0; i < REQUEST_BURST_PER_TARGET + 1; i++) ask(phone)
    expect(requests).toHaveLength(REQUEST_BURST_PER_TARGET)
    ask(tablet)
    expect(requests.at(-1)).toBe(toHex(tablet.publicKey))
    pass(REQUEST_INTERVAL_PER_TARGET_MS)
    ask(phone)
    ask(phone)
    expect(requests).toHaveLength(REQUEST_BURST_PER_TARGET + 2)
  })
})

it('says no again to a question that was declined, and not for each target that somebody makes up', () => {
  const { ask, pass, declinedAgain, requests } = setUp({ declined: 'ab'.repeat(16) })
  for (let i = 0; i < REQUEST_BURST_PER_TARGET + 5; i++) ask(crypto.signingKeyPair())
  expect(declinedAgain).toHaveLength(REQUEST_BURST_PER_TARGET)
  const phone = crypto.signingKeyPair()
  pass(REQUEST_INTERVAL_PER_TARGET_MS)
  ask(phone)
  expect(declinedAgain.at(-1)).toBe(toHex(phone.publicKey))
  expect(requests).toEqual([])
})

describe('what a node remembers', () => {
  it('forgets app messages first by number, then by time', () => {
    const seen = createSeen()
    expect(seen.add('app:first', 0)).toBe(true)
    expect(seen.add('app:first', 0)).toBe(false)
    for (let i = 0; i < MAX_SEEN_MESSAGES; i++) seen.add(`app:${i}`, 0)
    expect(seen.add('app:first', 0)).toBe(true)
    expect(seen.add('app:first', SEEN_MESSAGE_TTL_MS)).toBe(true)
  })

  it('never lets them push out control messages, and refuses new ones rather than forget', () => {
    const seen = createSeen()
    for (let i = 0; i < MAX_CONTROL_REPLAY; i++) expect(seen.add(`control:${i}`, 0)).toBe(true)
    for (let i = 0; i <= MAX_SEEN_MESSAGES; i++) seen.add(`app:${i}`, 0)
    expect(seen.add('control:0', CONTROL_REPLAY_TTL_MS - 1)).toBe(false)
    expect(seen.add('control:one more', 0)).toBe(false)
    expect(seen.add('control:one more', CONTROL_REPLAY_TTL_MS)).toBe(true)
  })
})
