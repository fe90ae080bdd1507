import type { DuplexOptions } from 'node:stream'
import { Duplex as OldDuplex } from 'readable-stream'

type Callback = (error?: Error | null) => void

const orDestroy =
  (stream: OldDuplex, done: Callback): Callback =>
  (error) => {
    if (error) stream.destroy(error)
    else done()
  }

/**
 * Node's `Duplex` as far as connections use it, on top of the readable-stream that the engine brings along. That one is of
 * 2018: it neither destroys itself at its end or on an error, nor says `close`, nor refuses what comes afterwards.
 */
export class Duplex extends OldDuplex {
  override closed = false
  #ends = 0

  constructor({ write, writev, ...options }: DuplexOptions = {}) {
    super({
      ...options,
      ...(write && {
        write(chunk: unknown, encoding: BufferEncoding, callback: Callback) {
          write.call(this, chunk, encoding, orDestroy(this, callback))
        },
      }),
      ...(writev && {
        writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: Callback) {
          writev.call(this, chunks, orDestroy(this, callback))
        },
      }),
    })
    const end = () => {
      if (++this.#ends === 2) this.destroy()
    }
    this.once('end', end)
    this.once('finish', end)
  }

  override destroy(reason?: Error): this {
    if (this.destroyed) return this
    const closed = (error?: Error | null) =>
      queueMicrotask(() => {
        this.closed = true
        try {
          if (error) this.emit('error', error)
        } finally {
          this.emit('close')
        }
      })
    // The second argument is the older library's own: whoever gives it emits what there is to say.
    Reflect.apply(OldDuplex.prototype.destroy, this, [reason, closed])
    return this
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    return this.destroyed ? false : super.push(chunk, encoding)
  }

  override write(chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    if (this.destroyed) return false
    return typeof encoding === 'function'
      ? super.write(chunk, encoding)
      : super.write(chunk, encoding ?? 'utf8', callback)
  }
}

interface Buffered {
  readonly _readableState: { readonly length: number }
  readonly _writableState: { readonly length: number }
}

// Node's of today say how much they hold.
Object.defineProperties(Duplex.prototype, {
  readableLength: {
    get(this: Buffered) {
      return this._readableState.length
    },
  },
  writableLength: {
    get(this: Buffered) {
      return this._writableState.length
    },
  },
})
