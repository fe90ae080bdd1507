import { expect, it } from 'vitest'
import { createRate } from '../../src/actors/rate.js'

const createTime = () => {
  let now = 50_000
  let timers: { at: number; run: () => void }[] = []
  return {
    now: () => now,
    setTimeout: (run: () => void, delay: number) => {
      const timer = { at: now + delay, run }
      timers.push(timer)
      return timer
    },
    clearTimeout: (timer: unknown) => {
      timers = timers.filter((other) => other !== timer)
    },
    get waiting() {
      return timers.length
    },
    pass: (ms: number) => {
      const end = now + ms
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        now = next.at
        next.run()
      }
      now = end
    },
  }
}

it('is what arrives in a second, falls when less does, and is nothing and quiet soon after', () => {
  const clock = createTime()
  let changes = 0
  const rate = createRate({ clock, changed: () => changes++ })
  expect(rate.read()).toBe(0)
  let total = 0
  for (let i = 0; i < 50; i++) {
    total += 1_000
    rate.counted(total)
    clock.pass(100)
  }
  // Ten thousand a second.
  expect(rate.read()).toBeGreaterThan(8_500)
  expect(rate.read()).toBeLessThan(11_500)
  const before = changes
  clock.pass(1_500)
  expect(rate.read()).toBeLessThan(7_000)
  expect(rate.read()).toBeGreaterThan(0)
  clock.pass(2_500)
  expect(rate.read()).toBe(0)
  expect(changes).toBeGreaterThan(before)
  expect(clock.waiting).toBe(0)
  rate.counted(total)
  expect(clock.waiting).toBe(0)
})

it('makes no wonder of the first bytes, and no mistake of a clock that is set back', () => {
  const clock = createTime()
  const rate = createRate({ clock, changed: () => {} })
  rate.counted(1_000)
  expect(rate.read()).toBe(2_000)
  clock.pass(-10_000)
  expect(rate.read()).toBeGreaterThanOrEqual(0)
  rate.counted(2_000)
  expect(rate.read()).toBeLessThanOrEqual(4_000)
  rate.close()
  expect(clock.waiting).toBe(0)
})

it('has no timer once it is closed, whatever still arrives', () => {
  const clock = createTime()
  const rate = createRate({ clock, changed: () => expect.fail('nobody asks any more') })
  rate.counted(1_000)
  rate.close()
  rate.counted(2_000)
  expect(clock.waiting).toBe(0)
})
