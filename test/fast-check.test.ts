import fc from 'fast-check'
import { expect, test } from 'vitest'

test('a property that allows 200 steps is tried with far more than ten', () => {
  const lengths = fc
    .sample(fc.array(fc.nat(), { maxLength: 200 }), { numRuns: 100, seed: 1 })
    .map(({ length }) => length)
  expect(Math.max(...lengths)).toBeGreaterThan(100)
})

test('bytes and texts reach their bounds too', () => {
  const bytes = fc
    .sample(fc.uint8Array({ maxLength: 300 }), { numRuns: 100, seed: 1 })
    .map(({ length }) => length)
  const texts = fc
    .sample(fc.string({ maxLength: 100 }), { numRuns: 100, seed: 1 })
    .map(({ length }) => length)
  expect(Math.max(...bytes)).toBeGreaterThan(150)
  expect(Math.max(...texts)).toBeGreaterThan(50)
})
