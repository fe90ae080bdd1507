// Run as a program of its own: it must end by itself once everything has stopped. Prints what kept it, if anything did.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hyperswarm } from '../../../src/adapters/transport/hyperswarm-transport.js'
import { createMemoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory-transport.js'
import { tcp } from '../../../src/adapters/transport/tcp-transport.js'
import type { Connection, Transport } from '../../../src/adapters/transport/transport.js'
import { webRTC } from '../../../src/adapters/transport/web-rtc-transport.js'
import { webSocket } from '../../../src/adapters/transport/web-socket-transport.js'
import { createAlwaysOnNode } from '../../../src/always-on/always-on-node.js'
import { createHttpServer } from '../../../src/always-on/http-server.js'
import { createTcpServer } from '../../../src/always-on/tcp-server.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'
import { openTestnet } from './testnet.js'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8')

const net = await openTestnet()
const key = randomBytes(32)
const network = createMemoryNetwork()
const listener = tcp({ listen: '127.0.0.1:0' })
const options = {
  host: '127.0.0.1',
  port: 0,
  maxConnections: 10,
  routes: () => {},
  onConnection: ({ stream }: Connection) => void stream.resume(),
}
const tls = { key: fixture('localhost-key.pem'), cert: fixture('localhost-certificate.pem') }
const [http, https, raw] = await Promise.all([
  createHttpServer(options),
  createHttpServer({ ...options, tls }),
  createTcpServer(options),
])

const alwaysOn = await createAlwaysOnNode({ port: 0 })

const seen: string[] = []
const connected = (transport: Transport) =>
  new Promise<void>((resolve) => {
    const connection = ({ stream, transport: name, address, confidential }: Connection) => {
      stream.write('hello')
      seen.push(`${name} ${address.replace(/:[\da-f]+$/, ':N')} ${confidential}`)
      resolve()
    }
    void transport.start(
      key,
      createTransportHost({ connection, error: (error) => void seen.push(error.message) }),
    )
  })

await listener.start(key, createTransportHost({ connection: ({ stream }) => void stream.resume() }))
const transports = [
  tcp({ connect: [listener.listening ?? '', `127.0.0.1:${raw.port}`, '127.0.0.1:1'] }),
  webSocket(http.url),
  webSocket(https.url.replace('127.0.0.1', 'localhost')),
  memoryTransport(network),
  hyperswarm(net),
  webRTC({ signalling: alwaysOn.url }),
]
const other = memoryTransport(network)
await other.start(key, createTransportHost({ connection: () => {} }))
const swarming = hyperswarm(net)
await swarming.start(key, createTransportHost({ connection: ({ stream }) => void stream.resume() }))
const meeting = webRTC({ signalling: alwaysOn.url })
await meeting.start(key, createTransportHost({ connection: ({ stream }) => void stream.resume() }))
await Promise.all(transports.map(connected))

// A client that has connected to the page and keeps the connection.
await fetch(`${http.url}/%zz`)

await Promise.all([...transports, other, listener, swarming, meeting].map((transport) => transport.stop()))
await Promise.all([http, https, raw].map((server) => server.close()))
await alwaysOn.close()
await net.destroy()
process.stdout.write(JSON.stringify(seen.sort()))
