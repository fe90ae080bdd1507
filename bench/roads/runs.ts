/** The tests' runs of broken roads and of connections that are cut, as many as it takes to believe them. */
import { createCycleWorld } from '../../test/roads/cycles.js'
import { createHealWorld } from '../../test/roads/heal-run.js'
import { round } from './arrival.js'

const HEALS = 200
const CYCLES = 10_000

export const benchHeal = async (progress: (line: string) => void, runs = HEALS) => {
  const world = await createHealWorld()
  try {
    let converged = 0
    for (let seed = 1; seed <= runs; seed++) {
      const isGood = await world.run(seed).then(
        () => true,
        (error: unknown) => {
          progress(error instanceof Error ? error.message : String(error))
          return false
        },
      )
      if (isGood) converged++
      if (seed % 10 === 0) progress(`heal: ${converged} of ${seed} converged`)
    }
    await world.check()
    return [{ name: 'heal', runs, converged, accidents: world.accidents }]
  } finally {
    await world.close()
  }
}

const heapMB = (): number => {
  global.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

export const benchCycles = async (progress: (line: string) => void, cycles = CYCLES) => {
  const world = await createCycleWorld()
  try {
    await world.run(100)
    const before = await world.census()
    const heaps = [heapMB()]
    for (let done = 0; done < cycles; ) {
      const count = Math.min(Math.ceil(cycles / 4), cycles - done)
      await world.run(count)
      done += count
      const left = await world.left(before)
      heaps.push(heapMB())
      progress(`cycles: ${done}, left: ${JSON.stringify(left)}, heap ${heaps.at(-1)?.toFixed(1)} MB`)
    }
    const left = await world.left(before)
    return [
      {
        name: 'cycles',
        cycles,
        left: Object.values(left).reduce((sum, count) => sum + count, 0),
        'left, which': JSON.stringify(left),
        'heap before, MB': round(heaps[0] ?? 0),
        'heap after, MB': round(heaps.at(-1) ?? 0),
      },
    ]
  } finally {
    await world.close()
  }
}
