/** The parts of hypercore-protocol 6.12.0 that we use or mend, as they are. None of it leaves this folder. */

declare module 'hypercore-protocol' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'node:stream'
  import type { Peer } from 'hypercore'
  import type { HandshakeMessage, ReplicationMessage } from '../../protocol/replication-messages.js'

  interface ProtocolOptions {
    id?: Buffer
    live?: boolean
    encrypt?: boolean
    extensions?: readonly string[]
    maxFeeds?: number
    timeout?: number
  }

  interface Channel extends EventEmitter {
    id: number
    remoteId: number
    key: Buffer | null
    discoveryKey: Buffer | null
    peer: Peer | null
    closed: boolean
    /** Messages to a channel that is not open here yet; null once it is. */
    _buffer: { type: number; message: ReplicationMessage }[] | null
    _emit(type: number, message: ReplicationMessage): void
    /** Delivers, in the next tick, what waited. */
    _resume(): void
    destroy(error?: Error): void
    data(message: { index: number; value: Buffer | null }): unknown
    want(message: { start: number; length: number }): unknown
    extension(name: string, bytes: Buffer): unknown
  }

  /** Declared as node's Duplex: it is readable-stream's, which behaves alike. */
  class Protocol extends Duplex {
    constructor(options: ProtocolOptions)
    destroyed: boolean
    key: Buffer | null
    remoteId: Buffer | null
    readonly _readableState: { readonly length: number }
    readonly feeds: readonly Channel[]
    extensions: string[]
    remoteExtensions: number[] | null
    maxFeeds: number
    _feeds: Record<string, Channel | undefined>
    _localFeeds: (Channel | null)[]
    _remoteFeeds: (Channel | null | undefined)[]
    _remoteXor: { final(): void } | null
    feed(key: Buffer, options?: { discoveryKey?: Buffer; peer?: Peer }): Channel
    _push(frame: Buffer): unknown
    _feed(discoveryKey: Buffer): Channel
    _onopen(id: number, data: Buffer, start: number, end: number): void
    _onmessage(data: Buffer, start: number, end: number): void
    _onhandshake(message: HandshakeMessage): void
    _parse(data: Buffer, start: number, callback: () => void): void
    _missing: number
    _parseLength(data: Buffer, start: number): number
    _kick(): void
    _ontimeout(): void
    _close(): void
    remoteSupports(extension: string): boolean
  }

  export default Protocol
  export type { Channel, ProtocolOptions }
}
