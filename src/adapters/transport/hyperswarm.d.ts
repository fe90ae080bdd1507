/** The parts of hyperswarm 4 that we use, as they are. None of it leaves this folder. */

declare module 'hyperswarm' {
  import type { EventEmitter } from 'node:events'

  export interface NoiseSocket extends EventEmitter {
    readonly remotePublicKey: Uint8Array
    /** Whether this end dialled. */
    readonly isInitiator: boolean
    readonly destroyed: boolean
    write(bytes: Uint8Array): boolean
    end(): void
    pause(): void
    resume(): void
    destroy(error?: Error): void
  }

  export interface Dht extends EventEmitter {
    fullyBootstrapped(): Promise<void>
    /** The nodes of the network that it knows. */
    toArray(): readonly { readonly host: string; readonly port: number }[]
    destroy(options?: { force?: boolean }): Promise<void>
  }

  export interface DiscoverySession {
    /** Looks who is there, and says again that this one is. */
    refresh(): Promise<void>
  }

  interface Options {
    readonly bootstrap?: readonly { readonly host: string; readonly port: number }[]
    readonly dht?: Dht
    readonly maxPeers?: number
    /** Milliseconds: how long a peer that was lost is left alone, the first, second, third and each later time. */
    readonly backoffs?: readonly [number, number, number, number]
    readonly jitter?: number
  }

  export default class Hyperswarm extends EventEmitter {
    constructor(options?: Options)
    readonly dht: Dht
    join(topic: Uint8Array, options: { readonly server: boolean; readonly client: boolean }): DiscoverySession
    destroy(options?: { force?: boolean }): Promise<void>
  }
}
