import { createServer, type Socket } from 'node:net'
import { formatTcpAddress, parseTcpAddress } from '../adapters/transport/tcp-address.js'
import { HyphaError } from '../protocol/errors.js'
import { createFlow } from './flow.js'
import { type MisbehaveOptions, type Misbehaviour, planAccidents } from './misbehave.js'
import { createPair, type Pair } from './pair.js'
import { between, createRandom } from './random.js'
import { createTriggers } from './triggers.js'
import type { WireDirection } from './wire-direction.js'

/**
 * How a wire breaks. `reset`: both ends are told that the connection is lost (ECONNRESET). `end`: both ends are told that
 * there is nothing more to come, as when the other program ends. `silence`: nobody is told anything, as when a cable is
 * pulled; only a heartbeat finds it.
 */
export type CutKind = 'reset' | 'end' | 'silence'

export interface WireOptions {
  /** Where the wire leads: `127.0.0.1:4000`, or the address of an always-on node, `http://127.0.0.1:4280`. */
  readonly to: string
  /** A whole number; what is random about the wire comes from it. 1 unless given. */
  readonly seed?: number
}

export interface CutOptions {
  /** Bytes that still pass, in the given direction or both together, to the very byte. None unless given: it breaks now. */
  readonly afterBytes?: number
  /** `up` is towards where the wire leads. An end or a silence concerns this direction only; both unless given. */
  readonly direction?: WireDirection
  /** `reset` unless given. */
  readonly how?: CutKind
  /** Milliseconds until it heals by itself; with 0 only what is connected now is concerned. Until `heal()` unless given. */
  readonly healsAfter?: number
}

/**
 * A TCP connection that can be made to misbehave: dial {@link Wire.address} (or {@link Wire.url}) instead of where it leads.
 * Real sockets on loopback, for any protocol on TCP; WebSocket too. What one end doesn't read, the other can't send.
 */
export interface Wire {
  /** `127.0.0.1:41234`: for `tcp({ connect: [wire.address] })`. */
  readonly address: string
  /** `http://127.0.0.1:41234`: for `webSocket(wire.url)` and `fetch`. */
  readonly url: string
  /** Connections that go through it now. */
  readonly connections: number
  /** Bytes that have passed since it was made, to where it leads and back. */
  readonly bytes: { readonly up: number; readonly down: number }
  /**
   * Keeps bytes back for so many milliseconds each way, or each for a random time between two; they keep their order.
   * 0 is none.
   */
  delay(milliseconds: number | readonly [least: number, most: number]): void
  /** Lets through so many bytes a second each way, for all connections together. `Infinity` is no limit. */
  throttle(bytesPerSecond: number): void
  /** Holds bytes back until {@link resume}; nothing is lost. */
  pause(direction?: WireDirection): void
  resume(direction?: WireDirection): void
  /**
   * Breaks every connection, now or at a byte, and each new one as it comes, until {@link heal}. Resolves when it has
   * broken, or won't any more. @throws HyphaError OPTION_INVALID
   */
  cut(options?: CutOptions): Promise<void>
  /** New connections are turned away until {@link heal}; those that are up stay. */
  refuse(): void
  /**
   * Takes back cuts, those that wait for their byte too, `pause` and `refuse`. What was cut stays so: peers connect anew.
   * Delay and rate stay.
   */
  heal(): void
  /**
   * Lets things go wrong at random bytes and heals each time, in an order that the seed decides. Ends what was planned
   * before.
   */
  misbehave(options?: MisbehaveOptions): Misbehaviour
  /** Ends every connection and the listening. Resolves when no handle is left. */
  close(): Promise<void>
}

const invalid = (message: string) => new HyphaError('OPTION_INVALID', message)

const isCount = (value: number): boolean => value >= 0 && Number.isFinite(value)

const targetOf = (to: string) => {
  if (!/^(http|ws):\/\//.test(to)) return parseTcpAddress(to)
  const { host, port } = new URL(to)
  return parseTcpAddress(port ? host : `${host}:80`)
}

const goneOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })

/**
 * A wire to where something listens, for tests of what happens when roads break.
 * @throws HyphaError ADDRESS_INVALID, OPTION_INVALID; and what listening on loopback throws
 */
