import type { Connection, Transport } from '../../adapters/transport/transport.js'
import { assert, type ContractCase } from './checks.js'
import { createInbox, fill, MEGABYTE, receive, sendAll, watchEnd } from './connections.js'
import { randomBytes } from './random-bytes.js'

/** Two roads that meet: one that is dialled and may be started again where it was, and as many diallers as are asked for. */
export interface TransportPair {
  readonly listener: Transport
  createDialler(): Transport
  /** How many are held at once, 50 unless given: less where diallers all meet each other, or share one page. */
  readonly connections?: number
  /**
   * Of roads whose platform can't hold back what it receives, as a browser can't hold back a WebSocket's messages: whatever is
   * sent to it is kept by a stream that nobody reads. There the road itself is stopped, from the diallers to the listener, and
   * the cases of a peer that doesn't read are about that; gives what lets the road go on. Without it, not reading is enough.
   */
  hold?(): Promise<() => Promise<void>>
  /** Releases what the pair itself holds, once its transports have stopped. */
  end?(): Promise<void>
}

/**
 * What every transport must do, as cases for any test runner, in Node or in a page. A transport that passes can carry hyphas.
 * Each case has a pair of its own, waits for what it expects (the runner's limit of time is the only one), and throws what is
 * wrong.
 *
 * ```ts
 * for (const { name, run } of transportContract(createPair)) test(name, run)
 * ```
 */
