import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import { streamClosed } from '../../src/adapters/transport/stream-closed.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { encodeGreeting } from '../../src/protocol/greeting.js'
import { CLAIM_TRIES_PER_MINUTE, MAX_BYTES_BEFORE_CLAIM } from '../../src/protocol/limits.js'
import {
  ask,
  claimOf,
  claimPlace,
  dial,
  firstFrame,
  fromElsewhere,
  newPerson,
  openClient,
  put,
  start,
  takePlace,
  talk,
  until,
} from './world.js'

const refused = (reason: string) => ({ type: 'refused', reason })

test.each([
  'webSocket',
  'tcp',
] as const)('Alice claims a place over %s, and her phone has what her laptop wrote when the laptop is gone', async (road) => {
  const node = await start()
  const alice = newPerson()
  expect(await claimPlace(node, alice, road, 20_000)).toEqual({ type: 'claimed' })

  const laptop = await openClient(alice, { isOrigin: true })
  const way = await laptop.connect(node, road)
  await laptop.db.write([put('a'), put('b')])
  const other = await openClient(alice)
  const first = await other.connect(node, road)
  await until(() => other.keys.length === 2)
  first.connection.stream.destroy()
  way.connection.stream.destroy()
  await streamClosed(way.connection.stream)

  const phone = await openClient(alice)
  await phone.connect(node, road)
  await until(() => phone.keys.length === 2)
  expect(phone.keys).toEqual(['a', 'b'])
  expect(node.errors).toEqual([])
})

test('a stranger who knows the discovery key, or the hyphalink, gets no place', async () => {
  const node = await start()
  const [alice, mallory] = [newPerson(), newPerson()]

  const proofs = {
    'of his own hypha': (nonce: Uint8Array) => claimOf(mallory, nonce),
    'for her link with his keys': (nonce: Uint8Array) =>
      encodeGreeting({ type: 'claim', hyphalink: alice.hyphalink, ...mallory.claim(nonce) }),
    'that she once gave to another server': () => claimOf(alice, randomBytes(32)),
    'that is no claim': () => encodeGreeting({ type: 'claimed' }),
    'that is broken': () => Buffer.from('HYPHA/1\n\0\0\0\x02{}'),
  }
  for (const [which, proof] of Object.entries(proofs)) {
    const talking = await ask(node, alice.discoveryKey)
    const offer = await talking.next()
    if (offer === 'closed' || offer.type !== 'unclaimed') throw new Error(`no offer for a claim ${which}`)
    expect(offer.code).toBe(false)
    talking.say(proof(offer.nonce))
    expect(await talking.next(), which).toEqual(refused('proof'))
    await streamClosed(talking.connection.stream)
  }
  expect(node.status()).toMatchObject({ hyphas: 0, places: { taken: 0, total: 1 } })
  expect(await claimPlace(node, alice)).toEqual({ type: 'claimed' })
})

test('who sends on and on instead of a claim is refused', async () => {
  const node = await start()
  const talking = await ask(node, newPerson().discoveryKey, 'tcp')
  await talking.next()
  talking.say(randomBytes(MAX_BYTES_BEFORE_CLAIM + 1_000))
  expect(await talking.next()).toEqual(refused('proof'))
})

test('when every place is taken it says so, and the hypha that has one keeps it', async () => {
  const node = await start()
  const [alice, bob] = [newPerson(), newPerson()]
  await takePlace(node, alice)
  expect(await claimPlace(node, bob)).toEqual(refused('full'))
  const none = await start({ claim: 0, hyphas: [bob.link] })
  expect(none.claimCode).toBeUndefined()
  expect(await claimPlace(none, alice)).toEqual(refused('not-hosted'))
  await (await openClient(bob)).connect(none)
})