export const createWire = async ({ to, seed = 1 }: WireOptions): Promise<Wire> => {
  if (!Number.isSafeInteger(seed)) throw invalid('The seed of a wire is a whole number.')
  const target = targetOf(to)
  let random = createRandom(seed)
  const triggers = createTriggers()
  const flowOf = (direction: WireDirection) =>
    createFlow({
      room: () => triggers.room(direction),
      taken: (count) => triggers.taken(direction, count),
      passed: () => triggers.passed(direction),
    })
  const flows = { up: flowOf('up'), down: flowOf('down') }
  const pairs = new Set<Pair>()
  const sockets = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()
  /** What calls wait for, until the wire heals or closes. */
  const planned = new Set<() => void>()
  let broken: CutKind | undefined
  let isRefusing = false
  let stopAccidents = () => {}

  const later = (milliseconds: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, milliseconds)
    timers.add(timer)
    return () => {
      clearTimeout(timer)
      timers.delete(timer)
    }
  }
  const flowAll = () => {
    for (const pair of pairs) pair.flow()
  }
  const setPaused = (isPaused: boolean, direction?: WireDirection) => {
    if (direction !== 'down') flows.up.isPaused = isPaused
    if (direction !== 'up') flows.down.isPaused = isPaused
    flowAll()
  }

  const accept = (client: Socket) => {
    sockets.add(client)
    client.on('error', () => {})
    client.once('close', () => sockets.delete(client))
    if (isRefusing || broken === 'reset') return void client.resetAndDestroy()
    if (broken === 'end') return void client.destroy()
    // Accepted, as by a machine that froze right after; its own end is noticed.
    if (broken === 'silence') return void client.resume().once('end', () => client.destroy())
    const pair = createPair({
      client,
      to: target,
      flows,
      onSocket: (socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      },
      onClosed: () => pairs.delete(pair),
    })
    pairs.add(pair)
  }

  const heal = () => {
    for (const settle of [...planned]) settle()
    triggers.clear()
    for (const timer of timers) clearTimeout(timer)
    timers.clear()
    broken = undefined
    isRefusing = false
    setPaused(false)
  }

  const breakNow = ({ direction, how = 'reset', healsAfter }: CutOptions) => {
    for (const pair of [...pairs]) {
      if (how === 'reset') pair.reset()
      else pair[how](direction)
    }
    if (healsAfter === 0) return flowAll()
    broken = how
    if (healsAfter !== undefined) {
      later(healsAfter, () => {
        broken = undefined
      })
    }
    flowAll()
  }

  const afterBytes = (bytes: number, direction: WireDirection | undefined, run: () => void): Promise<void> =>
    new Promise((resolve) => {
      const settle = () => {
        planned.delete(settle)
        forget()
        resolve()
      }
      const forget = triggers.after(bytes, direction, () => {
        run()
        settle()
      })
      planned.add(settle)
    })

  const cut = async (options: CutOptions = {}): Promise<void> => {
    const { afterBytes: bytes = 0, healsAfter = 0, direction } = options
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw invalid('afterBytes is a whole number of bytes.')
    if (!isCount(healsAfter)) throw invalid('healsAfter is a number of milliseconds.')
    if (bytes === 0) breakNow(options)
    else await afterBytes(bytes, direction, () => breakNow(options))
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, accept)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, resolve)
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  const address = formatTcpAddress({ host: '127.0.0.1', port })

  let closing: Promise<void> | undefined
  const close = async () => {
    stopAccidents()
    heal()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    const gone = [...sockets].map(goneOf)
    for (const pair of pairs) pair.destroy()
    for (const socket of sockets) socket.destroy()
    await Promise.all([closed, ...gone])
  }

  return {
    address,
    url: `http://${address}`,
    get connections() {
      return pairs.size
    },
    get bytes() {
      return { up: flows.up.bytes, down: flows.down.bytes }
    },
    delay: (milliseconds) => {
      const [least, most] = typeof milliseconds === 'number' ? [milliseconds, milliseconds] : milliseconds
      if (!isCount(least) || !isCount(most) || most < least)
        throw invalid('A delay is a number of milliseconds, or the least and the most.')
      for (const flow of [flows.up, flows.down])
        flow.setDelay(least === most ? () => least : () => between(random, least, most))
    },
    throttle: (bytesPerSecond) => {
      if (!(bytesPerSecond > 0)) throw invalid('A wire lets at least some bytes through in a second.')
      for (const flow of [flows.up, flows.down]) flow.setRate(bytesPerSecond)
      flowAll()
    },
    pause: (direction) => setPaused(true, direction),
    resume: (direction) => setPaused(false, direction),
    cut,
    refuse: () => {
      isRefusing = true
    },
    heal,
    misbehave: (options = {}) => {
      stopAccidents()
      if (options.seed !== undefined) random = createRandom(options.seed)
      const plan = planAccidents(random, options)
      let happened = 0
      let isStopped = false
      let wake = () => {}
      const run = async () => {
        for (const { kind, afterBytes: bytes, direction, outage } of plan) {
          if (isStopped) return
          await afterBytes(bytes, direction, () => {
            happened++
            if (kind === 'pause') setPaused(true)
            else breakNow({ how: kind })
          })
          if (isStopped) return
          await new Promise<void>((resolve) => {
            wake = resolve
            later(outage, resolve)
          })
          heal()
        }
      }
      const done = run()
      const stop = () => {
        if (isStopped) return
        isStopped = true
        heal()
        wake()
      }
      stopAccidents = stop
      return {
        plan,
        get happened() {
          return happened
        },
        done,
        stop,
      }
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
