import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { tcp } from '../../../src/adapters/transport/tcp-transport.js'
import type { Connection, Transport } from '../../../src/adapters/transport/transport.js'
import { MAX_CONNECTIONS_PER_LISTENER } from '../../../src/protocol/limits.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'
import { freePort } from './pairs.js'

const key = new Uint8Array(32)
const silent = createTransportHost({ connection: () => {} })
const open: Transport[] = []

const later = <T extends Transport>(transport: T): T => {
  open.push(transport)
  return transport
}

afterEach(async () => {
  for (const transport of open.splice(0).reverse()) await transport.stop()
})

test.each(['127.0.0.1:0', '[::1]:0'])('listens on %s, says where, and is dialled there', async (listen) => {
  const listener = later(tcp({ listen }))
  expect(listener.listening).toBeUndefined()
  await listener.start(key, silent)
  const address = listener.listening ?? ''
  expect(address).toMatch(listen === '[::1]:0' ? /^\[::1\]:[1-9]\d*$/ : /^127\.0\.0\.1:[1-9]\d*$/)
  const dialler = later(tcp({ connect: [address], claimCode: '1234' }))
  const connection = await new Promise<Connection>((resolve) => {
    void dialler.start(key, { ...silent, connection: resolve })
  })
  expect(connection).toMatchObject({ address, confidential: true, local: true, claimCode: '1234' })
  await listener.stop()
  expect(listener.listening).toBeUndefined()
})

test('says what is wrong with its options and addresses', () => {
  const error = (code: string) => expect.objectContaining({ code })
  expect(() => tcp({})).toThrow(error('OPTION_INVALID'))
  expect(() => tcp({ connect: ['nowhere'] })).toThrow(error('ADDRESS_INVALID'))
  expect(() => tcp({ listen: 'localhost:x' })).toThrow(error('ADDRESS_INVALID'))
})

test("a port that is taken is LISTEN_FAILED, and can be listened on once it isn't", async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const bound = other.address()
  const listener = later(tcp({ listen: `127.0.0.1:${typeof bound === 'object' && bound?.port}` }))
  await expect(listener.start(key, silent)).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
    message: expect.stringContaining('EADDRINUSE'),
  })
  other.close()
  await once(other, 'close')
  await listener.start(key, silent)
})

test('an unreachable address is reported once, and again only after it was reachable', async () => {
  const address = `127.0.0.1:${await freePort()}`
  const errors: Error[] = []
  let connected = () => {}
  let failed = () => {}
  const nextConnection = () => new Promise<void>((resolve) => (connected = resolve))
  const nextError = () => new Promise<void>((resolve) => (failed = resolve))
  const dialler = later(tcp({ connect: [address] }))

  let wait = nextError()
  await dialler.start(
    key,
    createTransportHost({
      connection: ({ stream }) => {
        stream.resume()
        connected()
      },
      error: (error) => {
        errors.push(error)
        failed()
      },
    }),
  )
  await wait
  expect(errors[0]).toMatchObject({
    code: 'ADDRESS_UNREACHABLE',
    message: expect.stringMatching(`${address} can't be reached \\(ECONNREFUSED\\)`),
  })

  wait = nextConnection()
  const listener = later(tcp({ listen: address }))
  await listener.start(key, silent)
  await wait
  expect(errors).toHaveLength(1)

  wait = nextError()
  await listener.stop()
  await wait
  expect(errors).toHaveLength(2)
})

test('a listener holds so many connections and no more', async () => {
  const listener = later(tcp({ listen: '127.0.0.1:0' }))
  let held = 0
  let full = () => {}
  const filled = new Promise<void>((resolve) => (full = resolve))
  await listener.start(key, {
    ...silent,
    connection: () => {
      if (++held === MAX_CONNECTIONS_PER_LISTENER) full()
    },
  })
  const port = Number(listener.listening?.split(':')[1])
  const sockets = Array.from({ length: MAX_CONNECTIONS_PER_LISTENER }, () => connect(port, '127.0.0.1'))
  await filled
  const oneMore = connect(port, '127.0.0.1').on('error', () => {})
  await new Promise((resolve) => oneMore.resume().once('close', resolve))
  expect(held).toBe(MAX_CONNECTIONS_PER_LISTENER)
  for (const socket of sockets) socket.destroy()
})

test('an owner that fails to take a connection loses that one only', async () => {
  const listener = later(tcp({ listen: '127.0.0.1:0' }))
  const errors: string[] = []
  await listener.start(
    key,
    createTransportHost({
      connection: () => {
        throw new Error('not ready')
      },
      error: ({ message }) => void errors.push(message),
    }),
  )
  const socket = connect(Number(listener.listening?.split(':')[1]), '127.0.0.1').on('error', () => {})
  await new Promise((resolve) => socket.resume().once('close', resolve))
  expect(errors).toEqual(['not ready'])
})
