import { afterEach, expect, test, vi } from 'vitest'
import type { Dialled, Dialling } from '../../../src/adapters/transport/transport.js'
import { createTransportHost } from '../../../src/testing/contracts/transport-host.js'

const open: Dialling[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const dialling of open.splice(0)) await dialling.stop()
})

/** Something that is up until it is closed. */
const createDialled = () => {
  let close = () => {}
  const closed = new Promise<void>((resolve) => (close = resolve))
  return { closed, close: () => close() }
}

/** A place that may be there or not, dialled by a host as a transport does. */
const createScene = () => {
  const errors: Error[] = []
  const ups: ReturnType<typeof createDialled>[] = []
  const waiting: (() => void)[] = []
  let isThere = false
  let dials = 0
  const host = createTransportHost({ connection: () => {}, error: (error) => void errors.push(error) })
  const dialling = host.dial({
    address: 'there',
    dial: async () => {
      dials++
      for (const tell of waiting.splice(0)) tell()
      if (!isThere) throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
      const dialled = createDialled()
      ups.push(dialled)
      return dialled
    },
  })
  open.push(dialling)
  return {
    errors,
    ups,
    dialling,
    dials: () => dials,
    come: () => {
      isThere = true
    },
    nextDial: () => new Promise<void>((resolve) => waiting.push(resolve)),
    until: async (holds: () => boolean) => {
      while (!holds()) {
        await new Promise<void>((resolve) => waiting.push(resolve))
        await Promise.resolve()
      }
    },
  }
}

test('by the real clock, who comes back is found, and one failure is told', async () => {
  const { come, errors, dials, until, ups } = createScene()
  await until(() => dials() >= 6)
  come()
  await until(() => ups.length > 0)
  expect(errors).toMatchObject([
    {
      code: 'ADDRESS_UNREACHABLE',
      message:
        "there can't be reached (ECONNREFUSED). Check the address and that something listens there; it is tried again until it answers.",
      cause: { code: 'ECONNREFUSED' },
    },
  ])
})

test('by the real clock, what is lost is dialled again', async () => {
  const { come, ups, until, nextDial } = createScene()
  come()
  await until(() => ups.length === 1)
  const again = nextDial()
  ups[0]?.close()
  await again
})

test('a retry is at once', async () => {
  vi.useFakeTimers()
  const { dialling, dials } = createScene()
  await vi.advanceTimersByTimeAsync(120_000)
  const before = dials()
  dialling.retry()
  await Promise.resolve()
  expect(dials()).toBe(before + 1)
})

test('a place that is not there for minutes is no busy loop', async () => {
  vi.useFakeTimers()
  const { dials } = createScene()
  await vi.advanceTimersByTimeAsync(60_000)
  const early = dials()
  // Waits of 0 to 1.5 s, and then of 0 to 15 s: as many as the dice say.
  expect(early).toBeLessThan(160)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(dials() - early).toBeLessThan(160)
  expect(dials() - early).toBeGreaterThan(40)
})

test('stops in the middle of a wait, and of a try, with no timer left', async () => {
  vi.useFakeTimers()
  const { dialling, dials } = createScene()
  await vi.advanceTimersByTimeAsync(60_000)
  const tries = dials()
  await dialling.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(dials()).toBe(tries)
  expect(vi.getTimerCount()).toBe(0)

  const host = createTransportHost({ connection: () => {}, error: () => expect.fail('nobody asked') })
  const dial = (signal: AbortSignal) =>
    new Promise<Dialled>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const stuck = host.dial({ address: 'there', dial })
  await stuck.stop()
  await stuck.stop()
  stuck.retry()
})

test('what comes up while it stops is closed', async () => {
  const dialled = createDialled()
  const host = createTransportHost({ connection: () => {} })
  const dial = (signal: AbortSignal) =>
    new Promise<Dialled>((resolve) => signal.addEventListener('abort', () => resolve(dialled)))
  await host.dial({ address: 'there', dial }).stop()
  await dialled.closed
})

test('what is up is closed when it stops', async () => {
  const { come, ups, until, dialling } = createScene()
  come()
  await until(() => ups.length === 1)
  await dialling.stop()
  await ups[0]?.closed
})
