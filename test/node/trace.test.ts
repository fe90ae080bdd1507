import { afterAll, expect, it, vi } from 'vitest'
import { createKeyring } from '../../src/adapters/crypto/keyring.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import type { Database } from '../../src/adapters/database/database.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, tcp } from '../../src/index.js'
import { utf8 } from '../../src/protocol/bytes.js'
import { passphraseSalt } from '../../src/protocol/keys.js'
import { decodePlaintext } from '../../src/protocol/plaintext.js'
import { arrived, next, reached, until } from './until.js'

/** What each database heard, as it came in: hypercore-protocol's ids of both ends, and the sealed frame. */
const heard = vi.hoisted((): { from: string; to: string; frame: Uint8Array }[] => [])
const databases = vi.hoisted((): Database[] => [])
const ids = vi.hoisted(() => new Map<string, string>())

vi.mock('../../src/adapters/database/hyperdb-database.js', async (original) => {
  const real = await original<typeof import('../../src/adapters/database/hyperdb-database.js')>()
  return {
    ...real,
    openDatabase: async (options: Parameters<typeof real.openDatabase>[0]) => {
      const database = await real.openDatabase(options)
      databases.push(database)
      const { replicate } = database
      const hex = (id: unknown) => (id instanceof Uint8Array ? Buffer.from(id).toString('hex') : '')
      database.replicate = (given) => {
        const replication = replicate({
          ...given,
          onExtension: (name, bytes) => {
            const [from, to] = ['remoteId', 'id'].map((id) => hex(Reflect.get(replication.stream, id)))
            if (['secure-ephemeral', 'hypha-messages'].includes(name) && from && to)
              heard.push({ from, to, frame: new Uint8Array(bytes) })
            given.onExtension(name, bytes)
          },
        })
        ids.set(hex(Reflect.get(replication.stream, 'id')), database.localWriter)
        return replication
      }
      return database
    },
  }
})

const DOMAIN = 'alice.example'
const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

it('the conversation of a new phone, an always-on node and a laptop that may write', async () => {
  const crypto = await createCrypto()
  const server = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
  closing.push(() => server.close())
  const address = `127.0.0.1:${server.tcpPort}`
  const open = (name: string) => {
    const node = createNode({ name, transports: [tcp({ connect: [address] })] })
    closing.push(() => node.close())
    return node
  }
  const laptop = open('laptop')
  const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
  const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(DOMAIN, crypto.hash))
  const keyring = createKeyring(crypto, master)
  await laptop.put('a', 1)
  await until(laptop, () => laptop.getSnapshot().peers.length === 1)
  const phone = open('phone')

  const nameOf = (writer: string | undefined) =>
    writer === laptop.writerKey ? 'laptop' : writer === phone.writerKey ? 'phone' : 'always-on'
  const whatIs = (frame: Uint8Array): string => {
    const plaintext = keyring.openFrame(frame)
    if (!plaintext) return 'a frame that can not be opened'
    const { verify, hash } = crypto
    const message = decodePlaintext(plaintext, { hyphalink, now: Date.now(), verify, hash })
    switch (message.kind) {
      case 'request':
        return `request "${message.nodeName}" for ${nameOf(message.target)}`
      case 'decision':
        return `decision ${message.outcome} by ${nameOf(message.sender)} for ${nameOf(message.target)}`
      case 'acknowledgement':
        return `acknowledgement by ${nameOf(message.sender)} for ${nameOf(message.target)}`
      case 'app':
        return `message ${JSON.stringify(message.app)} from ${nameOf(message.from)}`
      case 'pack':
        return `message ${message.messages.map(({ app }) => JSON.stringify(app)).join(', ')} from ${nameOf(message.from)}`
      default:
        return message.kind
    }
  }
  /** What was said since last asked. What is said again (asking repeats itself) shows once. */
  const said = (): string[] => {
    const lines = heard.splice(0).map(({ from, to, frame }) => {
      const [sender, receiver] = [from, to].map((id) => nameOf(ids.get(id)))
      return `${sender} -> ${receiver} | ${whatIs(frame)}`
    })
    // That somebody is there is said when there is time for it, in between.
    return [...new Set(lines)].filter((line) => !line.endsWith('| presence'))
  }
  const story: string[] = []
  const tell = (title: string) => story.push(`# ${title}`, ...said())

  const asked = next(laptop, 'authorisation-requested')
  await phone.signIn({ domain: DOMAIN, passphrase })
  const { id } = await asked
  await until(phone, () => phone.actor.getSnapshot().children.request?.getSnapshot().context.heard)
  tell('the phone signs in and asks')

  await laptop.authorise(id)
  await reached(phone, 'writer')
  await phone.put('b', 2)
  await arrived(laptop, 'b')
  const first = next(phone, 'message')
  laptop.send(phone.writerKey as string, 'welcome')
  await first
  tell('Alice says yes on the laptop, which welcomes the phone')

  const has = (database: Database) =>
    database.progress
      .filter(({ writer }) => writer === hyphalink || nameOf(writer) !== 'always-on')
      .map(({ writer, folded }) => `${writer === hyphalink ? 'origin' : nameOf(writer)} ${folded}`)
      .sort()
      .join(', ')
  // An always-on node has no events of its own to wait for.
  await vi.waitUntil(() => new Set(databases.map(has)).size === 1, { timeout: 30_000 })
  story.push('# what each of the three has in the end', `blocks | ${has(databases[0] as Database)}`)
  expect(databases).toHaveLength(3)
  expect(`\n${story.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    # the phone signs in and asks
    phone -> always-on | request "phone" for phone
    always-on -> laptop | request "phone" for phone
    laptop -> always-on | acknowledgement by laptop for phone
    always-on -> phone | acknowledgement by laptop for phone
    # Alice says yes on the laptop, which welcomes the phone
    laptop -> always-on | decision authorised by laptop for phone
    always-on -> phone | decision authorised by laptop for phone
    laptop -> always-on | message "welcome" from laptop
    always-on -> phone | message "welcome" from laptop
    # what each of the three has in the end
    blocks | laptop 4, origin 2, phone 2
    "
  `)
})
