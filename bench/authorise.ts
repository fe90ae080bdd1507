/**
 * How long it takes from a person's yes to the other device being a writer: from calling `authorise()` to the new node's state
 * being `writer`, through an always-on node. Three processes on one machine: the always-on node, the origin (WebSocket) and
 * the asker (TCP). Each run is a new hypha of two nodes; the processes stay, so the first run is the one that is not warm.
 */
import type { Road } from '../demo/messages.js'
import { createStage, type Player, type Stage } from '../demo/stage.js'

const RUNS = 30
const TARGET_MS = 100

const measureRun = async (run: number, [origin, asker]: [Player, Player], roads: [Road, Road]) => {
  const domain = `run-${run}.example`
  await origin.call('create', { name: 'origin', road: roads[0] })
  const { passphrase } = await origin.call('signUp', { domain })
  await origin.saw('connected')
  await asker.call('create', { name: 'asker', road: roads[1] })
  await asker.call('signIn', { domain, passphrase })
  const { id } = await origin.saw('prompt')
  const [{ calledAt }, { at }] = await Promise.all([
    origin.call('authorise', { id }),
    asker.saw('state', ({ state }) => state === 'writer'),
  ])
  await Promise.all([asker.call('close', {}), origin.call('close', {})])
  return Number(BigInt(at) - BigInt(calledAt)) / 1e6
}

const measure = async (stage: Stage): Promise<number[]> => {
  const alwaysOn = stage.enter('always-on', 'always-on-process')
  const players: [Player, Player] = [
    stage.enter('origin', 'node-process'),
    stage.enter('asker', 'node-process'),
  ]
  const { url, tcpPort } = await alwaysOn.call('listen', { port: 0, places: RUNS + 1 })
  const roads: [Road, Road] = [
    { by: 'webSocket', url },
    { by: 'tcp', address: `127.0.0.1:${tcpPort}` },
  ]
  const times = []
  for (let run = 0; run <= RUNS; run++) times.push(await measureRun(run, players, roads))
  for (const player of [...players, alwaysOn]) await player.leave()
  return times
}

const round = (ms: number | undefined) => Number((ms ?? Number.NaN).toFixed(1))

export const bench = async () => {
  const stage = createStage()
  try {
    const [cold, ...warm] = await Promise.race([measure(stage), stage.broken])
    const sorted = warm.toSorted((a, b) => a - b)
    const median = ((sorted[RUNS / 2 - 1] ?? 0) + (sorted[RUNS / 2] ?? 0)) / 2
    return [
      {
        name: 'from authorise() to writer, through an always-on node',
        runs: RUNS,
        'median ms': round(median),
        'min ms': round(sorted[0]),
        'max ms': round(sorted.at(-1)),
        'p95 ms': round(sorted[Math.ceil(0.95 * RUNS) - 1]),
        'first, not warm, ms': round(cold),
        'target ms': TARGET_MS,
      },
    ]
  } finally {
    await stage.clear()
  }
}
