import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPairs, type Member, type PairEnd, type Pairs } from '../../src/actors/pairs.js'
import { MAX_SILENCE_WITH_SPARE_MS, MAX_SPARES_PER_PAIR } from '../../src/protocol/limits.js'
import type { LinkMessage } from '../../src/protocol/link-proof.js'

type Side = 'leader' | 'follower'
const KEYS = { leader: 'a'.repeat(64), follower: 'b'.repeat(64) }
const other = (side: Side): Side => (side === 'leader' ? 'follower' : 'leader')

/** A link between two nodes, whose messages arrive when the test says. */
interface Wire {
  readonly number: number
  readonly isRelayed: boolean
  silentMs: { leader: number; follower: number }
  /** By whom they were sent, in order. */
  readonly underWay: { leader: LinkMessage[]; follower: LinkMessage[] }
  readonly members: Partial<Record<Side, Member>>
  readonly state: Record<Side, 'none' | 'spare' | 'used' | 'retired' | 'gone'>
  isClosing: boolean
}

const createWorld = () => {
  const nodes: Record<Side, Pairs> = {
    leader: createPairs(KEYS.leader),
    follower: createPairs(KEYS.follower),
  }
  const wires: Wire[] = []
  const join = (wire: Wire, side: Side) => {
    const end: PairEnd = {
      transport: `wire-${wire.number}`,
      isRelayed: wire.isRelayed,
      beat: {
        get silentMs() {
          return wire.silentMs[side]
        },
        get steadyForMs() {
          return wire.silentMs[side]
        },
        roundTripMs: 1,
        isQuick: false,
        heard: () => {},
        stop: () => {},
      },
      send: (message) => wire.underWay[side].push(message),
      spare: () => {
        wire.state[side] = 'spare'
      },
      use: () => {
        wire.state[side] = 'used'
      },
      retire: () => {
        wire.state[side] = 'retired'
        wire.isClosing = true
      },
      close: () => {
        wire.state[side] = 'retired'
        wire.isClosing = true
      },
    }
    wire.members[side] = nodes[side].join(end, KEYS[other(side)], { own: 'own run', other: 'first run' })
  }
  const leave = (wire: Wire, side: Side) => {
    if (wire.state[side] === 'gone') return
    wire.state[side] = 'gone'
    wire.members[side]?.leave()
  }
  const deliver = (wire: Wire, from: Side): boolean => {
    const to = other(from)
    const member = wire.members[to]
    if (!member || wire.state[to] === 'gone') return false
    const message = wire.underWay[from].shift()
    if (message) expect(member.hears(message), `${message.type} by the ${from}`).toBe(true)
    return message !== undefined
  }
  const add = (isRelayed = false): Wire => {
    const wire: Wire = {
      number: wires.length,
      isRelayed,
      silentMs: { leader: 0, follower: 0 },
      underWay: { leader: [], follower: [] },
      members: {},
      state: { leader: 'none', follower: 'none' },
      isClosing: false,
    }
    wires.push(wire)
    return wire
  }
  /** Both ends have proven themselves. */
  const up = (isRelayed = false): Wire => {
    const wire = add(isRelayed)
    join(wire, 'leader')
    join(wire, 'follower')
    return wire
  }
  const settle = () => {
    let isNews = true
    while (isNews) {
      isNews = false
      for (const wire of wires) {
        for (const side of ['leader', 'follower'] as const) {
          if (wire.state[side] === 'none') {
            join(wire, side)
            isNews = true
          }
          while (deliver(wire, side)) isNews = true
        }
        // One end's going is noticed at the other, once all has arrived.
        const isGone = wire.isClosing || wire.state.leader === 'gone' || wire.state.follower === 'gone'
        for (const side of ['leader', 'follower'] as const) {
          if (!isGone || wire.state[side] === 'gone') continue
          leave(wire, side)
          isNews = true
        }
      }
      for (const side of ['leader', 'follower'] as const) nodes[side].look()
    }
  }
  const used = (side: Side) => wires.filter(({ state }) => state[side] === 'used')
  return { nodes, wires, add, up, join, leave, deliver, settle, used }
}

