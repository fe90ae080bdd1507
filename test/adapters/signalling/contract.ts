import type { Presence, RoomHandlers, Signalling } from '../../../src/adapters/signalling/signalling.js'
import { assert } from '../../../src/testing/contracts/checks.js'
import { randomBytes } from '../../../src/testing/contracts/random-bytes.js'

export interface SignallingCase {
  readonly name: string
  run(): Promise<void>
}

const freshId = (): string => randomBytes(16).toString('hex')

/** One member's side of a room: what it hears, in order, to wait on. */
const createEars = () => {
  const heard: string[] = []
  const waiting: (() => void)[] = []
  const hear = (what: string) => {
    heard.push(what)
    for (const look of waiting.splice(0)) look()
  }
  const handlers: RoomHandlers = {
    came: (id) => hear(`came ${id}`),
    went: (id) => hear(`went ${id}`),
    message: (from, sealed) => hear(`${from} says ${Buffer.from(sealed).toString('hex')}`),
  }
  const next = async (): Promise<string> => {
    while (heard.length === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    return heard.shift()!
  }
  return { handlers, heard, next }
}

interface Member extends Presence {
  readonly id: string
  readonly heard: string[]
  next(): Promise<string>
}

/**
 * What every signalling must do, as cases for any test runner.
 *
 * ```ts
 * for (const { name, run } of signallingContract({ create })) test(name, run)
 * ```
 */
export const signallingContract = ({
  create,
}: {
  /** One more client of one and the same service. */
  create(): Promise<{ signalling: Signalling; end(): Promise<void> }>
}): SignallingCase[] => {
  const cases: SignallingCase[] = []
  interface Scene {
    readonly signalling: Signalling
    enter(discoveryKey: Uint8Array, id?: string): Promise<Member>
  }
  const test = (name: string, story: (scene: Scene) => Promise<void>) => {
    const run = async () => {
      const { signalling, end } = await create()
      const members: Presence[] = []
      const enter = async (discoveryKey: Uint8Array, id = freshId()): Promise<Member> => {
        const { handlers, heard, next } = createEars()
        const presence = await signalling.join({ discoveryKey, id }, handlers, new AbortController().signal)
        members.push(presence)
        return { ...presence, id, heard, next }
      }
      try {
        await story({ signalling, enter })
      } finally {
        for (const member of members) member.close()
        await Promise.all(members.map(({ closed }) => closed))
        await end()
      }
    }
    cases.push({ name, run })
  }

  test('tells who is there, who comes and who goes', async ({ enter }) => {
    const key = randomBytes(32)
    const alice = await enter(key)
    assert.deepEqual(alice.members, [])
    const bob = await enter(key)
    assert.deepEqual(bob.members, [alice.id])
    assert.equal(await alice.next(), `came ${bob.id}`)
    bob.close()
    await bob.closed
    assert.equal(await alice.next(), `went ${bob.id}`)
  })

  test('passes bytes to the one member that they are for, in order, and says from whom', async ({
    enter,
  }) => {
    const key = randomBytes(32)
    const alice = await enter(key)
    const bob = await enter(key)
    const carol = await enter(key)
    for (let i = 0; i < 10; i++) bob.send(alice.id, Uint8Array.of(i))
    bob.send(carol.id, Uint8Array.of(99))
    assert.equal(await carol.next(), `${bob.id} says 63`)
    assert.equal(await alice.next(), `came ${bob.id}`)
    assert.equal(await alice.next(), `came ${carol.id}`)
    for (let i = 0; i < 10; i++) assert.equal(await alice.next(), `${bob.id} says 0${i}`)
    assert.deepEqual(carol.heard, [])
  })

  test('keeps rooms apart', async ({ enter }) => {
    const alice = await enter(randomBytes(32))
    const stranger = await enter(randomBytes(32))
    assert.deepEqual(stranger.members, [])
    stranger.send(alice.id, Uint8Array.of(1))
    // Behind it in the same order: had anything come, it would have been heard by now.
    stranger.close()
    await stranger.closed
    assert.deepEqual(alice.heard, [])
  })

  test('sends nothing that is too large, and goes on', async ({ enter }) => {
    const key = randomBytes(32)
    const alice = await enter(key)
    const bob = await enter(key)
    bob.send(alice.id, randomBytes(100_000))
    bob.send(alice.id, Uint8Array.of(7))
    assert.equal(await alice.next(), `came ${bob.id}`)
    assert.equal(await alice.next(), `${bob.id} says 07`)
  })

  test('refuses an id that somebody has', async ({ enter }) => {
    const key = randomBytes(32)
    const alice = await enter(key)
    const reason = await enter(key, alice.id).catch((error: Error) => error.message)
    assert.equal(reason, 'the id is taken')
    const bob = await enter(key)
    assert.deepEqual(bob.members, [alice.id])
  })

  test('gives up when it is told to', async ({ signalling, enter }) => {
    const key = randomBytes(32)
    const controller = new AbortController()
    const room = { discoveryKey: key, id: freshId() }
    const joining = signalling.join(room, createEars().handlers, controller.signal).catch(() => 'given up')
    controller.abort()
    assert.equal(await joining, 'given up')
    assert.deepEqual((await enter(key)).members, [])
  })

  return cases
}
