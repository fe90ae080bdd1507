import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { KeyPair } from '../../src/adapters/crypto/crypto.js'
import { fromHex, toHex } from '../../src/protocol/bytes.js'
import { EXTENSIONS, LINK, PING } from '../../src/protocol/extensions.js'
import { LINK_MESSAGE_BURST, PING_BURST } from '../../src/protocol/limits.js'
import {
  decodeLinkMessage,
  encodeLinkMessage,
  type LinkMessage,
  linkProofBytes,
} from '../../src/protocol/link-proof.js'
import { encodePing } from '../../src/protocol/ping.js'
import { until } from '../node/until.js'
import { alone, type Home, openHome } from './home.js'

let home: Home
beforeAll(async () => {
  home = await openHome()
})
afterEach(async () => {
  await alone(home.laptop)
  await home.stillWorks()
  expect(home.errors()).toEqual([])
})
afterAll(() => home.close())

/** Keys above or below the laptop's: who has the lesser one leads. */
const keysOf = (side: 'leader' | 'follower'): KeyPair => {
  for (;;) {
    const keys = home.crypto.signingKeyPair()
    const isLesser = toHex(keys.publicKey) < (home.laptop.writerKey as string)
    if (isLesser === (side === 'leader')) return keys
  }
}

const nonceOf = (fill: number) => new Uint8Array(32).fill(fill)