describe('of the links between two nodes', () => {
  it('the first one is used, by what the leader says', () => {
    const world = createWorld()
    const [first, second] = [world.up(), world.up()]
    expect(first.state).toMatchObject({ leader: 'used', follower: 'spare' })
    world.settle()
    expect(first.state).toMatchObject({ leader: 'used', follower: 'used' })
    expect(second.state).toMatchObject({ leader: 'spare', follower: 'spare' })
    expect(first.members.leader?.pair.spares).toHaveLength(1)
  })

  it('a direct one takes over from a relayed one, never the other way round', () => {
    const world = createWorld()
    const relayed = world.up(true)
    world.settle()
    const direct = world.up()
    world.settle()
    expect(direct.state).toMatchObject({ leader: 'used', follower: 'used' })
    expect(relayed.state).toMatchObject({ leader: 'gone', follower: 'gone' })
    world.up(true)
    world.settle()
    expect(world.used('leader')).toEqual([direct])
  })

  it.each(['leader', 'follower'] as const)('a spare is used when the %s loses the one in use', (side) => {
    const world = createWorld()
    const [first, second] = [world.up(), world.up()]
    world.settle()
    world.leave(first, side)
    // The other end knows nothing yet.
    while (world.deliver(second, 'follower') || world.deliver(second, 'leader'));
    expect(second.state).toMatchObject({ leader: 'used', follower: 'used' })
    world.settle()
    expect(world.used(other(side))).toEqual([second])
  })

  it.each([
    'leader',
    'follower',
  ] as const)('an answering spare is used when the one in use is silent to the %s', (side) => {
    const world = createWorld()
    const [first, second] = [world.up(), world.up()]
    world.settle()
    first.silentMs[side] = MAX_SILENCE_WITH_SPARE_MS
    world.nodes[side].look()
    world.settle()
    expect(world.used('leader')).toEqual([first])
    first.silentMs[side] = MAX_SILENCE_WITH_SPARE_MS + 2
    second.silentMs[side] = 400
    world.nodes[side].look()
    world.settle()
    expect(world.used('leader')).toEqual([first])
    second.silentMs[side] = 100
    world.nodes[side].look()
    world.settle()
    expect(world.used('leader')).toEqual([second])
    expect(world.used('follower')).toEqual([second])
  })

  it('a use that comes late changes nothing', () => {
    const world = createWorld()
    const [first, second, third] = [world.up(), world.up(), world.up()]
    world.settle()
    world.leave(first, 'leader')
    world.leave(second, 'leader')
    // Told on the third before what was said on the second.
    world.deliver(third, 'leader')
    expect(third.state.follower).toBe('used')
    world.deliver(second, 'leader')
    expect(world.used('follower')).toEqual([first, third].filter(({ state }) => state.follower === 'used'))
    expect(third.state.follower).toBe('used')
  })

  it(`no more than ${MAX_SPARES_PER_PAIR} are spares`, () => {
    const world = createWorld()
    for (let i = 0; i < MAX_SPARES_PER_PAIR + 1; i++) world.up()
    world.settle()
    const count = () => world.wires.filter(({ state }) => state.leader === 'spare').length
    expect(count()).toBe(MAX_SPARES_PER_PAIR)
    const last = world.up()
    world.settle()
    expect(count()).toBe(MAX_SPARES_PER_PAIR)
    expect(last.state.leader).toBe('gone')
  })

  it('another run of the same node is another one', () => {
    const world = createWorld()
    const first = world.up()
    world.settle()
    const used: number[] = []
    world.nodes.follower
      .join(
        {
          ...({} as PairEnd),
          beat: { isQuick: false } as PairEnd['beat'],
          spare: () => {},
          use: () => used.push(1),
        },
        KEYS.leader,
        { own: 'own run', other: 'second run' },
      )
      .hears({ type: 'use', serial: 1 })
    expect(used).toEqual([1])
    expect(first.state.follower).toBe('used')
  })

  it('in whatever order links come, go and carry their news, both ends agree on one', () => {
    const side = fc.constantFrom<Side>('leader', 'follower')
    const at = fc.nat(7)
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), relayed: fc.boolean() }),
      fc.record({ do: fc.constant('join' as const), at, side }),
      fc.record({ do: fc.constant('deliver' as const), at, side }),
      fc.record({ do: fc.constant('leave' as const), at, side }),
      fc.record({ do: fc.constant('silence' as const), at, side }),
      fc.record({ do: fc.constant('look' as const), side }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const world = createWorld()
        for (const now of steps) {
          if (now.do === 'add') world.add(now.relayed)
          else if (now.do === 'look') world.nodes[now.side].look()
          else {
            const wire = world.wires[now.at]
            if (!wire) continue
            if (now.do === 'join' && wire.state[now.side] === 'none') world.join(wire, now.side)
            else if (now.do === 'deliver') world.deliver(wire, now.side)
            else if (now.do === 'leave' && wire.state[now.side] !== 'none') world.leave(wire, now.side)
            else if (now.do === 'silence') wire.silentMs[now.side] = 5_000
          }
        }
        for (const wire of world.wires) wire.silentMs = { leader: 0, follower: 0 }
        world.settle()
        const ups = world.wires.filter(({ state }) => state.leader !== 'gone')
        expect(world.used('leader').length).toBe(ups.length > 0 ? 1 : 0)
        expect(world.used('follower')).toEqual(world.used('leader'))
        // A direct one, if there is one.
        const [used] = world.used('leader')
        if (used?.isRelayed) expect(ups.every(({ isRelayed }) => isRelayed)).toBe(true)
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 2_000) },
    )
  })
})
