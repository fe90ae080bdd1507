import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { redial } from '../../../src/adapters/transport/redial.js'
import type { Dialled, Dialling } from '../../../src/adapters/transport/transport.js'
import { REDIAL_FIRST_MS, REDIAL_MAX_MS, STABLE_CONNECTION_MS } from '../../../src/protocol/limits.js'

// The wait is the subject here, so the clock is the test's own.
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Something that is up until it is closed. */
const createDialled = () => {
  let close = () => {}
  const closed = new Promise<void>((resolve) => (close = resolve))
  return { closed, close: () => close() }
}

/** A dialler that always waits for as long as it may, so that waits can be told exactly. */
const createScene = () => {
  const tries: number[] = []
  const errors: Error[] = []
  const connections: Dialled[] = []
  let up = false
  const dial = async () => {
    tries.push(Date.now())
    if (!up) throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
    const dialled = createDialled()
    connections.push(dialled)
    return dialled
  }
  const dialling: Dialling = redial(
    { address: 'there', dial },
    { random: () => 0.999_999, onError: (error) => void errors.push(error) },
  )
  return {
    dialling,
    tries,
    errors,
    connections,
    set up(value: boolean) {
      up = value
    },
    /** How long each try waited for, to the millisecond. */
    waits: () => tries.slice(1).map((at, i) => at - tries[i]!),
  }
}

test('waits twice as long after each failure, up to the cap, and reports one of them', async () => {
  const scene = createScene()
  await vi.advanceTimersByTimeAsync(60_000)
  const waits = scene.waits()
  expect(waits.slice(0, 7).map((wait) => Math.round(wait / REDIAL_FIRST_MS))).toEqual([
    1, 2, 4, 8, 16, 32, 64,
  ])
  expect(Math.max(...waits)).toBeLessThanOrEqual(REDIAL_MAX_MS)
  expect(waits.at(-1)).toBeGreaterThan(REDIAL_MAX_MS - 10)
  expect(scene.errors).toMatchObject([{ code: 'ADDRESS_UNREACHABLE' }])
  await scene.dialling.stop()
})

test('dials again quickly after a connection, however long it had failed before', async () => {
  const scene = createScene()
  await vi.advanceTimersByTimeAsync(60_000)
  scene.up = true
  await vi.advanceTimersByTimeAsync(REDIAL_MAX_MS)
  expect(scene.connections).toHaveLength(1)
  scene.connections[0]?.close()
  await vi.advanceTimersByTimeAsync(REDIAL_FIRST_MS)
  expect(scene.connections).toHaveLength(2)
  await scene.dialling.stop()
})

test('slows down for a peer that ends each connection early, and recovers after a good one', async () => {
  const scene = createScene()
  scene.up = true
  await vi.advanceTimersByTimeAsync(REDIAL_MAX_MS)
  for (let early = 0; early < 8; early++) {
    scene.connections.at(-1)?.close()
    await vi.advanceTimersByTimeAsync(REDIAL_MAX_MS)
  }
  const before = scene.connections.length
  // The last one has been up for long enough by now to count as good.
  await vi.advanceTimersByTimeAsync(STABLE_CONNECTION_MS)
  scene.connections.at(-1)?.close()
  await vi.advanceTimersByTimeAsync(REDIAL_FIRST_MS)
  expect(scene.connections).toHaveLength(before + 1)
  await scene.dialling.stop()
})

test('many short connections in a row are not a busy loop', async () => {
  let dials = 0
  const dial = async () => {
    dials++
    return { closed: Promise.resolve(), close: () => {} }
  }
  const dialling = redial({ address: 'there', dial }, { random: () => 0.999_999, onError: () => {} })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(dials).toBeLessThan(15)
  await dialling.stop()
})

test('stops in the middle of a wait, and of a try', async () => {
  const scene = createScene()
  await vi.advanceTimersByTimeAsync(60_000)
  const tries = scene.tries.length
  await scene.dialling.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(scene.tries).toHaveLength(tries)
  expect(vi.getTimerCount()).toBe(0)

  const dial = (signal: AbortSignal) =>
    new Promise<Dialled>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  await redial({ address: 'there', dial }, { onError: () => expect.fail('nobody asked') }).stop()
})

test('what comes up while it stops is closed', async () => {
  const dialled = createDialled()
  const dial = (signal: AbortSignal) =>
    new Promise<Dialled>((resolve) => signal.addEventListener('abort', () => resolve(dialled)))
  await redial({ address: 'there', dial }, { onError: () => {} }).stop()
  await dialled.closed
})
