// A page's project need not have Node's types. There the import is an error, which is ignored, and `Duplex` is `any`.
// biome-ignore lint/suspicious/noTsIgnore: where Node's types are, there is no error to expect
/** @ts-ignore */
import type { Duplex } from 'node:stream'

/** What the compiler knows of a stream where there are no types of Node. What a transport gives is a whole `Duplex` all the same. */
export interface NamedByteStream {
  readonly closed: boolean
  readonly destroyed: boolean
  readonly readableLength: number
  readonly writableLength: number
  on(event: 'data', listener: (bytes: Uint8Array) => void): this
  on(event: 'error', listener: (error: Error) => void): this
  on(event: 'close' | 'drain' | 'end' | 'finish', listener: () => void): this
  once(event: 'data', listener: (bytes: Uint8Array) => void): this
  once(event: 'error', listener: (error: Error) => void): this
  once(event: 'close' | 'drain' | 'end' | 'finish', listener: () => void): this
  off(event: 'data', listener: (bytes: Uint8Array) => void): this
  off(event: 'error', listener: (error: Error) => void): this
  off(event: 'close' | 'drain' | 'end' | 'finish', listener: () => void): this
  pause(): this
  resume(): this
  unshift(bytes: Uint8Array): void
  cork(): void
  uncork(): void
  write(bytes: Uint8Array, written?: (error?: Error | null) => void): boolean
  end(bytes?: Uint8Array): this
  destroy(error?: Error): this
}

/** Only `any` takes everything, even what is also a 1. In brackets, since the compiler asks nothing of a type that it could not find. */
type IsAny<T> = [0] extends [1 & T] ? true : false

/** Bytes both ways, with backpressure: Node's `Duplex`, in a page the same from a bundle. */
export type ByteStream = IsAny<Duplex> extends true ? NamedByteStream : Duplex