export const transportContract = (
  createPair: () => TransportPair | Promise<TransportPair>,
): readonly ContractCase[] => {
  const cases: ContractCase[] = []
  const discoveryKey = randomBytes(32)

  interface Scene extends TransportPair {
    readonly dialler: Transport
    readonly heard: ReturnType<typeof createInbox>
    readonly dialled: ReturnType<typeof createInbox>
    /** Starts both and gives both ends of the first connection. */
    connect(): Promise<{ near: Connection; far: Connection }>
    stopLater(transport: Transport): Transport
  }

  const test = (name: string, story: (scene: Scene) => Promise<void>) => {
    const run = async () => {
      const pair = await createPair()
      const dialler = pair.createDialler()
      const heard = createInbox()
      const dialled = createInbox()
      const transports = [dialler, pair.listener]
      const scene: Scene = {
        ...pair,
        dialler,
        heard,
        dialled,
        connect: async () => {
          await pair.listener.start(discoveryKey, heard.events)
          await dialler.start(discoveryKey, dialled.events)
          const [near, far] = await Promise.all([dialled.next(), heard.next()])
          return { near, far }
        },
        stopLater: (transport) => {
          transports.unshift(transport)
          return transport
        },
      }
      try {
        await story(scene)
      } finally {
        for (const transport of transports) await transport.stop()
        await pair.end?.()
      }
    }
    cases.push({ name, run })
  }

  test('says which road a connection came by, and from which end', async ({ connect, dialler }) => {
    const { near, far } = await connect()
    assert.equal(near.direction, 'outgoing')
    assert.equal(far.direction, 'incoming')
    assert.equal(near.transport, dialler.name)
    assert.ok(near.address.length > 0 && far.address.length > 0)
    assert.equal(typeof near.confidential, 'boolean')
  })

  test('carries bytes whole and in order, both ways at once, in writes of any size', async ({ connect }) => {
    const { near, far } = await connect()
    for (let round = 0; round < 8; round++) {
      const ceiling = 2 ** (4 + round * 2)
      const there = randomBytes(Math.min(3 * MEGABYTE, ceiling * 50))
      const back = randomBytes(Math.min(2 * MEGABYTE, ceiling * 30))
      const sizes = () => 1 + Math.floor(Math.random() * ceiling)
      const [gotThere, gotBack] = await Promise.all([
        receive(far.stream, there.length),
        receive(near.stream, back.length),
        sendAll(near.stream, there, sizes),
        sendAll(far.stream, back, sizes),
      ])
      assert.same(gotThere, there)
      assert.same(gotBack, back)
    }
  })

  test('carries one write of 8 MB', async ({ connect }) => {
    const { near, far } = await connect()
    const bytes = randomBytes(8 * MEGABYTE)
    const received = receive(far.stream, bytes.length)
    near.stream.write(bytes)
    assert.same(await received, bytes)
  })

  test('takes no more than it can pass on while nobody reads, and goes on when somebody does', async ({
    connect,
    hold,
  }) => {
    const { near, far } = await connect()
    const release = await hold?.()
    const accepted = await fill(near.stream)
    // What the operating system keeps for a socket at both ends, and our own buffers, with room to spare.
    assert.ok(accepted < 40 * MEGABYTE, `accepted ${accepted} bytes for a peer that doesn't read`)
    assert.ok(near.stream.writableLength < MEGABYTE && far.stream.readableLength < MEGABYTE)
    await release?.()
    assert.equal((await receive(far.stream, accepted)).length, accepted)
  })

  test('keeps nothing of a buffer whose write has finished', async ({ connect }) => {
    const { near, far } = await connect()
    const bytes = randomBytes(100_000)
    const expected = Buffer.from(bytes)
    const received = receive(far.stream, bytes.length)
    await new Promise<void>((resolve) => near.stream.write(bytes, () => resolve()))
    bytes.fill(0)
    const arrived = await received
    assert.same(arrived, expected)
    const answered = receive(near.stream, 1_000)
    const answer = randomBytes(1_000)
    far.stream.write(answer)
    const copy = await answered
    copy.fill(1)
    assert.ok(!answer.equals(copy), 'the reader holds the very memory of the writer')
  })

  for (const side of ['near', 'far'] as const) {
    const other = side === 'near' ? 'far' : 'near'
    const who = side === 'near' ? 'the dialler' : 'the listener'

    test(`closes both ends once when ${who} destroys its own`, async ({ connect }) => {
      const ends = await connect()
      const mine = watchEnd(ends[side].stream)
      const theirs = watchEnd(ends[other].stream)
      ends[other].stream.resume()
      ends[side].stream.destroy()
      await Promise.all([mine.closed, theirs.closed])
      assert.deepEqual(mine.seen, ['close'])
      assert.equal(theirs.seen.at(-1), 'close')
      assert.equal(theirs.seen.filter((event) => event === 'close').length, 1)
    })

    test(`gives the reason before it closes when ${who} destroys with one`, async ({ connect }) => {
      const ends = await connect()
      const mine = watchEnd(ends[side].stream)
      const theirs = watchEnd(ends[other].stream)
      ends[other].stream.resume()
      ends[side].stream.destroy(new Error('enough'))
      await Promise.all([mine.closed, theirs.closed])
      assert.deepEqual(mine.seen, ['error: enough', 'close'])
      assert.equal(theirs.seen.filter((event) => event === 'close').length, 1)
    })

    test(`delivers what was written before ${who} ended, then closes both`, async ({ connect }) => {
      const ends = await connect()
      const mine = watchEnd(ends[side].stream)
      const theirs = watchEnd(ends[other].stream)
      const bytes = randomBytes(3 * MEGABYTE)
      const received = receive(ends[other].stream, bytes.length)
      ends[side].stream.resume()
      ends[side].stream.end(bytes)
      assert.same(await received, bytes)
      ends[other].stream.resume()
      await Promise.all([mine.closed, theirs.closed])
      assert.deepEqual(mine.seen, ['close'])
      assert.deepEqual(theirs.seen, ['close'])
    })
  }

  test('closes while a write waits for a peer that does not read', async ({ connect, hold }) => {
    const { near, far } = await connect()
    await hold?.()
    const ended = watchEnd(near.stream)
    await fill(near.stream)
    near.stream.destroy()
    await ended.closed
    assert.deepEqual(ended.seen, ['close'])
    far.stream.destroy()
  })

  test('closes when a peer goes that has never read what waits for it', async ({ connect, hold }) => {
    const { near, far } = await connect()
    await hold?.()
    const ended = watchEnd(near.stream)
    near.stream.resume()
    await fill(near.stream)
    far.stream.destroy()
    await ended.closed
    assert.equal(ended.seen.filter((event) => event === 'close').length, 1)
  })

  test('may be started twice and stopped twice', async ({ listener, dialler, heard, dialled }) => {
    await Promise.all([
      listener.start(discoveryKey, heard.events),
      listener.start(discoveryKey, heard.events),
    ])
    await dialler.start(discoveryKey, dialled.events)
    await dialler.start(discoveryKey, dialled.events)
    await Promise.all([dialled.next(), heard.next()])
    await Promise.all([dialler.stop(), dialler.stop()])
    await dialler.stop()
    assert.equal(dialled.connections.length, 0)
    await dialler.start(discoveryKey, dialled.events)
    await Promise.all([dialled.next(), heard.next()])
  })

  test('ends its connections when it stops', async ({ connect, listener, dialler }) => {
    const { near, far } = await connect()
    const theirs = watchEnd(far.stream)
    far.stream.resume()
    await dialler.stop()
    assert.ok(near.stream.destroyed)
    await theirs.closed
    await listener.stop()
  })

  test('stops before it was ever started', async ({ listener, dialler }) => {
    await Promise.all([listener.stop(), dialler.stop()])
  })

  test('dials again by itself when the connection ends', async ({ connect, dialled, heard }) => {
    const { near, far } = await connect()
    far.stream.resume()
    near.stream.destroy()
    await Promise.all([dialled.next(), heard.next()])
  })

  test('comes back by itself when the listener has been away', async ({
    connect,
    listener,
    dialled,
    heard,
  }) => {
    const { near } = await connect()
    const ended = watchEnd(near.stream)
    near.stream.resume()
    await listener.stop()
    await ended.closed
    await listener.start(discoveryKey, heard.events)
    const [again, there] = await Promise.all([dialled.next(), heard.next()])
    const received = receive(there.stream, 5)
    again.stream.write('hello')
    assert.equal((await received).toString(), 'hello')
    assert.ok(dialled.errors.length <= 1, 'an unreachable address is reported once')
  })

  test('leaves nothing behind when it is stopped before its start has finished', async ({
    listener,
    dialler,
    dialled,
    heard,
  }) => {
    await listener.start(discoveryKey, heard.events)
    await Promise.all([dialler.start(discoveryKey, dialled.events), dialler.stop()])
    const early = dialled.connections.splice(0)
    assert.ok(early.every(({ stream }) => stream.destroyed))
    await dialler.start(discoveryKey, dialled.events)
    const { stream } = await dialled.next()
    assert.ok(!stream.destroyed)
  })

  test('stops at once while it dials', async ({ dialler, dialled }) => {
    await dialler.start(discoveryKey, dialled.events)
    await dialler.stop()
    assert.equal(dialled.connections.length, 0)
  })

  test('holds 50 connections at once', async ({
    listener,
    createDialler,
    heard,
    stopLater,
    connections = 50,
  }) => {
    // On some roads diallers meet each other too, so everybody answers whoever dialled them.
    let came = 0
    const echo = ({ stream, direction }: Connection) => {
      if (direction === 'incoming') stream.on('data', (bytes) => stream.write(bytes))
    }
    let allCame = () => {}
    const everybody = new Promise<void>((resolve) => {
      allCame = resolve
    })
    const answer = (connection: Connection) => {
      if (++came === connections) allCame()
      echo(connection)
    }
    await listener.start(discoveryKey, { ...heard.events, connection: answer })
    const ask = async () => {
      const outgoing = new Promise<Connection>((resolve) => {
        const connection = (connection: Connection) => {
          echo(connection)
          if (connection.direction === 'outgoing') resolve(connection)
        }
        void stopLater(createDialler()).start(discoveryKey, { ...heard.events, connection })
      })
      const { stream } = await outgoing
      const question = randomBytes(8)
      const answered = receive(stream, 8)
      stream.write(question)
      assert.same(await answered, question)
    }
    await Promise.all([everybody, ...Array.from({ length: connections }, ask)])
    assert.equal(came, connections)
  })

  return cases
}
