/**
 * What it costs to be looked at: 10,000 private entries replicate over localhost TCP with an inspection of both nodes, whose
 * listener makes JSON of all that it is told, and without; in pairs, the order changing. And what one event of a machine costs.
 * Run: npm run bench -- inspector [--pairs N] [--json]
 */
import { createActor } from 'xstate'
import { INSPECTABLE, type Inspectable, observeSystem } from '../src/actors/tracing.js'
import type { HyphaNode } from '../src/index.js'
import { requestMachine } from '../src/machines/request.js'
import { inspect } from '../src/ui-bridge/inspector/index.js'
import { ENTRIES } from './engine/measures.js'
import { openRuntime } from './engine/runtime.js'
import type { Taken } from './engine/subject.js'
import { median } from './median.js'

const PAIRS = 12
const TARGET = 0.85

let events = 0
let bytes = 0

const attach = (...nodes: HyphaNode[]): (() => void) => {
  const inspections = nodes.map((node) => inspect(node))
  for (const inspection of inspections) {
    inspection.subscribe((told) => {
      events += told.length
      bytes += JSON.stringify(told).length
    })
  }
  return () => {
    for (const { detach } of inspections) detach()
  }
}

interface Pair {
  readonly without: Taken
  readonly attached: Taken
}

const replicate = async (pairs: number): Promise<Pair[]> => {
  let isAttached = false
  const subject = await openRuntime(
    () => undefined,
    (...nodes) => (isAttached ? attach(...nodes) : () => {}),
  )
  for (let i = 0; i < ENTRIES; i++) await subject.put(i)
  const side = async (attached: boolean): Promise<Taken> => {
    isAttached = attached
    globalThis.gc?.()
    return subject.replicate(ENTRIES)
  }
  // The first of each finds code that was never run.
  await side(false)
  await side(true)
  events = 0
  bytes = 0
  const taken: Pair[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const first = await side(pair % 2 === 1)
    const second = await side(pair % 2 === 0)
    const [without, attached] = pair % 2 === 0 ? [first, second] : [second, first]
    taken.push({ without, attached })
    process.stderr.write(
      `without ${Math.round(without.ms)} ms, attached ${Math.round(attached.ms)} ms: ${(without.ms / attached.ms).toFixed(2)}\n`,
    )
  }
  await subject.close()
  return taken
}

const ROUNDS = 100_000

/** Microseconds an event, of a machine that takes it in and goes nowhere. */
const eventCost = (isAttached: boolean): number => {
  const actor = createActor(requestMachine, { input: { requestId: '00' } }).start()
  const inspectable: Inspectable = {
    version: 1,
    id: '00000000',
    kind: 'node',
    name: 'a machine',
    observe: (observer) => observeSystem(actor, observer),
  }
  const inspection = isAttached ? inspect({ [INSPECTABLE]: inspectable }) : undefined
  const run = () => {
    const start = performance.now()
    for (let i = 0; i < ROUNDS; i++) actor.send({ type: 'acknowledged', by: '00' })
    return ((performance.now() - start) * 1_000) / ROUNDS
  }
  run()
  const cost = run()
  inspection?.detach()
  actor.stop()
  return cost
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

export const bench = async ({ pairs = PAIRS }: { readonly pairs?: number } = {}) => {
  const taken = await replicate(pairs)
  const ratios = taken.map(({ without, attached }) => without.ms / attached.ms)
  const ofCpu = taken.map(({ without, attached }) => without.cpu / attached.cpu)
  const speed = (side: keyof Pair) =>
    Math.round(ENTRIES / (median(taken.map((pair) => pair[side].ms)) / 1_000))
  return [
    {
      name: 'replicate, attached to both nodes',
      entries: ENTRIES,
      'without, entries/s': speed('without'),
      'attached, entries/s': speed('attached'),
      'speed, median of pairs': round(median(ratios), 3),
      target: TARGET,
      'least and most': `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`,
      'by CPU time, median of pairs': round(median(ofCpu), 3),
      pairs,
      'events a replication': Math.round(events / pairs),
      'JSON of them, bytes': Math.round(bytes / pairs),
    },
    {
      name: 'one event of a machine',
      'without, µs': round(eventCost(false), 2),
      'attached, µs': round(eventCost(true), 2),
    },
  ]
}
