import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { HyphaError } from '../../src/index.js'
import { createWire, type Wire, type WireOptions } from '../../src/testing/index.js'

const endings: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const listen = async (accept: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: false }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    accept(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('It listens on no port')
  return `127.0.0.1:${address.port}`
}

const wireTo = async (to: string, options: Partial<WireOptions> = {}): Promise<Wire> => {
  const wire = await createWire({ to, ...options })
  endings.push(() => wire.close())
  return wire
}

interface Call {
  readonly socket: Socket
  readonly heard: () => Buffer
  /** Resolves when so many bytes have arrived. */
  bytes(count: number): Promise<Buffer>
  /** How it ended: the code of the error, or `end`. */
  readonly ended: Promise<string>
}

const call = (wire: Wire): Call => {
  const [host = '', port = ''] = wire.address.split(':')
  const socket = connect({ host, port: Number(port), noDelay: true })
  endings.push(() => socket.destroy())
  let heard = Buffer.alloc(0)
  let how = 'end'
  const waiting = new Set<() => void>()
  socket.on('data', (bytes) => {
    heard = Buffer.concat([heard, bytes])
    for (const look of [...waiting]) look()
  })
  socket.on('error', (error) => {
    how = 'code' in error ? String(error.code) : error.message
  })
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(how)))
  const bytes = (count: number) =>
    new Promise<Buffer>((resolve) => {
      const look = () => {
        if (heard.length < count) return
        waiting.delete(look)
        resolve(heard)
      }
      waiting.add(look)
      look()
    })
  return { socket, heard: () => heard, bytes, ended }
}

/** Answers with what it hears. */
const echo = (socket: Socket) => void socket.pipe(socket)
const MEGABYTE = Buffer.alloc(1024 * 1024, 'hypha ')

describe('a wire that is left alone', () => {
  it('carries bytes both ways and counts them', async () => {
    const wire = await wireTo(await listen(echo))
    const { socket, bytes } = call(wire)
    socket.write(MEGABYTE)
    expect((await bytes(MEGABYTE.length)).equals(MEGABYTE)).toBe(true)
    expect(wire.bytes).toEqual({ up: MEGABYTE.length, down: MEGABYTE.length })
    expect(wire.connections).toBe(1)
  })

  it('passes on an end, after all that came before it', async () => {
    const wire = await wireTo(await listen((socket) => void socket.end(MEGABYTE)))
    wire.delay(20)
    const { ended, heard } = call(wire)
    expect(await ended).toBe('end')
    expect(heard().length).toBe(MEGABYTE.length)
  })

  it('passes on a reset', async () => {
    const wire = await wireTo(await listen((socket) => socket.once('data', () => socket.resetAndDestroy())))
    const { socket, ended } = call(wire)
    socket.write('hello')
    expect(await ended).toBe('ECONNRESET')
  })

  it('leads nowhere when nothing listens there', async () => {
    const wire = await wireTo('127.0.0.1:1')
    expect(await call(wire).ended).toBe('ECONNRESET')
    while (wire.connections > 0) await new Promise(setImmediate)
  })

  it('holds a sender up whose peer does not read', async () => {
    const wire = await wireTo(await listen((socket) => void socket.pause()))
    const { socket } = call(wire)
    let sent = 0
    const isHeldUp = new Promise<void>((resolve) => {
      const send = () => {
        let flows = true
        while (flows && sent < 256) {
          flows = socket.write(MEGABYTE)
          sent++
        }
        if (sent < 256) {
          // What drains within a second still flows.
          const timer = setTimeout(resolve, 1_000)
          socket.once('drain', () => {
            clearTimeout(timer)
            send()
          })
        } else resolve()
      }
      socket.once('connect', send)
    })
    await isHeldUp
    expect(sent).toBeLessThan(256)
    expect(wire.bytes.up).toBeLessThan(64 * MEGABYTE.length)
  })
})

describe('a wire that is slow', () => {
  it('keeps everything back for a while, each way, in order', async () => {
    const wire = await wireTo(await listen(echo))
    wire.delay([30, 60])
    const { socket, bytes } = call(wire)
    const start = performance.now()
    const words = Array.from({ length: 50 }, (_, i) => `${i} `)
    for (const word of words) socket.write(word)
    expect((await bytes(words.join('').length)).toString()).toBe(words.join(''))
    expect(performance.now() - start).toBeGreaterThan(58)
  })

  it('lets through so many bytes in a second', async () => {
    const wire = await wireTo(await listen((socket) => void socket.write(Buffer.alloc(100_000))))
    wire.throttle(200_000)
    const start = performance.now()
    await call(wire).bytes(100_000)
    expect(performance.now() - start).toBeGreaterThan(450)
  })

  it('stands still and goes on, one way or both', async () => {
    const wire = await wireTo(await listen(echo))
    const { socket, bytes, heard } = call(wire)
    wire.pause('down')
    socket.write('hello')
    while (wire.bytes.up < 5) await new Promise(setImmediate)
    expect(heard().length).toBe(0)
    wire.resume('down')
    expect((await bytes(5)).toString()).toBe('hello')
    wire.pause()
    socket.write(' again')
    await new Promise(setImmediate)
    expect(wire.bytes.up).toBe(5)
    wire.resume()
    expect((await bytes(11)).toString()).toBe('hello again')
  })
})

