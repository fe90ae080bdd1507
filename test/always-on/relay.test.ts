import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { EXTENSIONS, HOST, PACK } from '../../src/protocol/extensions.js'
import {
  FRAME_ABUSE_FACTOR,
  FRAME_BURST,
  FRAMES_PER_SECOND,
  MAX_FRAME_BYTES,
  MAX_RELAY_WAITING_BYTES,
} from '../../src/protocol/limits.js'
import { MESSAGE_WINDOW_BYTES, TAKEN_AFTER_BYTES } from '../../src/protocol/message-limits.js'
import { collectGarbage } from '../collect-garbage.js'
import { atEnd, type Client, newPerson, openClient, start, until, type Way } from './world.js'

const frame = (text: string) => Buffer.from(text)
const texts = (way: Way) => way.frames.map(({ bytes }) => Buffer.from(bytes).toString())

/** Three connections of one hypha, each by its own road. */
const three = async () => {
  const alice = newPerson()
  const node = await start({ hyphas: [alice.link] })
  const clients: Client[] = [await openClient(alice), await openClient(alice), await openClient(alice)]
  const ways = [
    await clients[0]!.connect(node),
    await clients[1]!.connect(node, 'tcp'),
    await clients[2]!.connect(node),
  ] as const
  return { alice, node, clients, ways }
}

test('a frame goes once to each other connection, as it is, and never back', async () => {
  const { ways } = await three()
  const [laptop, phone, tablet] = ways
  const sealed = randomBytes(300)
  expect(laptop.send(sealed)).toBe(true)
  await until(() => [phone, tablet].every(({ frames }) => frames.length > 0))
  // Again, and by another road: the same message.
  laptop.send(sealed)
  phone.send(sealed)
  // The same bytes in the open are another one.
  laptop.send(sealed, 'ephemeral')
  laptop.send(frame('last'))
  tablet.send(frame('last of all'))
  await until(() =>
    [laptop, phone, tablet].every((way) => texts(way).some((text) => text.startsWith('last'))),
  )
  await until(() => texts(phone).includes('last of all') && texts(laptop).includes('last of all'))
  for (const way of [phone, tablet]) {
    expect(way.frames.filter(({ bytes }) => sealed.equals(bytes)).map(({ name }) => name)).toEqual([
      'secure-ephemeral',
      'ephemeral',
    ])
  }
  expect(texts(laptop)).toEqual(['last of all'])
})

test('hyphas on one server hear nothing of each other', async () => {
  const [alice, bob] = [newPerson(), newPerson()]
  const node = await start({ hyphas: [alice.link, bob.link] })
  const [hers, alsoHers] = [
    await (await openClient(alice)).connect(node),
    await (await openClient(alice)).connect(node),
  ]
  const his = await (await openClient(bob)).connect(node)
  expect(hers.send(frame('among us'))).toBe(true)
  await until(() => texts(alsoHers).length === 1)
  // What bob sends comes later and arrives nowhere; an answer to alice proves that the server has gone on.
  his.send(frame('hello?'))
  alsoHers.send(frame('yes'))
  await until(() => texts(hers).includes('yes'))
  expect(texts(his)).toEqual([])
  expect(texts(hers)).toEqual(['yes'])
})

test('each is told how many others are there, as they come and go', async () => {
  const { ways, clients, node } = await three()
  await until(() => ways.every((way) => way.peers() === 2))
  ways[2].connection.stream.destroy()
  await until(() => ways[0].peers() === 1 && ways[1].peers() === 1)
  await clients[2]!.connect(node, 'tcp')
  await until(() => ways[0].peers() === 2 && ways[1].peers() === 2)
})

test('each is told that somebody else has come, even if there are as many as before', async () => {
  const { ways, clients, node } = await three()
  await until(() => ways.every((way) => way.peers() === 2))
  const [{ told }] = ways
  const before = told.length
  // They have just been told, and are told nothing for a moment.
  ways[2].connection.stream.destroy()
  await clients[2]!.connect(node)
  await until(() => told.length > before && told.at(-1) === 2)
})

