import libsodium from 'libsodium-wrappers'
import { afterEach, expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { fromHex } from '../../../src/protocol/bytes.js'
import { encodeHeadMessage, rootPlaces } from '../../../src/protocol/feed-head.js'
import { attack } from './attacker.js'
import { link, newHypha, openNode, put, type TestNode, until } from './nodes.js'

const nodes: TestNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ db }) => db.close()))
})

test('what others claim of the own feed, and its writer never signed, changes nothing', async () => {
  const hypha = await newHypha()
  const alice = await openNode(openDatabase, hypha, { isOrigin: true })
  const bob = await openNode(openDatabase, hypha)
  nodes.push(alice, bob)
  await alice.db.write([put('before')])
  const mallory = await attack(alice, hypha, undefined, {}, ['hypha-head'])
  await until(() => mallory.protocol.remoteId !== null)
  const feed = fromHex(alice.db.localWriter, 32) ?? new Uint8Array(32)
  const other = libsodium.crypto_sign_keypair()
  const roots = rootPlaces(50).map((index) => ({ index, hash: new Uint8Array(32).fill(1), size: 10 }))
  const say = (bytes: Uint8Array) => mallory.channel.extension('hypha-head', Buffer.from(bytes))
  const item = new Uint8Array(20).fill(1)
  const signature = libsodium.crypto_sign_detached(item, other.privateKey)
  for (let i = 0; i < 50; i++) {
    say(encodeHeadMessage({ type: 'head', feed, head: { length: 50, roots, signature } }))
    say(encodeHeadMessage({ type: 'abandoned', feed, items: [item], signature }))
    say(encodeHeadMessage({ type: 'ask', feed: other.publicKey }))
    say(new Uint8Array(i))
  }
  await link(alice, bob)
  await alice.db.write([put('after')])
  await until(() => bob.keys().includes('after'))
  await until(() => alice.db.heldBy === 1)
  expect(alice.db.mending).toBeUndefined()
  expect(alice.errors).toEqual([])
})
