import { expect, it } from 'vitest'
import { createRate } from '../../src/actors/rate.js'
import { createSimulatedClock } from '../../src/testing/clock.js'

it('is what arrives in a second, falls when less does, and is nothing and quiet soon after', () => {
  const clock = createSimulatedClock()
  let changes = 0
  const rate = createRate({ clock, changed: () => changes++ })
  expect(rate.read()).toBe(0)
  let total = 0
  for (let i = 0; i < 50; i++) {
    total += 1_000
    rate.counted(total)
    clock.advance(100)
  }
  // Ten thousand a second.
  expect(rate.read()).toBeGreaterThan(8_500)
  expect(rate.read()).toBeLessThan(11_500)
  const before = changes
  clock.advance(1_500)
  expect(rate.read()).toBeLessThan(7_000)
  expect(rate.read()).toBeGreaterThan(0)
  clock.advance(2_500)
  expect(rate.read()).toBe(0)
  expect(changes).toBeGreaterThan(before)
  expect(clock.pending).toBe(0)
  rate.counted(total)
  expect(clock.pending).toBe(0)
})

it('makes no wonder of the first bytes, and no mistake of a clock that is set back', () => {
  const clock = createSimulatedClock()
  const rate = createRate({ clock, changed: () => {} })
  rate.counted(1_000)
  expect(rate.read()).toBe(2_000)
  clock.set(clock.now() - 10_000)
  expect(rate.read()).toBeGreaterThanOrEqual(0)
  rate.counted(2_000)
  expect(rate.read()).toBeLessThanOrEqual(4_000)
  rate.close()
  expect(clock.pending).toBe(0)
})

it('has no timer once it is closed, whatever still arrives', () => {
  const clock = createSimulatedClock()
  const rate = createRate({ clock, changed: () => expect.fail('nobody asks any more') })
  rate.counted(1_000)
  rate.close()
  rate.counted(2_000)
  expect(clock.pending).toBe(0)
})
