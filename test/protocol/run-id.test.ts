import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/protocol/bytes.js'
import { isLettingGo, meetTwin, newRun, RUN_BYTES, runThatLetsGo } from '../../src/protocol/run-id.js'

const bytes = (value: number) => new Uint8Array(RUN_BYTES).fill(value)
const began = (seconds: number, random = 0) => toHex(newRun(seconds * 1_000, bytes(random)))
const lets = (random = 0) => toHex(runThatLetsGo(bytes(random)))

describe('two nodes with one key', () => {
  it('come to one answer: the one that began later lets it go', () => {
    expect([meetTwin(began(10), began(20)), meetTwin(began(20), began(10))]).toEqual(['keeps', 'yields'])
    expect([meetTwin(began(10, 1), began(10, 2)), meetTwin(began(10, 2), began(10, 1))]).toEqual([
      'keeps',
      'yields',
    ])
    expect([meetTwin(began(10), lets()), meetTwin(lets(), began(10))]).toEqual(['keeps', 'goes'])
    expect([meetTwin(lets(1), lets(2)), meetTwin(lets(2), lets(1))]).toEqual(['returns', 'waits'])
  })

  it('say no run for one that lets go, whatever their clocks say', () => {
    for (const now of [-1, 0, Number.NaN, 2 ** 31 * 1_000, 2 ** 32 * 1_000, Number.MAX_SAFE_INTEGER])
      expect(isLettingGo(toHex(newRun(now, bytes(255))))).toBe(false)
    expect(isLettingGo(lets())).toBe(true)
  })

  /** One node: what of it is stored, and what the run that is up says. */
  interface Node {
    run: string
    letsGo: boolean
    isGone: boolean
  }

  it('are never all without it, however many they are, and whenever they meet, end and begin again', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ meet: fc.tuple(fc.nat(3), fc.nat(3)), order: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ restart: fc.nat(3) }) },
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.infiniteStream(fc.nat(255)),
        (steps, rolls) => {
          const roll = () => Number(rolls.next().value)
          let time = 1
          const begin = (letsGo: boolean) => (letsGo ? lets(roll()) : began(time++, roll()))
          const nodes = Array.from(
            { length: 4 },
            (): Node => ({ run: begin(false), letsGo: false, isGone: false }),
          )
          const hear = (node: Node, own: string, other: string) => {
            // What was said to a run that is over decides nothing.
            if (node.isGone || own !== node.run || own === other) return
            const meeting = meetTwin(own, other)
            if (meeting === 'goes') node.isGone = true
            else if (meeting === 'yields' || meeting === 'returns') {
              node.letsGo = meeting === 'yields'
              node.run = begin(node.letsGo)
            }
          }
          for (const each of steps) {
            if ('restart' in each) {
              const node = nodes[each.restart] as Node
              if (!node.isGone) node.run = begin(node.letsGo)
            } else {
              const [one, other] = each.meet.map((index) => nodes[index] as Node) as [Node, Node]
              if (one === other || one.isGone || other.isGone) continue
              const [a, b] = [one.run, other.run]
              const both = [() => hear(one, a, b), () => hear(other, b, a)]
              for (const run of each.order ? both : both.reverse()) run()
            }
          }
          expect(nodes.some(({ isGone }) => !isGone)).toBe(true)
          // And once all have met often enough, one has it.
          for (let round = 0; round < 8; round++)
            for (const one of nodes)
              for (const other of nodes) {
                if (one === other || one.isGone || other.isGone) continue
                const [a, b] = [one.run, other.run]
                hear(one, a, b)
                hear(other, b, a)
              }
          expect(nodes.filter(({ isGone }) => !isGone)).toHaveLength(1)
          expect(nodes.find(({ isGone }) => !isGone)?.letsGo).toBe(false)
        },
      ),
    )
  })
})