describe('a wire that breaks', () => {
  it('breaks at the very byte, with a reset', async () => {
    const wire = await wireTo(await listen((socket) => void socket.write(MEGABYTE)))
    const cut = wire.cut({ afterBytes: 123_457, direction: 'down' })
    const { ended, heard } = call(wire)
    await cut
    // Node tells of a reset behind bytes that it hasn't read yet as of an end.
    expect(await ended).toMatch(/^(ECONNRESET|end)$/)
    expect(wire.bytes.down).toBe(123_457)
    expect(heard().length).toBe(123_457)
  })

  it('breaks at the very byte, with an end', async () => {
    const wire = await wireTo(await listen((socket) => void socket.write(MEGABYTE)))
    const cut = wire.cut({ afterBytes: 7, how: 'end' })
    const { ended, heard } = call(wire)
    await cut
    expect(await ended).toBe('end')
    expect(heard().length).toBe(7)
  })

  it('falls silent: nobody is told, and a peer that gives up is let go', async () => {
    const wire = await wireTo(await listen(echo))
    const { socket, bytes, heard, ended } = call(wire)
    socket.write('hello')
    await bytes(5)
    await wire.cut({ how: 'silence' })
    socket.write('is anybody there?')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard().length).toBe(5)
    expect(wire.bytes.up).toBe(5)
    const late = call(wire)
    late.socket.write('and now?')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(late.socket.destroyed).toBe(false)
    socket.destroy()
    expect(await ended).toBe('end')
  })

  it('stays broken until it heals', async () => {
    const wire = await wireTo(await listen(echo))
    await wire.cut()
    expect(await call(wire).ended).toBe('ECONNRESET')
    wire.heal()
    const { socket, bytes } = call(wire)
    socket.write('hello')
    expect((await bytes(5)).toString()).toBe('hello')
  })

  it('heals by itself, at once or later', async () => {
    const wire = await wireTo(await listen(echo))
    const first = call(wire)
    first.socket.write('1')
    await first.bytes(1)
    await wire.cut({ healsAfter: 0 })
    expect(await first.ended).toBe('ECONNRESET')
    const second = call(wire)
    second.socket.write('2')
    await second.bytes(1)
    await wire.cut({ healsAfter: 30 })
    for (;;) {
      const { socket, bytes, ended } = call(wire)
      socket.write('3')
      if (await Promise.race([bytes(1).then(() => true), ended.then(() => false)])) break
    }
  })

  it('turns new connections away and keeps the others', async () => {
    const wire = await wireTo(await listen(echo))
    const { socket, bytes } = call(wire)
    socket.write('hello')
    await bytes(5)
    wire.refuse()
    expect(await call(wire).ended).toBe('ECONNRESET')
    socket.write(' again')
    await bytes(11)
  })
})

describe('a wire that misbehaves', () => {
  it('does so in the same way for the same seed', async () => {
    const to = await listen(echo)
    const planOf = async (seed: number) => (await wireTo(to, { seed })).misbehave({ times: 20 }).plan
    expect(await planOf(42)).toEqual(await planOf(42))
    expect(await planOf(42)).not.toEqual(await planOf(43))
    const plan = await planOf(42)
    expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(['reset', 'end', 'pause']))
    for (const { afterBytes, outage } of plan) {
      expect(afterBytes).toBeGreaterThan(0)
      expect(outage).toBeLessThanOrEqual(300)
    }
  })

  it('has healed when it is done', async () => {
    const wire = await wireTo(await listen(echo), { seed: 3 })
    const { done, plan } = wire.misbehave({ times: 8, bytes: [1, 5_000], outage: [0, 20] })
    let isDone = false
    const ended = done.then(() => {
      isDone = true
    })
    let calls = 0
    while (!isDone) {
      calls++
      const { socket, bytes, ended: broke } = call(wire)
      socket.write(Buffer.alloc(4_096))
      await Promise.race([bytes(4_096), broke, ended])
    }
    expect(calls).toBeGreaterThan(plan.filter(({ kind }) => kind !== 'pause').length)
    const { socket, bytes } = call(wire)
    socket.write('whole')
    await bytes(5)
  })

  it('stops when it is told to', async () => {
    const wire = await wireTo(await listen(echo))
    const { done, stop } = wire.misbehave()
    stop()
    await done
    const { socket, bytes } = call(wire)
    socket.write(MEGABYTE)
    await bytes(MEGABYTE.length)
  })
})

describe('the end of a wire', () => {
  it('leaves no handle, in whatever state it is', async () => {
    const to = await listen(echo)
    const handles = () => process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length
    const before = handles()
    const wire = await createWire({ to })
    wire.delay(5_000)
    const calls = [call(wire), call(wire)]
    for (const { socket } of calls) socket.write('hello')
    while (wire.connections < 2) await new Promise(setImmediate)
    void wire.cut({ afterBytes: 1_000_000 })
    wire.misbehave()
    await wire.close()
    await Promise.all(calls.map(({ ended }) => ended))
    expect(wire.connections).toBe(0)
    while (handles() > before) await new Promise(setImmediate)
  })
})

describe('what a wire is told', () => {
  it('is checked', async () => {
    const code = (error: unknown) => (error instanceof HyphaError ? error.code : String(error))
    expect(await createWire({ to: 'nowhere' }).catch(code)).toBe('ADDRESS_INVALID')
    expect(await createWire({ to: '127.0.0.1:1', seed: 0.5 }).catch(code)).toBe('OPTION_INVALID')
    const wire = await wireTo('http://127.0.0.1:1')
    expect(await wire.cut({ afterBytes: -1 }).catch(code)).toBe('OPTION_INVALID')
    expect(() => wire.delay(-1)).toThrow(HyphaError)
    expect(() => wire.delay([2, 1])).toThrow(HyphaError)
    expect(() => wire.throttle(0)).toThrow(HyphaError)
  })
})
