import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeGreeting } from '../../src/protocol/greeting.js'
import { createGreetingScanner } from '../../src/protocol/greeting-scanner.js'
import { MAX_BYTES_BEFORE_CLAIM } from '../../src/protocol/limits.js'

const greeting = { type: 'unclaimed', nonce: new Uint8Array(32), code: true } as const

test('a greeting is found behind anything, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (noise, cuts) => {
        const bytes = Buffer.concat([noise, encodeGreeting(greeting)])
        const scanner = createGreetingScanner()
        let found: unknown = 'more'
        for (let i = 0, from = 0; from < bytes.length; i++) {
          const size = cuts[i % cuts.length]!
          expect(found).toBe('more')
          found = scanner.push(bytes.subarray(from, from + size))
          from += size
        }
        expect(found).toEqual(greeting)
      },
    ),
  )
})

test('as many bytes as are allowed may come before it, and not one more', () => {
  const before = Buffer.alloc(MAX_BYTES_BEFORE_CLAIM, 1)
  const scanner = createGreetingScanner()
  expect(scanner.push(before)).toBe('more')
  expect(scanner.push(encodeGreeting(greeting))).toEqual(greeting)
  const other = createGreetingScanner()
  expect(other.push(before)).toBe('more')
  expect(other.push(Buffer.concat([Buffer.of(1), encodeGreeting(greeting)]))).toBe('bad')
})

test('a million bytes one by one are refused in time, and what begins like a greeting and is none is bad', () => {
  const scanner = createGreetingScanner()
  let answer: unknown = 'more'
  let count = 0
  for (; answer === 'more' && count < 1_000_000; count++) answer = scanner.push(Uint8Array.of(count & 0xff))
  expect(answer).toBe('bad')
  expect(count).toBeLessThan(MAX_BYTES_BEFORE_CLAIM + 20)
  expect(
    createGreetingScanner().push(
      Buffer.concat([randomBytes(10), Buffer.from('HYPHA/1\n\xff\xff\xff\xff', 'latin1')]),
    ),
  ).toBe('bad')
})
