/**
 * hypha-runtime: an embeddable node for one person's peer-to-peer database.
 *
 * ```ts
 * import { createNode, webSocket } from 'hypha-runtime'
 *
 * const node = createNode({ transports: [webSocket('http://127.0.0.1:4280')] })
 * const { passphrase } = await node.signUp({ domain: 'example.org' })
 * await node.put('notes/1', { text: 'hello' })
 * ```
 */

export type { Mending, MendingReason } from './adapters/database/database.js'
export { type BrowserStorageOptions, browserStorage } from './adapters/storage/browser-storage.js'
export { fileStorage } from './adapters/storage/file-storage.js'
export { memoryStorage } from './adapters/storage/memory-storage.js'
export type { RandomAccess, Storage } from './adapters/storage/storage.js'
export { type HyperswarmOptions, hyperswarm } from './adapters/transport/hyperswarm-transport.js'
export {
  createMemoryNetwork,
  type MemoryNetwork,
  memoryTransport,
} from './adapters/transport/memory-transport.js'
export { type TcpTransport, tcp } from './adapters/transport/tcp-transport.js'
export type {
  Connection,
  Dialled,
  Dialling,
  DialTarget,
  IntroductionSeal,
  Transport,
  TransportHost,
} from './adapters/transport/transport.js'
export type { IceServer } from './adapters/transport/web-rtc-peer.js'
export type { WebRTCPlatform } from './adapters/transport/web-rtc-platform.js'
export { type WebRTCOptions, type WebRTCTransport, webRTC } from './adapters/transport/web-rtc-transport.js'
export { webSocket } from './adapters/transport/web-socket-transport.js'
export type * from './api.js'
export { createNode } from './node.js'
export { HyphaError, type HyphaErrorCode, type PassphraseFault } from './protocol/errors.js'