/** A peer by hand that speaks of links. */
const enter = async () => {
  const intruder = await home.stranger(undefined, [...EXTENSIONS, LINK, PING])
  const heard: LinkMessage[] = []
  const waiting: (() => void)[] = []
  intruder.channel.on('extension', (name: string, bytes: Buffer) => {
    const message = name === LINK ? decodeLinkMessage(new Uint8Array(bytes)) : undefined
    if (message) heard.push(message)
    if (name === PING && bytes[0] === 0) intruder.extension(Uint8Array.of(1, ...bytes.subarray(1)), PING)
    for (const wake of waiting.splice(0)) wake()
  })
  const next = async <Type extends LinkMessage['type']>(type: Type) => {
    for (;;) {
      const at = heard.findIndex((message) => message.type === type)
      if (at >= 0) return heard.splice(at, 1)[0] as Extract<LinkMessage, { type: Type }>
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  const say = (message: LinkMessage) => intruder.extension(encodeLinkMessage(message), LINK)
  const proof = (keys: KeyPair, verifierNonce: Uint8Array, proverNonce: Uint8Array): LinkMessage => ({
    type: 'proof',
    writerKey: keys.publicKey,
    signature: home.crypto.sign(
      linkProofBytes({ discoveryKey: home.discoveryKey, verifierNonce, proverNonce }),
      keys.secretKey,
    ),
  })
  await intruder.handshake
  return { ...intruder, heard, next, say, proof }
}
type Entered = Awaited<ReturnType<typeof enter>>

/** Says hello and proves it as an honest node does. */
const introduce = async (peer: Entered, keys: KeyPair) => {
  const { nonce } = await peer.next('hello')
  peer.say({ type: 'hello', nonce: nonceOf(9) })
  await peer.next('proof')
  peer.say(peer.proof(keys, nonce, nonceOf(9)))
  return nonce
}
const shown = (keys: KeyPair) =>
  home.laptop.getSnapshot().peers.find(({ writerKey }) => writerKey === toHex(keys.publicKey))

describe('one who speaks of links', () => {
  it('is a peer when it does so as it should: led', async () => {
    const keys = keysOf('follower')
    const peer = await enter()
    await introduce(peer, keys)
    await peer.next('use')
    await until(home.laptop, () => shown(keys) !== undefined)
    await peer.leave()
  })

  it('is a peer when it does so as it should: leading', async () => {
    const keys = keysOf('leader')
    const peer = await enter()
    await introduce(peer, keys)
    expect(shown(keys)).toBeUndefined()
    peer.say({ type: 'use', serial: 1 })
    await until(home.laptop, () => shown(keys) !== undefined)
    await peer.leave()
  })

  const wrongs: Record<string, (peer: Entered) => Promise<unknown> | unknown> = {
    garbage: (peer) => peer.extension(Uint8Array.of(1, 2, 3), LINK),
    nothing: (peer) => peer.extension(new Uint8Array(0), LINK),
    'two hellos': (peer) => {
      peer.say({ type: 'hello', nonce: nonceOf(1) })
      peer.say({ type: 'hello', nonce: nonceOf(2) })
    },
    'the hello that it was sent': async (peer) => peer.say(await peer.next('hello')),
    'the hello and the proof that it was sent': async (peer) => {
      peer.say(await peer.next('hello'))
      peer.say({ type: 'proof', writerKey: nonceOf(0), signature: new Uint8Array(64) })
    },
    'a proof before a hello': async (peer) => {
      const { nonce } = await peer.next('hello')
      peer.say(peer.proof(keysOf('leader'), nonce, nonceOf(1)))
    },
    'a proof by another key than it names': async (peer) => {
      const { nonce } = await peer.next('hello')
      peer.say({ type: 'hello', nonce: nonceOf(1) })
      const proof = peer.proof(keysOf('leader'), nonce, nonceOf(1)) as Extract<LinkMessage, { type: 'proof' }>
      peer.say({ ...proof, writerKey: fromHex(home.television.writerKey, 32) as Uint8Array })
    },
    'the laptop’s own proof': async (peer) => {
      peer.say({ type: 'hello', nonce: nonceOf(1) })
      peer.say(await peer.next('proof'))
    },
    'a key of no point': async (peer) => {
      peer.say({ type: 'hello', nonce: nonceOf(1) })
      peer.say({ type: 'proof', writerKey: nonceOf(0), signature: new Uint8Array(64) })
    },
    'a proof of another link': async (peer) => {
      const other = await enter()
      const { nonce } = await other.next('hello')
      await peer.next('hello')
      peer.say({ type: 'hello', nonce: nonceOf(1) })
      peer.say(peer.proof(keysOf('leader'), nonce, nonceOf(1)))
      await other.leave()
    },
    'a second proof': async (peer) => {
      const keys = keysOf('follower')
      const nonce = await introduce(peer, keys)
      peer.say(peer.proof(keys, nonce, nonceOf(9)))
    },
    'a use before its proof': (peer) => peer.say({ type: 'use', serial: 1 }),
    'a use that is not its to send': async (peer) => {
      await introduce(peer, keysOf('follower'))
      peer.say({ type: 'use', serial: 1 })
    },
    'a loss that is not its to send': async (peer) => {
      await introduce(peer, keysOf('leader'))
      peer.say({ type: 'lost', serial: 1 })
    },
    'more messages than it may': async (peer) => {
      await introduce(peer, keysOf('leader'))
      for (let i = 0; i < LINK_MESSAGE_BURST * 2; i++) peer.say({ type: 'use', serial: i + 1 })
    },
    'a heartbeat that is none': (peer) => peer.extension(Uint8Array.of(0, 1), PING),
    'heartbeats without end': (peer) => {
      const ping = encodePing({ kind: 'ping', id: 1 })
      for (let i = 0; i < PING_BURST * 2; i++) peer.extension(ping, PING)
    },
  }
  for (const [name, wrong] of Object.entries(wrongs)) {
    it(`is disconnected, and nobody else is, for ${name}`, async () => {
      const honest = home.laptop.getSnapshot().peers[0]
      const peer = await enter()
      await wrong(peer)
      await peer.ended
      await alone(home.laptop)
      expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
      expect(home.laptop.getSnapshot().peers[0]).toMatchObject({
        id: honest?.id,
        writerKey: home.television.writerKey,
      })
    })
  }
})