test('of three who race for the last place the first has it that has something; two nodes of one person both may', async () => {
  const node = await start()
  const people = [newPerson(), newPerson(), newPerson()]
  const answers = await Promise.all(people.map((person) => claimPlace(node, person)))
  expect(answers).toEqual(people.map(() => ({ type: 'claimed' })))
  expect(node.status()).toMatchObject({ hyphas: 3, places: { taken: 0 } })
  const laptops = await Promise.all(people.map((person) => openClient(person, { isOrigin: true })))
  const ways = await Promise.all(laptops.map((laptop) => laptop.connect(node)))
  // Of the others nothing is kept, and they are told so when they come again.
  await until(
    () =>
      node.status().hyphas === 1 && ways.filter(({ connection }) => connection.stream.closed).length === 2,
  )
  expect(node.status().places.taken).toBe(1)
  const again = await Promise.all(
    people.map(async ({ discoveryKey }) => (await ask(node, discoveryKey)).next()),
  )
  expect(
    again.filter((answer) => answer !== 'closed' && answer.type === 'refused' && answer.reason === 'full'),
  ).toHaveLength(2)

  const roomy = await start({ claim: 2 })
  const alice = newPerson()
  const both = await Promise.all([claimPlace(roomy, alice), claimPlace(roomy, alice, 'tcp')])
  expect(both).toEqual([{ type: 'claimed' }, { type: 'claimed' }])
  expect(roomy.status().hyphas).toBe(1)
})

test('beyond this machine a claim takes the code that was printed, and guessing it is slow', async () => {
  const node = await start({ claim: 2 })
  expect(node.claimCode).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$/)
  const tryWith = async (code: string | undefined, address?: string) => {
    const alice = newPerson()
    const talking = talk(await fromElsewhere(node.url, address))
    talking.say(firstFrame(alice.discoveryKey))
    const offer = await talking.next()
    if (offer === 'closed' || offer.type !== 'unclaimed') return offer
    expect(offer.code).toBe(true)
    talking.say(claimOf(alice, offer.nonce, code === undefined ? {} : { code }))
    return talking.next()
  }
  expect(await tryWith(undefined)).toEqual(refused('code'))
  // Typed in small letters, with a space.
  expect(await tryWith(node.claimCode!.toLowerCase().replace('-', ' '))).toEqual({ type: 'claimed' })
  // Whoever mistypes it a few times is no attacker.
  for (let i = 1; i < 10; i++) expect(await tryWith('AAAA-AAAA-AAAA')).toEqual(refused('code'))
  expect(await tryWith(node.claimCode)).toEqual({ type: 'claimed' })
  for (let i = 11; i < CLAIM_TRIES_PER_MINUTE; i++)
    expect(await tryWith('AAAA-AAAA-AAAA')).toEqual(refused('code'))
  expect(await tryWith('AAAA-AAAA-AAAA')).toEqual(refused('busy'))
  expect(await tryWith(node.claimCode)).toEqual(refused('busy'))
  // Of another visitor of the same proxy nothing is known.
  expect(await tryWith(node.claimCode, '203.0.113.8')).toEqual({ type: 'claimed' })
})

test('places survive a restart on the same storage, and so does the code', async () => {
  const storage = memoryStorage()
  const alice = newPerson()
  const before = await createAlwaysOnNode({ port: 0, storage })
  expect(await claimPlace(before, alice)).toEqual({ type: 'claimed' })
  const laptop = await openClient(alice, { isOrigin: true })
  const witness = await openClient(alice)
  await laptop.connect(before)
  await witness.connect(before)
  await laptop.db.write([put('kept')])
  await until(() => witness.keys.length === 1)
  await laptop.db.close()
  await witness.db.close()
  await before.close()

  const after = await start({ storage })
  expect(after.status()).toMatchObject({ hyphas: 1, places: { taken: 1, total: 1 } })
  expect(after.claimCode).toBe(before.claimCode)
  const phone = await openClient(alice)
  await phone.connect(after)
  await until(() => phone.keys.includes('kept'))
  expect(await claimPlace(after, newPerson())).toEqual(refused('full'))
})

test('a connection that does not speak the protocol is closed', async () => {
  const node = await start()
  const stream = (await dial(node, 'tcp')).stream
  stream.write('GET / HTTP/1.1\r\n\r\n')
  await streamClosed(stream)
  await until(() => node.errors.length === 1)
  expect(node.errors[0]).toMatchObject({ code: 'PEER_MISBEHAVED' })
})
