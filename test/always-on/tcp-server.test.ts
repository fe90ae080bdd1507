import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Connection } from '../../src/adapters/transport/transport.js'
import { createTcpServer } from '../../src/always-on/tcp-server.js'

const closed = (socket: ReturnType<typeof connect>) =>
  new Promise((resolve) =>
    socket
      .on('error', () => {})
      .resume()
      .once('close', resolve),
  )

test('peers come by TCP, as many as it holds, and are dropped when it closes', async () => {
  const connections: Connection[] = []
  let both = () => {}
  const came = new Promise<void>((resolve) => (both = resolve))
  const server = await createTcpServer({
    port: 0,
    host: '127.0.0.1',
    maxConnections: 2,
    onConnection: (connection) => {
      if (connections.push(connection) === 2) both()
    },
  })
  const peers = [connect(server.port, '127.0.0.1'), connect(server.port, '127.0.0.1')]
  await came
  await closed(connect(server.port, '127.0.0.1'))
  expect(connections).toHaveLength(2)
  expect(connections[0]).toMatchObject({
    transport: 'tcp',
    direction: 'incoming',
    confidential: true,
    local: true,
  })
  const gone = peers.map(closed)
  await server.close()
  await Promise.all(gone)
  expect(connections.every(({ stream }) => stream.destroyed)).toBe(true)
})

test('a peer that resets its connection, or is gone at once, does no harm', async () => {
  const server = await createTcpServer({
    port: 0,
    host: '127.0.0.1',
    maxConnections: 10,
    onConnection: ({ stream }) => void stream.write(Buffer.alloc(1024 * 1024)),
  })
  for (let i = 0; i < 50; i++) {
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.resetAndDestroy()
  }
  const honest = connect(server.port, '127.0.0.1')
  await once(honest, 'data')
  honest.destroy()
  await server.close()
})

test('a port that is taken is LISTEN_FAILED', async () => {
  const options = { port: 0, host: '127.0.0.1', maxConnections: 1, onConnection: () => {} }
  const server = await createTcpServer(options)
  await expect(createTcpServer({ ...options, port: server.port })).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
  })
  await server.close()
})