test('two always-on nodes that a client passes everything on between make no loop', async () => {
  const alice = newPerson()
  const [one, other] = [await start({ hyphas: [alice.link] }), await start({ hyphas: [alice.link] })]
  const bridge = await openClient(alice)
  const [toOne, toOther] = [await bridge.connect(one), await bridge.connect(other, 'tcp')]
  let passed = 0
  /** What no node of ours does: forwards all that it hears. */
  const pass = (from: Way, to: Way) => {
    const push = from.frames.push.bind(from.frames)
    from.frames.push = (...heard) => {
      for (const { name, bytes } of heard) {
        passed++
        to.send(bytes, name)
        from.send(bytes, name)
      }
      return push(...heard)
    }
  }
  pass(toOne, toOther)
  pass(toOther, toOne)
  const near = await (await openClient(alice)).connect(one)
  const far = await (await openClient(alice)).connect(other)
  near.send(frame('ping'))
  await until(() => texts(far).includes('ping'))
  far.send(frame('pong'))
  await until(() => texts(near).includes('pong'))
  near.send(frame('end'))
  await until(() => texts(far).includes('end'))
  expect(texts(far)).toEqual(['ping', 'end'])
  expect(texts(near)).toEqual(['pong'])
  expect(passed).toBe(3)
})

test('bytes that are no frame are carried like any other: ff ff ff, nothing at all, the largest', async () => {
  const { ways } = await three()
  const [laptop, phone] = ways
  const odd = [Buffer.from([0xff, 0xff, 0xff]), Buffer.alloc(0), randomBytes(MAX_FRAME_BYTES)]
  for (const bytes of odd) laptop.send(bytes)
  await until(() => phone.frames.length === odd.length)
  expect(phone.frames.map(({ bytes }) => Buffer.from(bytes))).toEqual(odd)
})

test.each([
  MAX_FRAME_BYTES + 1,
  7_900_000,
])('a frame of %i bytes costs its sender the connection', async (size) => {
  const { node, ways } = await three()
  const [laptop, phone, tablet] = ways
  laptop.send(Buffer.alloc(size))
  await until(() => laptop.connection.stream.closed)
  expect(phone.send(frame('still here'))).toBe(true)
  await until(() => texts(tablet).includes('still here'))
  expect(texts(tablet)).toEqual(['still here'])
  await until(() => node.errors.length === 1)
  expect(node.errors[0]).toMatchObject({ code: 'PEER_MISBEHAVED' })
})

/** Two hyphas on one server; of the first, one who floods and two others, who are there once all of the flood has been looked at. */
const flooded = async () => {
  const [alice, bob] = [newPerson(), newPerson()]
  const node = await start({ hyphas: [alice.link, bob.link] })
  const connect = async (person: typeof alice) => (await openClient(person)).connect(node)
  const [flooder, phone, tablet] = [await connect(alice), await connect(alice), await connect(alice)]
  const [his, alsoHis] = [await connect(bob), await connect(bob)]
  const floods = () => texts(tablet).filter((text) => text.startsWith('flood')).length
  let sent = 0
  const flood = () => {
    for (let i = 0; i < 10_000; i++) flooder.send(frame(`flood ${sent++}`))
  }
  const othersGoOn = async () => {
    phone.send(frame('from the phone'))
    his.send(frame('from bob'))
    await until(() => texts(tablet).includes('from the phone') && texts(alsoHis).includes('from bob'))
    expect(flooder.connection.stream.closed).toBe(false)
  }
  /** It leaves after its last frame, so whoever hears that it left has heard all that was passed on of it. */
  const leave = async () => {
    await until(() => tablet.peers() === 2)
    flooder.connection.stream.end()
    await until(() => tablet.peers() === 1)
    phone.send(frame('the end'))
    await until(() => texts(tablet).includes('the end'))
    expect(node.errors).toEqual([])
  }
  return { flood, floods, othersGoOn, leave }
}

test('10,000 frames at once are thinned out, while another peer and another hypha go on', async () => {
  const began = Date.now()
  const { flood, floods, othersGoOn, leave } = await flooded()
  flood()
  await othersGoOn()
  await leave()
  const seconds = (Date.now() - began) / 1_000
  expect(floods()).toBeGreaterThanOrEqual(FRAME_BURST)
  expect(floods()).toBeLessThanOrEqual(FRAME_BURST + FRAMES_PER_SECOND * seconds)
})

