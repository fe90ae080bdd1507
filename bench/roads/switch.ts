/**
 * Two nodes with two roads between them, both TCP: the one that is used breaks, with a reset or silently, and an entry is
 * written at that moment. Milliseconds until it arrives.
 */
import { createNode, tcp } from '../../src/index.js'
import { type CutKind, createWire, type Wire } from '../../src/testing/index.js'
import { median } from '../median.js'
import { arrivalOf, round, until } from './arrival.js'
import { sharedNow } from './child.js'

const TIMES = 10

const MARK = 'm'.repeat(50_000)

export const benchSwitch = async (progress: (line: string) => void, times = TIMES) => {
  const listener = tcp({ listen: '127.0.0.1:0' })
  const origin = createNode({ name: 'origin', transports: [listener] })
  const domain = 'switch.example'
  const { passphrase } = await origin.signUp({ domain })
  const wires: Wire[] = []
  for (let i = 0; i < 2; i++) wires.push(await createWire({ to: listener.listening ?? '' }))
  const other = createNode({ transports: [tcp({ connect: wires.map(({ address }) => address) })] })
  origin.on('authorisation-requested', ({ id }) => void origin.authorise(id))
  try {
    await other.signIn({ domain, passphrase })
    await until(other, () => other.state === 'writer')
    const bothUp = () =>
      wires.every(({ connections }) => connections > 0) &&
      origin.getSnapshot().peers.some(({ spares }) => spares.length === 1) &&
      other.getSnapshot().peers.some(({ spares }) => spares.length === 1)

    const arrive = async (key: string, value: string): Promise<number> => {
      const arrival = arrivalOf(other, key)
      const start = sharedNow()
      await origin.put(key, value)
      return (await arrival) - start
    }
    /** The wire by which an entry came. */
    const usedWire = async (key: string): Promise<Wire> => {
      const before = wires.map(({ bytes }) => bytes.up + bytes.down)
      await arrive(key, MARK)
      const moved = wires.map(({ bytes }, i) => bytes.up + bytes.down - (before[i] ?? 0))
      const used = wires[moved.indexOf(Math.max(...moved))]
      if (!used) throw new Error('The entry came by no wire.')
      return used
    }

    const rows = []
    for (const how of ['reset', 'silence'] as const satisfies CutKind[]) {
      const found = []
      for (let i = 0; i < times; i++) {
        await until(other, bothUp)
        const used = await usedWire(`mark/${how}/${i}`)
        await used.cut({ how })
        const ms = await arrive(`switch/${how}/${i}`, 'the next entry')
        progress(`switch, ${how}, ${i + 1} of ${times}: ${round(ms)} ms`)
        found.push(ms)
        used.heal()
      }
      rows.push({
        name: how === 'reset' ? 'switch' : 'switch, silent',
        ms: round(Math.max(...found)),
        'median ms': round(median(found)),
        'max ms': round(Math.max(...found)),
        times,
      })
    }
    return rows
  } finally {
    await Promise.all([origin.close(), other.close()])
    await Promise.all(wires.map((wire) => wire.close()))
  }
}
