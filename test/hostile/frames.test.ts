import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/protocol/bytes.js'
import { RELAY } from '../../src/protocol/extensions.js'
import { createNoise } from '../noise.js'
import { field, varint } from '../wire.js'
import { alone, type Home, openHome } from './home.js'

let home: Home
beforeAll(async () => {
  home = await openHome()
})
afterEach(async () => {
  await home.stillWorks()
  expect(home.laptop.requests()).toEqual([])
  expect(home.errors()).toEqual([])
})
afterAll(() => home.close())

const nonce = new Array<number>(24).fill(1)
const box = new Array<number>(32).fill(2)

describe('frames that anybody with the hyphalink can send', () => {
  const frames: Record<string, readonly number[]> = {
    'ff ff ff': [0xff, 0xff, 0xff],
    nothing: [],
    'a nonce of no bytes': [...field(1, []), ...field(2, box)],
    'a nonce of 23 bytes': [...field(1, nonce.slice(1)), ...field(2, box)],
    'a nonce of 25 bytes': [...field(1, [...nonce, 1]), ...field(2, box)],
    'a ciphertext of no bytes': [...field(1, nonce), ...field(2, [])],
    'a ciphertext of 15 bytes': [...field(1, nonce), ...field(2, box.slice(0, 15))],
    'a ciphertext of 16 bytes': [...field(1, nonce), ...field(2, box.slice(0, 16))],
    'a box under another key': [...field(1, nonce), ...field(2, box)],
    'fields in the wrong order': [...field(2, box), ...field(1, nonce)],
    'a frame of 64 KiB and a byte': new Array<number>(64 * 1024 + 1).fill(10),
  }
  for (const [name, bytes] of Object.entries(frames)) {
    it(`drops ${name}, says so once, and keeps the connection`, async () => {
      const mallory = await home.insider()
      for (let i = 0; i < 3; i++) mallory.extension(new Uint8Array(bytes))
      await home.heard(mallory)
      expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
      await mallory.leave()
    })
  }

  it('drops a frame with any bit flipped', async () => {
    const mallory = await home.insider()
    const good = home.keyring.sealFrame(mallory.control({}))
    for (const at of [2, 25, 28, 30, 45, 60, good.length - 1]) {
      const bad = new Uint8Array(good)
      bad[at] = (bad[at] as number) ^ 4
      mallory.extension(bad)
    }
    await home.heard(mallory)
    expect(home.laptop.requests()).toEqual([])
    expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
    await mallory.leave()
  })

  it('drops control messages of more than 2 KiB', async () => {
    const mallory = await home.insider()
    const request = JSON.parse(new TextDecoder().decode(mallory.control({})))
    mallory.say({ ...request, padding: 'x'.repeat(2048) })
    await home.heard(mallory)
    expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
    await mallory.leave()
  })
})

describe('plaintexts by one who holds the channel key', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [i, 0]))
  const plaintexts: Record<string, unknown> = {
    null: null,
    'an array': [],
    'a number': 1,
    'invalid UTF-8': new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
    'no bytes': new Uint8Array(0),
    'a message with 10,000 keys': { v: 2, ...many },
    '100,000 brackets': utf8(`${'['.repeat(30_000)}`),
    'an object 10,000 deep': utf8(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
    'an app message whose id is a Buffer': {
      v: 2,
      app: 1,
      id: { type: 'Buffer', data: [1] },
      from: 'ab',
      t: 1,
    },
    'a request whose body is a Buffer': {
      v: 2,
      action: 'authorise',
      b: { type: 'Buffer', data: [1] },
      s: { type: 'Buffer', data: [1] },
    },
    'a 2019 request whose key is a Buffer': {
      action: 'authorise',
      nodeName: 'x',
      timestamp: new Date().toISOString(),
      readKey: { type: 'Buffer', data: new Array(32).fill(1) },
    },
    __proto__: utf8('{"__proto__":{"v":2,"app":1,"t":1},"constructor":{"prototype":{"admin":true}}}'),
  }
  for (const [name, plaintext] of Object.entries(plaintexts)) {
    it(`drops ${name} and says so once`, async () => {
      const mallory = await home.insider()
      for (let i = 0; i < 3; i++) mallory.say(plaintext)
      await home.heard(mallory)
      expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
      expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
      await mallory.leave()
    })
  }

  it.each([
    ['a version that is not ours', { v: 3, app: 1 }],
    ['an action that is not ours', { action: 'format' }],
  ])('drops %s and blames nobody: later nodes may know of more', async (_, plaintext) => {
    const mallory = await home.insider()
    for (let i = 0; i < 3; i++) mallory.say(plaintext)
    await home.heard(mallory)
    expect(home.errors()).toEqual([])
    await mallory.leave()
  })

  it('reads the last of two equal keys, like every JSON parser here, and never a prototype’s', async () => {
    const mallory = await home.insider()
    const heard = new Promise((resolve) => home.laptop.on('message', resolve))
    const id = 'ab'.repeat(16)
    const from = mallory.device.writerKey
    mallory.say(
      utf8(`{"v":2,"app":1,"app":{"__proto__":{"x":1}},"id":"${id}","from":"${from}","t":${Date.now()}}`),
    )
    const message = (await heard) as { message: object }
    expect(Reflect.get(message.message, 'x')).toBeUndefined()
    await mallory.leave()
  })
})

