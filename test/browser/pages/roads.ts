/** What test/browser/web-rtc-contract.test.ts asks of a page: the contract of transports, and how fast WebRTC is. */
import type { Connection } from '../../../src/adapters/transport/transport.js'
import { webRTC } from '../../../src/adapters/transport/web-rtc-transport.js'
import { webSocket } from '../../../src/adapters/transport/web-socket-transport.js'
import type { ContractCase } from '../../../src/testing/contracts/checks.js'
import { transportContract } from '../../../src/testing/contracts/transport.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'
import { webSocketListener } from './web-socket-listener.js'

/** Of one page with itself: four nodes that all meet are ten connections. */
const CONNECTIONS = 4
const PIECE = 64 * 1024

const webRTCCases = (signalling: string) => {
  const create = () => webRTC({ signalling })
  return transportContract(() => ({
    listener: create(),
    createDialler: create,
    connections: CONNECTIONS,
  }))
}

const webSocketCases = (url: string, listenUrl: string) =>
  transportContract(() => {
    const listener = webSocketListener(listenUrl)
    return { listener, createDialler: () => webSocket(url), hold: listener.hold }
  })

const run = async (cases: readonly ContractCase[], wanted: string): Promise<string | undefined> => {
  try {
    await cases.find(({ name }) => name === wanted)!.run()
    return undefined
  } catch (error) {
    return error instanceof Error ? `${error.message}\n${error.stack}` : String(error)
  }
}

const rate = (bytes: number, since: number): number => bytes / 1_000 / (performance.now() - since)

/** A bare data channel within the page. */
const connect = async () => {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
  a.onicecandidate = ({ candidate }) => void (candidate && b.addIceCandidate(candidate))
  b.onicecandidate = ({ candidate }) => void (candidate && a.addIceCandidate(candidate))
  const near = a.createDataChannel('raw')
  const far = new Promise<RTCDataChannel>((resolve) => {
    b.ondatachannel = ({ channel }) => resolve(channel)
  })
  const opened = new Promise((resolve) => near.addEventListener('open', resolve))
  await a.setLocalDescription()
  await b.setRemoteDescription(a.localDescription!)
  await b.setLocalDescription()
  await a.setRemoteDescription(b.localDescription!)
  await opened
  const close = () => {
    a.close()
    b.close()
  }
  return { near, far: await far, close }
}

const link = async (signalling: string) => {
  const connections: Connection[] = []
  const transports = [webRTC({ signalling }), webRTC({ signalling })]
  const key = crypto.getRandomValues(new Uint8Array(32))
  await new Promise<void>((resolve) => {
    const host = createTransportHost({
      connection: (connection) => {
        if (connections.push(connection) === 2) resolve()
      },
    })
    for (const transport of transports) void transport.start(key, host)
  })
  const [near, far] = connections
  return { near: near!.stream, far: far!.stream, close: () => Promise.all(transports.map((t) => t.stop())) }
}

const page: RoadsPage = {
  webRTC: (name, signalling) => run(webRTCCases(signalling), name),
  webSocket: (name, { url, listenUrl }) => run(webSocketCases(url, listenUrl), name),
  raw: async (bytes) => {
    const { near, far, close } = await connect()
    const piece = new Uint8Array(PIECE)
    far.binaryType = 'arraybuffer'
    near.bufferedAmountLowThreshold = 256 * 1024
    const since = performance.now()
    const arrived = new Promise<void>((resolve) => {
      let got = 0
      far.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
        got += data.byteLength
        if (got >= bytes) resolve()
      }
    })
    for (let sent = 0; sent < bytes; sent += PIECE) {
      near.send(piece)
      if (near.bufferedAmount > 1024 * 1024)
        await new Promise((resolve) => near.addEventListener('bufferedamountlow', resolve, { once: true }))
    }
    await arrived
    close()
    return rate(bytes, since)
  },
  ours: async (bytes, signalling) => {
    const { near, far, close } = await link(signalling)
    const piece = Buffer.alloc(PIECE)
    const since = performance.now()
    const arrived = new Promise<void>((resolve) => {
      let got = 0
      far.on('data', (chunk: Uint8Array) => {
        got += chunk.length
        if (got >= bytes) resolve()
      })
    })
    for (let sent = 0; sent < bytes; sent += PIECE)
      if (!near.write(piece)) await new Promise((resolve) => near.once('drain', resolve))
    await arrived
    const found = rate(bytes, since)
    await close()
    return found
  },
  without: async (signalling) => {
    const { RTCPeerConnection } = globalThis
    Reflect.deleteProperty(globalThis, 'RTCPeerConnection')
    try {
      await webRTC({ signalling }).start(new Uint8Array(32), createTransportHost({ connection: () => {} }))
      return undefined
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error
    } finally {
      Object.assign(globalThis, { RTCPeerConnection })
    }
  },
}

globalThis.roadsPage = page
