/** One walk: a plan carried out on real nodes, and what was wrong with it. */
import { perform } from './deeds.js'
import { finish } from './finish.js'
import { type Plan, planWalk, sayStep } from './plan.js'
import { STEPS } from './steps.js'
import { createWalkWorld, type WalkWorld } from './world.js'

export interface WalkOptions {
  readonly seed: number
  readonly steps?: number | undefined
  /** From 2 to 5, as the seed says, unless given. */
  readonly nodes?: number | undefined
}

export interface WalkResult {
  readonly seed: number
  readonly ok: boolean
  /** What was wrong, each step and what came of it, and how to run it again. Empty when nothing was wrong. */
  readonly story: string
  readonly milliseconds: number
  /** Each step, when it began, and what came of it; and what the end waited for. */
  readonly trace: readonly string[]
  /** What was done, by kind, as far as it could be. */
  readonly counts: Readonly<Record<string, number>>
}

const describeNodes = (world: WalkWorld): string[] =>
  world.slots.map(({ name, node, life }) => {
    if (!node) return `${name} is off, after ${life} lives`
    const { state, peers, sync, requests, problem } = node.getSnapshot()
    const roads = node.transports().map(({ id, state: road }) => `${id} ${road}`)
    const others = peers.map(
      ({ transport, address, writerKey = 'no writer' }) => `${transport} ${address} ${writerKey.slice(0, 8)}`,
    )
    const feeds = sync.writers.map(
      ({ writerKey, blocks }) => `${writerKey.slice(0, 8)} ${blocks.here} of ${blocks.known}`,
    )
    return `${name}, life ${life}: ${state}, writes as ${node.writerKey?.slice(0, 8)}, ${sync.percent} % of ${sync.known} (${feeds.join(', ')}), asks about ${requests.length}; roads: ${roads.join(', ')}; peers: ${others.join(', ') || 'none'}${problem ? `; ${problem.code}` : ''}`
  })

const again = ({ seed, steps, nodes }: WalkOptions) =>
  `npm run test:walk -- --runs 1 --seed ${seed}${steps === undefined ? '' : ` --steps ${steps}`}${nodes === undefined ? '' : ` --nodes ${nodes}`}`

const carryOut = async (world: WalkWorld, plan: Plan, trace: string[]): Promise<void> => {
  const underway = new Set<Promise<void>>()
  for (const slot of world.slots) await world.start(slot)
  for (const step of plan.steps) {
    if (world.model.violations.length > 0) return
    const line = trace.push(`${world.age()} ${sayStep(step)}`) - 1
    const work: Promise<void> = (async () => perform(world, step))()
      .then(
        (said) => {
          trace[line] += ` → ${said}`
        },
        (error: unknown) =>
          world.model.violate(`step ${step.index} threw ${error instanceof Error ? error.stack : error}`),
      )
      .finally(() => underway.delete(work))
    underway.add(work)
    if (step.waits) await work
    if (step.pause > 0) await new Promise((resolve) => setTimeout(resolve, step.pause))
  }
  await Promise.all(underway)
}

/** Real time in which everything must have been given back. */
const END_LIMIT_MS = 60_000
/** Real time for all before that: a walk takes seconds, and on a machine that does much else a minute. */
const WALK_LIMIT_MS = 8 * 60_000

const within = async (limit: number, late: string, work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(late)), limit)
  })
  await Promise.race([work, tooLate]).finally(() => clearTimeout(timer))
}
const endedWithin = (work: Promise<void>) =>
  within(END_LIMIT_MS, 'Something could not be closed within a minute', work)

const walkThrough = async (world: WalkWorld, plan: Plan, trace: string[]): Promise<void> => {
  await carryOut(world, plan, trace)
  if (world.model.violations.length > 0) return
  await finish(world, (news) => trace.push(`${world.age()} the end: ${news}`))
}

/** Never rejects. */
export const runWalk = async (options: WalkOptions, plan?: Plan): Promise<WalkResult> => {
  const { seed, steps = STEPS, nodes } = options
  const began = performance.now()
  const walked = plan ?? planWalk(seed, { steps, nodes })
  const trace: string[] = []
  let story = ''
  let world: WalkWorld | undefined
  try {
    world = await createWalkWorld(seed, walked.nodes)
    const walking = walkThrough(world, walked, trace)
    await within(WALK_LIMIT_MS, 'no news', walking).catch((error: Error) =>
      world?.model.violate(
        error.message === 'no news'
          ? `It came to a stop at step ${Math.min(trace.length, walked.steps.length)} of ${walked.steps.length}, after ${WALK_LIMIT_MS / 60_000} minutes`
          : `It threw ${error.stack}`,
      ),
    )
    if (world.model.violations.length > 0) {
      story = [
        `Seed ${seed}: ${world.model.violations.join('\n')}`,
        ...trace,
        ...describeNodes(world),
        ...world.reports.slice(-15),
        `Again: ${again(options)}`,
      ].join('\n')
    }
    await endedWithin(world.destroy())
    if (!story && world.model.violations.length > 0)
      story = `Seed ${seed}: ${world.model.violations.join('\n')}\nAgain: ${again(options)}`
  } catch (error) {
    story = `Seed ${seed} threw ${error instanceof Error ? error.stack : error}\n${trace.join('\n')}\nAgain: ${again(options)}`
    if (world) await endedWithin(world.destroy()).catch(() => {})
  }
  const counts: Record<string, number> = {}
  for (const { deed } of walked.steps.slice(0, trace.length)) counts[deed] = (counts[deed] ?? 0) + 1
  return { seed, ok: story === '', story, milliseconds: performance.now() - began, trace, counts }
}
