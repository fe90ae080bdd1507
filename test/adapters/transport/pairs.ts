import { createServer } from 'node:net'
import { createTransport } from '../../../src/adapters/transport/create-transport.js'
import { createMemoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory-transport.js'
import { tcp } from '../../../src/adapters/transport/tcp-transport.js'
import { webRTC } from '../../../src/adapters/transport/web-rtc-transport.js'
import { webSocket } from '../../../src/adapters/transport/web-socket-transport.js'
import { createAlwaysOnNode } from '../../../src/always-on/always-on-node.js'
import { createHttpServer } from '../../../src/always-on/http-server.js'
import type { TransportPair } from '../../../src/testing/contracts/transport.js'

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

export const createMemoryPair = async (): Promise<TransportPair> => {
  const network = createMemoryNetwork()
  return { listener: memoryTransport(network), createDialler: () => memoryTransport(network) }
}

export const createTcpPair = async (): Promise<TransportPair> => {
  const address = `127.0.0.1:${await freePort()}`
  return { listener: tcp({ listen: address }), createDialler: () => tcp({ connect: [address] }) }
}

export const createWebSocketPair = async (): Promise<TransportPair> => {
  const port = await freePort()
  const listener = createTransport('webSocket', async (_discoveryKey, events) => {
    const server = await createHttpServer({
      port,
      host: '127.0.0.1',
      maxConnections: 100,
      routes: (_request, response) => void response.end(),
      onConnection: events.connection,
    })
    return server.close
  })
  return { listener, createDialler: () => webSocket(`http://127.0.0.1:${port}`) }
}

/** In a room everybody meets everybody: four connections are ten, at two dozen open files for each end of one in Node. */
export const WEB_RTC_CONNECTIONS = 4

export const createWebRTCPair = async (): Promise<TransportPair> => {
  const { url, close } = await createAlwaysOnNode({ port: 0 })
  const create = () => webRTC({ signalling: url })
  return { listener: create(), createDialler: create, connections: WEB_RTC_CONNECTIONS, end: close }
}
