import { afterEach, expect, it } from 'vitest'
import { createNode, type HyphaNode, memoryStorage, type Storage, tcp } from '../../src/index.js'
import { encodeAppMessage } from '../../src/protocol/app-message.js'
import { toHex } from '../../src/protocol/bytes.js'
import { HEARD_AHEAD_MS } from '../../src/protocol/message-limits.js'
import { encodePack } from '../../src/protocol/message-pack.js'
import { reached, until } from '../node/until.js'
import { type Home, intrude, openHome } from './home.js'

let home: Home
const others: HyphaNode[] = []
afterEach(async () => {
  await Promise.all(others.splice(0).map((node) => node.close()))
  await home.close()
})

/** A storage that outlives its nodes, as a disk does: what is written is there for the next. */
const lasting = (): Storage => {
  const storage = memoryStorage()
  return { ...storage, isEmpty: false, open: async () => {}, close: async () => {} }
}

it('a question that was taken back is not shown again, however often its messages come, nor after a restart', async () => {
  const storage = lasting()
  home = await openHome({ storage })
  const mallory = await home.insider()
  const request = toHex(home.crypto.randomBytes(16))
  const question = mallory.control({ request })
  mallory.say(question)
  await until(home.laptop, () => home.laptop.requests().length === 1)
  mallory.say(mallory.control({ type: 'cancel', request }))
  await until(home.laptop, () => home.laptop.requests().length === 0)
  mallory.say(question)
  // A new message under the same id is the same question.
  mallory.say(mallory.control({ request }))
  await home.heard(mallory)
  expect(home.laptop.requests()).toEqual([])
  // One that overtook its question, by another road.
  const early = toHex(home.crypto.randomBytes(16))
  mallory.say(mallory.control({ type: 'cancel', request: early }))
  mallory.say(mallory.control({ request: early }))
  await home.heard(mallory)
  expect(home.laptop.requests()).toEqual([])
  await home.laptop.close()

  const road = tcp({ listen: '127.0.0.1:0' })
  const again = createNode({ storage, transports: [road] })
  others.push(again)
  await reached(again, 'origin')
  const prompted: string[] = []
  again.on('authorisation-requested', ({ id }) => prompted.push(id))
  const intruder = await intrude(road.listening as string, home.discoveryKey, home.keyring.hyphalink)
  await intruder.handshake
  const say = (plaintext: Uint8Array) => intruder.extension(home.keyring.sealFrame(plaintext))
  say(question)
  say(mallory.control({ request }))
  // Another question is heard, and so were those before it.
  const last = toHex(home.crypto.randomBytes(16))
  say(mallory.control({ request: last }, mallory.newDevice()))
  await until(again, () => again.requests().length > 0)
  expect(prompted).toEqual([last])
  await intruder.leave()
})

it.each([
  'closed',
  'killed',
])('a message is not delivered twice by a node that was %s and is back', async (how) => {
  const storage = lasting()
  home = await openHome({ storage })
  const mallory = await home.insider()
  const from = mallory.device.writerKey
  const newId = (bytes: number) => toHex(home.crypto.randomBytes(bytes))
  const t = Date.now()
  const heard: unknown[] = []
  home.laptop.on('message', ({ message }) => heard.push(message))
  const before = [
    encodeAppMessage({ app: 'alone', id: newId(16), from, t }),
    encodePack([{ text: '"one"' }, { text: '"two"' }], { id: newId(12), from, t: t + 1 }),
  ]
  for (const plaintext of before) mallory.say(plaintext)
  await home.heard(mallory)
  expect(heard.slice(0, 3)).toEqual(['alone', 'one', 'two'])
  // One that is killed has stored no more than it had when it delivered the last.
  if (how === 'closed') await home.laptop.close()

  const road = tcp({ listen: '127.0.0.1:0' })
  const again = createNode({ storage: { ...storage }, transports: [road] })
  others.push(again)
  await reached(again, 'origin')
  const heardAgain: unknown[] = []
  const last = new Promise<void>((resolve) => {
    again.on('message', ({ message }) => {
      heardAgain.push(message)
      if (message === 'last') resolve()
    })
  })
  const intruder = await intrude(road.listening as string, home.discoveryKey, home.keyring.hyphalink)
  await intruder.handshake
  const say = (plaintext: Uint8Array) => intruder.extension(home.keyring.sealFrame(plaintext))
  for (const plaintext of before) say(plaintext)
  const later = Date.now() + HEARD_AHEAD_MS
  for (const app of ['new', 'last']) say(encodeAppMessage({ app, id: newId(16), from, t: later }))
  await last
  expect(heardAgain).toEqual(['new', 'last'])
  await intruder.leave()
})
