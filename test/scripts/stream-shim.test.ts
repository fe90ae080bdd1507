import { type Duplex, type DuplexOptions, Duplex as NodeDuplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Duplex as ShimDuplex } from '../../scripts/build/shims/stream.js'

const streams: readonly (readonly [string, (options: DuplexOptions) => Duplex])[] = [
  ["Node's", (options) => new NodeDuplex(options)],
  ["the browser's", (options) => new ShimDuplex(options)],
]

const closed = (stream: Duplex): Promise<string[]> =>
  new Promise((resolve) => {
    const heard: string[] = []
    for (const name of ['end', 'finish', 'error']) stream.on(name, () => heard.push(name))
    stream.on('close', () => resolve(heard))
  })

/** What connections rely on holds for both. */
describe.each(streams)('a duplex stream: %s', (_, create) => {
  const quiet = {
    read() {},
    write(_chunk: unknown, _encoding: string, callback: () => void) {
      callback()
    },
  }

  it('closes once by itself when both of its sides have ended', async () => {
    const stream = create({ ...quiet, allowHalfOpen: false })
    const ended = closed(stream)
    stream.resume()
    stream.push(Buffer.from('a'))
    stream.push(null)
    expect((await ended).sort()).toEqual(['end', 'finish'])
    expect([stream.destroyed, stream.closed]).toEqual([true, true])
  })

  it('is ended by an error of a write, which it tells before it closes', async () => {
    const stream = create({ ...quiet, write: (_chunk, _encoding, callback) => callback(new Error('no')) })
    const ended = closed(stream)
    stream.write(Buffer.from('a'))
    expect(await ended).toEqual(['error'])
  })

  it('closes only after its destruction has been seen to, and once', async () => {
    const order: string[] = []
    const stream = create({
      ...quiet,
      destroy: (error, callback) => {
        order.push('destroying')
        setImmediate(() => callback(error))
      },
    })
    const ended = closed(stream).then((heard) => order.push(...heard, 'closed'))
    stream.destroy(new Error('why'))
    stream.destroy(new Error('again'))
    await ended
    expect(order).toEqual(['destroying', 'error', 'closed'])
  })

  it('takes and gives nothing any more once it is destroyed', async () => {
    let written = 0
    const stream = create({
      ...quiet,
      write: (_chunk, _encoding, callback) => {
        written++
        callback()
      },
    })
    stream.on('error', () => {})
    const ended = closed(stream)
    stream.destroy()
    expect(stream.push(Buffer.from('a'))).toBe(false)
    expect(stream.write(Buffer.from('a'))).toBe(false)
    await ended
    expect(written).toBe(0)
  })

  it('unshifts for the next reader, after a pause', async () => {
    const stream = create(quiet)
    const got: string[] = []
    const first = (chunk: Buffer) => {
      stream.off('data', first)
      stream.pause()
      stream.unshift(chunk.subarray(1))
      stream
        .on('data', (rest: Buffer) => {
          got.push(rest.toString())
          stream.destroy()
        })
        .resume()
    }
    stream.on('data', first)
    stream.push(Buffer.from('abc'))
    await closed(stream)
    expect(got).toEqual(['bc'])
  })
})
