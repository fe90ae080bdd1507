import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenBucket } from '../../src/protocol/rate-limit.js'
import { createReplayGuard, createSeenSet } from '../../src/protocol/seen-set.js'

describe('a token bucket', () => {
  it('lets a burst through, then its rate', () => {
    const bucket = createTokenBucket({ rate: 10, burst: 3 })
    expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([true, true, true, false])
    expect(bucket.take(99)).toBe(false)
    expect(bucket.take(100)).toBe(true)
    expect(bucket.take(100)).toBe(false)
    expect([1, 2, 3, 4].map(() => bucket.take(1_000_000))).toEqual([true, true, true, false])
  })

  it('takes several at once or none', () => {
    const bucket = createTokenBucket({ rate: 1, burst: 5 })
    expect(bucket.take(0, 6)).toBe(false)
    expect(bucket.take(0, 5)).toBe(true)
  })

  it('gives nothing for a clock that is set back, and goes on from there', () => {
    const bucket = createTokenBucket({ rate: 1, burst: 1 })
    expect(bucket.take(1_000_000)).toBe(true)
    expect(bucket.take(0)).toBe(false)
    expect(bucket.take(1_000)).toBe(true)
  })

  it('never lets more through than burst and rate allow', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 200 }), (pauses) => {
        const bucket = createTokenBucket({ rate: 5, burst: 10 })
        let now = 0
        let taken = 0
        for (const pause of pauses) {
          now += pause
          if (bucket.take(now)) taken++
        }
        expect(taken).toBeLessThanOrEqual(10 + (now / 1_000) * 5)
      }),
    )
  })
})

describe('a seen-set', () => {
  it('knows what it has seen, for its time from when it saw it last', () => {
    const seen = createSeenSet({ max: 10, ttl: 100 })
    expect(seen.add('a', 0)).toBe(true)
    expect(seen.add('a', 99)).toBe(false)
    expect(seen.add('a', 198)).toBe(false)
    expect(seen.add('a', 298)).toBe(true)
  })

  it('forgets what it saw longest ago when one more would be too many', () => {
    const seen = createSeenSet({ max: 2, ttl: 100 })
    seen.add('a', 0)
    seen.add('b', 1)
    seen.add('a', 2)
    seen.add('c', 3)
    expect(seen.size).toBe(2)
    expect(seen.add('a', 4)).toBe(false)
    expect(seen.add('b', 5)).toBe(true)
  })

  it('shrinks again, two for each that comes', () => {
    const seen = createSeenSet({ max: 100, ttl: 10 })
    for (let i = 0; i < 100; i++) seen.add(`${i}`, 0)
    for (let i = 0; i < 100; i++) seen.add('again', 20 + i / 100)
    expect(seen.size).toBe(1)
  })

  it('answers as a plain list would', () => {
    const step = fc.record({ key: fc.constantFrom(...'abcdef'), pause: fc.nat(40) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const seen = createSeenSet({ max: 4, ttl: 100 })
        let list: { key: string; at: number }[] = []
        let now = 0
        for (const { key, pause } of steps) {
          now += pause
          const known = list.find((one) => one.key === key && now < one.at + 100)
          expect(seen.add(key, now)).toBe(!known)
          list = [...list.filter((one) => one.key !== key), { key, at: now }].slice(-4)
          expect(seen.size).toBeLessThanOrEqual(4)
        }
      }),
    )
  })

  it('holds 50,000 without getting slower', () => {
    const seen = createSeenSet({ max: 50_000, ttl: 1e9 })
    for (let i = 0; i < 500_000; i++) seen.add(`${i}`, i)
    expect(seen.size).toBe(50_000)
    expect(seen.add('499999', 500_000)).toBe(false)
    expect(seen.add('449999', 500_000)).toBe(true)
  }, 20_000)
})

describe('a replay guard', () => {
  it('refuses new ones when it is full, and forgets none before its time', () => {
    const guard = createReplayGuard({ max: 2, ttl: 100 })
    expect(guard.add('a', 0)).toBe('new')
    expect(guard.add('b', 50)).toBe('new')
    expect(guard.add('c', 60)).toBe('full')
    expect(guard.add('a', 99)).toBe('seen')
    expect(guard.add('b', 99)).toBe('seen')
    expect(guard.add('c', 100)).toBe('new')
    expect(guard.add('d', 100)).toBe('full')
    expect(guard.size).toBe(2)
  })

  it('counts the time from the first sight: seeing it again prolongs nothing', () => {
    const guard = createReplayGuard({ max: 2, ttl: 100 })
    guard.add('a', 0)
    guard.add('a', 90)
    expect(guard.add('a', 100)).toBe('new')
  })

  it('is not full for ever after a clock was far ahead for a while', () => {
    const guard = createReplayGuard({ max: 1, ttl: 100 })
    guard.add('a', 1_000_000)
    expect(guard.add('b', 0)).toBe('new')
  })
})