describe('connections', () => {
  const { bytes } = createNoise('noise around the handshake')
  const noise = () => bytes(64 * 1024 - 1)

  it('survives noise before the handshake', async () => {
    for (let i = 0; i < 4; i++) {
      const mallory = await home.stranger()
      mallory.raw(noise())
      await mallory.leave()
    }
    await alone(home.laptop)
    // A stream that is cut in the middle of a frame is no misbehaviour; one that is wrong is told once each.
    expect(new Set(home.errors())).toSatisfy((codes: Set<string>) =>
      // By chance noise begins a frame longer than itself, and is silent then.
      [...codes].every((code) => code === 'PEER_MISBEHAVED' || code === 'PEER_TIMED_OUT'),
    )
  })

  it('survives noise after the handshake', async () => {
    const mallory = await home.insider()
    mallory.raw(noise())
    mallory.raw(noise())
    await mallory.ended
    // By chance noise begins a frame longer than itself, and is silent then.
    expect(['PEER_MISBEHAVED', 'PEER_TIMED_OUT']).toContain(home.errors().join())
  })

  it('ends what speaks something else, and what asks for another hypha', async () => {
    const { connect } = await import('node:net')
    const [host, port] = home.address.split(':')
    const browser = connect({ host: host as string, port: Number(port) })
    browser.on('error', () => {})
    browser.write('GET / HTTP/1.1\r\n\r\n')
    await new Promise((resolve) => browser.once('close', resolve).resume())
    expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
    await alone(home.laptop)
  })

  it('ends what says nothing, and says so', { timeout: 60_000 }, async () => {
    const { connect } = await import('node:net')
    const [host, port] = home.address.split(':')
    const silent = connect({ host: host as string, port: Number(port) })
    silent.on('error', () => {})
    const ended = new Promise((resolve) => silent.once('close', resolve).resume())
    await home.stillWorks()
    await ended
    await alone(home.laptop)
    expect(home.errors()).toEqual(['PEER_TIMED_OUT'])
  })

  it('tells one who knows only the discovery key nothing', async () => {
    await home.laptop.put('public page', 'text that only readers see', { public: true })
    const stranger = await home.stranger(new Uint8Array(32).fill(3))
    await stranger.ended
    const bytes = Buffer.concat(stranger.received)
    for (const text of ['public page', 'text that only readers see', 'hyperdb', 'secure-ephemeral', 'Alice'])
      expect(bytes.includes(text)).toBe(false)
    // Each end reads noise; whose parser gives up first, and at what, is chance. Nobody is told twice.
    expect(['', 'PEER_MISBEHAVED', 'PEER_TIMED_OUT']).toContain(home.errors().join())
  })

  it('leaves nothing behind of 200 who come and vanish', { timeout: 120_000 }, async () => {
    await alone(home.laptop)
    const before = home.laptop.actor.getSnapshot()
    for (let round = 0; round < 20; round++) {
      const intruders = await Promise.all(Array.from({ length: 10 }, () => home.stranger()))
      if (round % 2) await Promise.all(intruders.map(({ handshake }) => handshake))
      await Promise.all(intruders.map((intruder) => intruder.leave()))
    }
    await home.stillWorks()
    await alone(home.laptop)
    const after = home.laptop.actor.getSnapshot()
    expect(Object.keys(after.children).length).toBe(Object.keys(before.children).length)
    expect(Object.keys(after.context.peers).length).toBe(1)
  })

  it('asks again when a relay tells of others, but not without end', async () => {
    const mallory = await home.insider()
    const hint = (peers: number) => mallory.extension(utf8(JSON.stringify({ peers })), RELAY)
    for (let i = 0; i < 500; i++) hint(i % 2 ? 5 : 0)
    hint(-1)
    mallory.extension(utf8('{"peers":1e400}'), RELAY)
    mallory.extension(utf8(`{"peers":${'1'.repeat(100)}}`), RELAY)
    mallory.extension(new Uint8Array(varint(300)), RELAY)
    await home.heard(mallory)
    expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
    await mallory.leave()
  })
})
