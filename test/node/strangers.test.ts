import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { streamClosed } from '../../src/adapters/transport/stream-closed.js'
import { type TcpTransport, tcp } from '../../src/adapters/transport/tcp-transport.js'
import type { Connection } from '../../src/adapters/transport/transport.js'
import { discoveryKeyOf, parseHyphalink } from '../../src/protocol/hyphalink.js'
import { MAX_CONNECTIONS_PER_LISTENER, MAX_UNSEALED_FRAMES } from '../../src/protocol/limits.js'
import { atEnd, newPerson, openClient, type Person } from '../always-on/world.js'
import { useDevices } from './devices.js'
import { arrived, next, until } from './until.js'

const crypto = await createCrypto()
const { open } = useDevices()

const thief = (hyphalink: string): Person => {
  const bytes = parseHyphalink(hyphalink)
  return {
    ...newPerson(),
    hyphalink: bytes,
    link: hyphalink,
    discoveryKey: discoveryKeyOf(bytes, crypto.hash),
  }
}

const laptopThatListens = async () => {
  const road: TcpTransport = tcp({ listen: '127.0.0.1:0' })
  const laptop = open({ name: 'Laptop', transports: [road] })
  const signedUp = await laptop.signUp({ domain: 'alice.example' })
  await laptop.put('notes/1', 'hello')
  const address = road.listening ?? ''
  const dial = async (): Promise<Connection> => {
    const stream = connect(Number(address.split(':')[1]), '127.0.0.1')
    stream.on('error', () => {})
    atEnd(async () => stream.destroy())
    await once(stream, 'connect')
    return { stream, transport: 'tcp', direction: 'outgoing', address, confidential: true }
  }
  return { ...signedUp, laptop, address, dial }
}

test('a stranger who sends noise on and on, straight to a device, is cut off, and that is told', async () => {
  const { laptop, hyphalink, dial } = await laptopThatListens()
  const told = next(laptop, 'error')
  const stranger = await openClient(thief(hyphalink), { isStranger: true })
  const { connection, send } = await stranger.connect({} as never, await dial())
  for (let i = 0; i < MAX_UNSEALED_FRAMES + 50; i++) send(randomBytes(100))
  await streamClosed(connection.stream)
  expect(await told).toMatchObject({ code: 'PEER_MISBEHAVED' })
})

test('more connections of strangers than a device takes leave the person’s others theirs', async () => {
  const { laptop, passphrase, address, dial } = await laptopThatListens()
  laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
  const phone = open({ name: 'Phone', transports: [tcp({ connect: [address] })] })
  await phone.signIn({ domain: 'alice.example', passphrase })
  await until(phone, () => phone.state === 'writer')
  const lost: string[] = []
  phone.on('peer-disconnected', ({ address: gone }) => lost.push(gone))
  for (let i = 0; i < MAX_CONNECTIONS_PER_LISTENER + 20; i++) await dial()

  const tablet = open({ name: 'Tablet', transports: [tcp({ connect: [address] })] })
  await tablet.signIn({ domain: 'alice.example', passphrase })
  expect(await arrived(tablet, 'notes/1')).toBe('hello')
  await phone.put('notes/2', 'from the phone')
  expect(await arrived(laptop, 'notes/2')).toBe('from the phone')
  expect(lost).toEqual([])
})
