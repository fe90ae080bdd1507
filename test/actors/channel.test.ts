import { afterEach, expect, it } from 'vitest'
import { createChannel } from '../../src/actors/channel.js'
import { type Codec, plainCodec, secureCodec } from '../../src/actors/codec.js'
import { createLink, type Link } from '../../src/actors/link.js'
import { createSeen } from '../../src/actors/seen.js'
import { createKeyring } from '../../src/adapters/crypto/keyring.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { openDatabase } from '../../src/adapters/database/hyperdb-database.js'
import { systemClock } from '../../src/adapters/platform.js'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import { createMemoryNetwork, memoryTransport } from '../../src/adapters/transport/memory-transport.js'
import type { Connection, Transport } from '../../src/adapters/transport/transport.js'
import type { Message } from '../../src/index.js'
import { EXTENSIONS, LINK, PACK } from '../../src/protocol/extensions.js'
import { loadWords } from '../../src/protocol/words.js'
import { createTransportHost } from '../../src/testing/contracts/transport-host.js'

const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const firstConnection = (transport: Transport, discoveryKey: Uint8Array) =>
  new Promise<Connection>((resolve, reject) => {
    transport.start(discoveryKey, createTransportHost({ connection: resolve, error: reject })).catch(reject)
    ends.push(() => transport.stop())
  })

/** Two databases of one hypha with a real replication between them, and a channel on each. */
const pair = async (
  codecOf: (side: 'here' | 'there') => Codec,
  hyphalink: Uint8Array,
  extensionsOf: (side: 'here' | 'there') => readonly string[] = () => [...EXTENSIONS, LINK],
) => {
  const crypto = await createCrypto()
  const words = await loadWords()
  const network = createMemoryNetwork()
  const side = async (name: 'here' | 'there') => {
    const events = { entries: () => {}, progress: () => {}, error: () => {} }
    const database = await openDatabase({ hyphalink, storage: memoryStorage(), events })
    ends.push(() => database.close())
    const messages: Message[] = []
    const refusals: string[] = []
    const frames: string[] = []
    const waiting: Array<() => void> = []
    const changed = () => {
      for (const wake of waiting.splice(0)) wake()
    }
    const channel = createChannel({
      codec: codecOf(name),
      crypto,
      database,
      isAdmitted: () => false,
      name,
      clock: systemClock,
      words,
      nameOf: () => undefined,
      report: (error) => refusals.push(error.code),
      onMessage: (message) => {
        messages.push(message)
        changed()
      },
      onMisbehaviour: (_, reason) => {
        refusals.push(reason)
        changed()
      },
    })
    const seen = createSeen()
    const connect = async (connection: Connection) => {
      const link: Link = createLink(name, connection)
      link.gate = {
        admit: (id) => seen.add(id, Date.now()),
        has: (id) => seen.has(id, Date.now()),
        forget: (id) => seen.delete(id),
      }
      await new Promise<void>((resolve) => {
        const replication = database.replicate({
          extensions: extensionsOf(name),
          onExtension: (extension, bytes) => {
            frames.push(extension)
            channel.receive(link, extension, bytes)
          },
          onHandshake: resolve,
        })
        link.replication = replication
        connection.stream.pipe(replication.stream).pipe(connection.stream)
      })
      channel.join(link)
      return link
    }
    const until = async (check: () => boolean) => {
      while (!check()) await new Promise<void>((resolve) => waiting.push(resolve))
    }
    return { channel, database, messages, refusals, frames, connect, until }
  }
  const here = await side('here')
  const there = await side('there')
  const connections = await Promise.all(
    [here, there].map(({ database }) => firstConnection(memoryTransport(network), database.discoveryKey)),
  )
  await Promise.all([here.connect(connections[0] as Connection), there.connect(connections[1] as Connection)])
  return { here, there }
}

const keyringOf = async (seed: number) => {
  const crypto = await createCrypto()
  return createKeyring(crypto, new Uint8Array(32).fill(seed))
}

it('carries messages in the open with the plain codec (DEP-0000)', async () => {
  const { hyphalink } = await keyringOf(1)
  const { here, there } = await pair(plainCodec, hyphalink)
  expect(here.channel.sendMessage({ hello: 'everybody' }).peers).toBe(1)
  await there.until(() => there.messages.length === 1)
  expect(there.messages).toEqual([
    { from: here.database.localWriter, message: { hello: 'everybody' }, direct: false },
  ])
})

it('carries them sealed with the person’s codec', async () => {
  const keyring = await keyringOf(2)
  const { here, there } = await pair(() => secureCodec(keyring), keyring.hyphalink)
  here.channel.sendMessage('for us')
  await there.until(() => there.messages.length === 1)
  expect(there.messages[0]?.message).toBe('for us')
})

it('refuses, once a link, what another hypha’s key sealed', async () => {
  const [ours, theirs] = [await keyringOf(3), await keyringOf(4)]
  const { here, there } = await pair((side) => secureCodec(side === 'here' ? theirs : ours), ours.hyphalink)
  here.channel.sendMessage(1)
  here.channel.sendMessage(2)
  await there.until(() => there.refusals.length > 0)
  there.channel.sendMessage('so that the second has passed')
  await here.until(() => here.refusals.length > 0)
  expect(there.refusals).toEqual(['unsealed'])
  expect(there.messages).toEqual([])
})

it('packs many messages into few frames, and sends one a frame to nodes that know of no packs', async () => {
  const keyring = await keyringOf(5)
  const old = EXTENSIONS.filter((name) => name !== PACK)
  const numbers = Array.from({ length: 600 }, (_, i) => i)
  for (const knows of [true, false]) {
    const { here, there } = await pair(
      () => secureCodec(keyring),
      keyring.hyphalink,
      (side) => (side === 'there' && !knows ? [...old, LINK] : [...EXTENSIONS, LINK]),
    )
    const sendings = numbers.map((i) => here.channel.sendMessage(i))
    await there.until(() => there.messages.length === numbers.length)
    await Promise.all(sendings.map(({ sent }) => sent()))
    expect(there.messages.map(({ message }) => message)).toEqual(numbers)
    const packs = there.frames.filter((name) => name === PACK).length
    expect(there.frames.length).toBe(knows ? packs : numbers.length)
    expect(packs > 0).toBe(knows)
    expect(packs).toBeLessThan(10)
    expect([...here.refusals, ...there.refusals]).toEqual([])
  }
})