test('of 10,000 frames in one moment a burst is passed on, and a second later as many as a second takes', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  atEnd(async () => void vi.useRealTimers())
  const { flood, floods, othersGoOn, leave } = await flooded()
  flood()
  await othersGoOn()
  await until(() => floods() >= FRAME_BURST)
  vi.setSystemTime(Date.now() + 1_000)
  flood()
  await leave()
  expect(floods()).toBe(FRAME_BURST + FRAMES_PER_SECOND)
})

test('who sends at more than ten times the rate is disconnected', async () => {
  const { node, ways } = await three()
  const [laptop, phone, tablet] = ways
  for (let i = 0; i < 3 * FRAME_BURST * FRAME_ABUSE_FACTOR && !laptop.connection.stream.closed; i++) {
    laptop.send(Buffer.of(i & 0xff))
    if (i % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => laptop.connection.stream.closed)
  phone.send(frame('at last'))
  await until(() => texts(tablet).includes('at last'))
  expect(node.errors).toMatchObject([{ code: 'PEER_MISBEHAVED' }])
})

test('a peer that takes nothing makes no memory grow: frames for it are dropped', async () => {
  const { ways } = await three()
  const [laptop, slow, tablet] = ways
  slow.connection.stream.unpipe()
  slow.connection.stream.pause()
  await collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  const size = 60_000
  const count = 400
  for (let i = 0; i < count; i++) {
    laptop.send(Buffer.concat([Buffer.from(`${i} `), randomBytes(size)]))
    await until(() => laptop.replication.bytesWaiting === 0 && laptop.connection.stream.writableLength === 0)
  }
  await until(() => tablet.frames.length === count)
  tablet.frames.length = 0
  await collectGarbage()
  expect(slow.hints.some(({ missed }) => missed !== undefined)).toBe(false)
  // The kernel holds some; the server no more than its bound, and this process's clients what is on its way to them.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * MAX_RELAY_WAITING_BYTES)
  slow.connection.stream.pipe(slow.replication.stream)
  await until(() => slow.connection.stream.closed || slow.hints.some(({ missed = 0 }) => missed > 0))
})

test('packs go to those who take them; each is told how many don’t', async () => {
  const alice = newPerson()
  const node = await start({ hyphas: [alice.link] })
  const old = [...EXTENSIONS, HOST].filter((name) => name !== PACK)
  const laptop = await (await openClient(alice)).connect(node)
  const phone = await (await openClient(alice)).connect(node)
  await until(() => laptop.hints.at(-1)?.peers === 1)
  expect(laptop.hints.at(-1)).toEqual({ peers: 1, old: 0 })
  const tablet = await (await openClient(alice)).connect(node, 'tcp', old)
  await until(() => [laptop, phone].every(({ hints }) => hints.at(-1)?.old === 1))
  await until(() => tablet.hints.at(-1)?.peers === 2)
  expect(tablet.hints.at(-1)).toEqual({ peers: 2, old: 0 })
  laptop.send(frame('many'), PACK)
  laptop.send(frame('one'))
  await until(() => texts(tablet).length > 0 && texts(phone).length === 2)
  expect(texts(phone)).toEqual(['many', 'one'])
  expect(texts(tablet)).toEqual(['one'])
})

test('who sends packs is told what has been taken, and not before the others have it', async () => {
  const { ways } = await three()
  const [laptop, slow, tablet] = ways
  const size = TAKEN_AFTER_BYTES / 2
  for (const way of [laptop, tablet]) laptop.send(randomBytes(way === laptop ? size : size - 1), PACK)
  await until(() => laptop.hints.at(-1)?.taken === 2 * size - 1)
  slow.connection.stream.unpipe()
  slow.connection.stream.pause()
  let sent = 2 * size - 1
  // More than the sockets between them hold: from then on nothing is said to be taken, for a moment.
  const isHeldBack = () => sent - (laptop.hints.at(-1)?.taken ?? 0) > MESSAGE_WINDOW_BYTES
  while (!isHeldBack()) {
    laptop.send(randomBytes(size), PACK)
    sent += size
    await until(() => laptop.replication.bytesWaiting === 0 && laptop.connection.stream.writableLength === 0)
    await until(() => tablet.frames.length >= Math.floor(sent / size))
  }
  // Nobody is waited for without end.
  await until(() => laptop.hints.at(-1)?.taken === sent)
})
