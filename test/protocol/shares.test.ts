import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createShares, hasFairRoom } from '../../src/protocol/shares.js'

test('of the address that holds most the oldest makes room, and who is spared does not', () => {
  const shares = createShares<string>()
  for (const holder of ['a1', 'b1', 'b2', 'b3', 'c1']) shares.add(holder, holder[0]!)
  expect(shares.oneTooMany('d')).toEqual({ holder: 'b1', isFair: true })
  expect(shares.oneTooMany('d', (holder) => holder === 'b1')).toEqual({ holder: 'b2', isFair: true })
  expect(shares.oneTooMany('d', (holder) => holder.startsWith('b'))?.isFair).toBe(false)
  // Its own address would hold most.
  expect(shares.oneTooMany('b')).toEqual({ holder: 'b1', isFair: false })
  expect(shares.oneTooMany('d', () => true)).toBeUndefined()
  shares.delete('b1')
  shares.delete('b1')
  shares.add('b2', 'another address')
  expect(shares).toMatchObject({ size: 4, holders: ['a1', 'b2', 'b3', 'c1'] })
})

test('whoever comes, nobody loses a place to an address that holds as many', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 200, size: 'max' }),
      (max, comers) => {
        const shares = createShares<{ source: string }>()
        const count = (source: string) => shares.holders.filter((holder) => holder.source === source).length
        for (const n of comers) {
          const holder = { source: String(n) }
          const own = count(holder.source)
          const end = (ended: { source: string }) => {
            expect(ended.source).not.toBe(holder.source)
            // As it was deleted already.
            expect(count(ended.source)).toBeGreaterThan(own)
          }
          if (hasFairRoom(shares, { max, source: holder.source, end })) shares.add(holder, holder.source)
          expect(shares.size).toBeLessThanOrEqual(max)
        }
      },
    ),
  )
})

test('where it is known who is spared, anybody else makes room', () => {
  const shares = createShares<string>()
  for (const holder of ['a1', 'a2']) shares.add(holder, 'a')
  const ended: string[] = []
  const end = (holder: string) => ended.push(holder)
  expect(hasFairRoom(shares, { max: 2, source: 'a', end })).toBe(false)
  expect(hasFairRoom(shares, { max: 2, source: 'a', end, isSpared: (holder) => holder === 'a1' })).toBe(true)
  expect(ended).toEqual(['a2'])
  shares.add('a3', 'a')
  expect(hasFairRoom(shares, { max: 2, source: 'a', end, isSpared: () => true })).toBe(false)
})
