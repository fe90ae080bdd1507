import { afterEach, expect, it, vi } from 'vitest'
import { stamp } from '../../../src/ui-bridge/inspector/stamp.js'

afterEach(() => void vi.restoreAllMocks())

/** Taken between two looks at the computer's clock, however long the machine stood still in between; it may drift a little. */
const isOfNow = (): void => {
  const before = Date.now()
  const moment = Number(stamp())
  expect(moment).toBeGreaterThan(before - 100)
  expect(moment).toBeLessThan(Date.now() + 100)
}

it('moments have fractions, go on, and are of today', () => {
  const stamps = Array.from({ length: 1_000 }, stamp)
  expect(stamps.every((text) => /^\d{13}\.\d{3}$/.test(text))).toBe(true)
  const times = stamps.map(Number)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(new Set(stamps).size).toBeGreaterThan(10)
  isOfNow()
})

it('they follow the computer’s clock when it was set, or after it slept', () => {
  const later = Date.now() + 3_600_000
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => later)
  isOfNow()
  clock.mockRestore()
  isOfNow()
})
