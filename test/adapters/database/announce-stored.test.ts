import { describe, expect, it } from 'vitest'
import { announceWhatIsStored } from '../../../src/adapters/database/announce-stored.js'
import { Feed } from '../../../src/adapters/database/engine.js'
import { fastSodium } from '../../../src/adapters/database/fast-sodium.js'
import { libsodium } from '../../../src/adapters/libsodium.js'
import { memoryStorage } from '../../../src/index.js'

type Open = InstanceType<typeof Feed>

const openFeed = async (key: Buffer, secretKey?: Buffer): Promise<Open> => {
  const storage = memoryStorage()
  const feed = new Feed((name) => storage.file(name), key, secretKey ? { secretKey } : {})
  await new Promise<void>((resolve) => feed.ready(resolve))
  return feed
}
const append = (feed: Open, ...blocks: string[]) =>
  new Promise<void>((resolve, reject) =>
    feed.append(
      blocks.map((block) => Buffer.from(block)),
      (error) => (error ? reject(error) : resolve()),
    ),
  )

/** A feed whose blocks are noted when the test says so, and a peer of it that asks for all there is. */
const watched = async () => {
  await fastSodium()
  const keys = libsodium.crypto_sign_keypair()
  const feed = await openFeed(Buffer.from(keys.publicKey), Buffer.from(keys.privateKey))
  let noted = 0
  const waiting: { length: number; go: () => void }[] = []
  const asked: number[] = []
  announceWhatIsStored(feed, (length) => {
    asked.push(length)
    return length <= noted ? Promise.resolve() : new Promise((go) => waiting.push({ length, go }))
  })
  const note = (length: number) => {
    noted = length
    for (const each of waiting) if (each.length <= length) each.go()
  }
  const peer = await openFeed(feed.key)
  return { feed, peer, note, asked, waiting }
}
const connect = (feed: Open, peer: Open) => {
  const [one, other] = [feed.replicate({ live: true }), peer.replicate({ live: true })]
  one.pipe(other).pipe(one)
}
const downloaded = (peer: Open, block: number) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (peer.has(block)) resolve()
    }
    peer.on('download', look)
    look()
  })

describe('blocks of the own feed', () => {
  it('are known to a peer that asks which there are only once it is noted that they may be', async () => {
    const { feed, peer, note, waiting } = await watched()
    await append(feed, 'a', 'b')
    connect(feed, peer)
    // It has asked, and there is nothing for it to hear.
    await new Promise<void>((resolve) => {
      const look = () =>
        waiting.some(({ length }) => length === 2) && feed.peers.length > 0 ? resolve() : setTimeout(look, 5)
      look()
    })
    expect(peer.length).toBe(0)
    note(2)
    await downloaded(peer, 1)
    expect(peer.length).toBe(2)
  })

  it('are told of in no proof of an earlier one', async () => {
    const { feed, peer, note } = await watched()
    note(1)
    await append(feed, 'a')
    connect(feed, peer)
    await downloaded(peer, 0)
    await append(feed, 'b', 'c')
    // It asks again for what it has heard of.
    for (const each of feed.peers) each.onwant({ start: 0, length: 8192 })
    for (const each of feed.peers) each.onrequest({ index: 0, bytes: 0, hash: false, nodes: 0 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(peer.length).toBe(1)
    note(3)
    await downloaded(peer, 2)
    expect(peer.length).toBe(3)
  })
})
