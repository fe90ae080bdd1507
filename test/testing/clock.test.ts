import { describe, expect, it } from 'vitest'
import { createActor, createMachine } from 'xstate'
import { createNode } from '../../src/index.js'
import { createSimulatedClock } from '../../src/testing/index.js'

const createDiary = () => {
  const clock = createSimulatedClock({ now: 1_000 })
  const lines: string[] = []
  const note = (what: string) => () => void lines.push(`${clock.now()} ${what}`)
  return { clock, lines, note }
}

describe('a simulated clock', () => {
  it('stands still until it is told', async () => {
    const { clock, lines, note } = createDiary()
    clock.setTimeout(note('never'), 1)
    await clock.settle()
    expect(clock.now()).toBe(1_000)
    expect(lines).toEqual([])
    expect(clock.pending).toBe(1)
    expect(clock.next).toBe(1_001)
  })

  it('runs what is due in its order, each at its own moment', () => {
    const { clock, lines, note } = createDiary()
    clock.setTimeout(note('third'), 30)
    clock.setTimeout(note('first'), 10)
    clock.setTimeout(note('second'), 10)
    const cleared = clock.setTimeout(note('cleared'), 20)
    clock.setTimeout(note('later'), 31)
    clock.clearTimeout(cleared)
    clock.advance(30)
    expect(lines).toEqual(['1010 first', '1010 second', '1030 third'])
    clock.advance(1)
    expect(lines.at(-1)).toBe('1031 later')
    expect([clock.now(), clock.pending, clock.next]).toEqual([1_031, 0, undefined])
  })

  it('runs timers that timers set, and forgets those that timers clear', () => {
    const { clock, lines, note } = createDiary()
    const tick = () => {
      note('tick')()
      clock.setTimeout(tick, 10)
    }
    clock.setTimeout(tick, 10)
    const doomed = clock.setTimeout(note('doomed'), 25)
    clock.setTimeout(() => clock.clearTimeout(doomed), 24)
    clock.advance(30)
    expect(lines).toEqual(['1010 tick', '1020 tick', '1030 tick'])
    clock.setTimeout(note('at once'), 0)
    clock.setTimeout(note('in the past'), -5)
    clock.advance(0)
    expect(lines.slice(-2)).toEqual(['1030 at once', '1030 in the past'])
  })

  it('lets promises settle between timers, where it is asked to', async () => {
    const { clock, lines, note } = createDiary()
    const wait = (delay: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, delay))
    const story = async () => {
      for (let i = 0; i < 3; i++) {
        await wait(100)
        await Promise.resolve()
        note(`morning ${i}`)()
      }
    }
    const told = story()
    await clock.advanceAsync(1_000)
    await told
    expect(lines).toEqual(['1100 morning 0', '1200 morning 1', '1300 morning 2'])
    expect(clock.now()).toBe(2_000)
  })

  it('can be set like a device’s, and timers stay as far away as they were', () => {
    const { clock, lines, note } = createDiary()
    clock.setTimeout(note('in ten'), 10)
    clock.set(500_000)
    clock.advance(9)
    expect(lines).toEqual([])
    clock.setTimeout(() => clock.set(5_000), 0)
    clock.advance(1)
    expect(lines).toEqual(['5001 in ten'])
    expect(clock.now()).toBe(5_001)
  })

  it('throws what a timer throws, and goes on from there', () => {
    const { clock, lines, note } = createDiary()
    clock.setTimeout(() => {
      throw new Error('ouch')
    }, 5)
    clock.setTimeout(note('after it'), 6)
    expect(() => clock.advance(10)).toThrow('ouch')
    expect(clock.now()).toBe(1_005)
    clock.advance(5)
    expect(lines).toEqual(['1006 after it'])
  })

  it('refuses to go back, and timers that never end', async () => {
    const { clock } = createDiary()
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => clock.advance(wrong)).toThrow('can only go forward')
      await expect(clock.advanceAsync(wrong)).rejects.toThrow('can only go forward')
    }
    const again = () => void clock.setTimeout(again, 0)
    again()
    expect(() => clock.advance(1)).toThrow('the same moment')
  })

  it('is one for XState', () => {
    const kettle = createMachine({
      initial: 'cold',
      states: { cold: { after: { 180000: 'hot' } }, hot: { after: { 600000: 'cold' } } },
    })
    const clock = createSimulatedClock()
    const actor = createActor(kettle, { clock }).start()
    clock.advance(180_000)
    expect(actor.getSnapshot().value).toBe('hot')
    clock.advance(600_000 + 180_000)
    expect(actor.getSnapshot().value).toBe('hot')
    actor.stop()
    expect(clock.pending).toBe(0)
  })

  it('is one for a node: what it writes has its time', async () => {
    const clock = createSimulatedClock({ now: 1_234_567_890_000 })
    const node = createNode({ name: 'Laptop', clock })
    await node.signUp({ domain: 'alice.example' })
    await node.put('notes/1', 'hello')
    const times: number[] = []
    for await (const { time } of node.entries('notes/')) times.push(time)
    expect(times).toEqual([1_234_567_890_000])
    await node.close()
  })
})
