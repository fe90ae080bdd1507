/**
 * Random walks of real nodes: `npm run test:walk -- --runs 1000 --seed 1`. In several processes, each with several walks at
 * once: a walk waits more than it works.
 */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { STEPS } from '../test/walk/steps.js'
import type { WalkResult } from '../test/walk/walk.js'
import type { WorkerNews } from './walk-worker.js'

const HELP = `Random walks of real nodes on roads and disks that break, checked against a small model.

npm run test:walk -- [options]
  --runs N      how many walks; 100 unless given
  --seed N      the seed of the first, the next has the next; by the clock unless given
  --steps N     steps of a walk; ${STEPS} unless given
  --nodes N     nodes of a walk; 2 to 5, as the seed says, unless given
  --jobs N      processes; one fewer than there are cores unless given
  --together N  walks at once in each process; 6 unless given
  --minutes N   begins no new walk after so long
  --trace       prints the steps of each walk, whatever came of it
  --commands    random calls of any kind on one or two nodes instead (fast-check): N runs from one seed, shrunk when one fails
  --path TEXT, --replay TEXT
                with --commands: straight to a failure that was printed with these
  --help

A walk that fails prints its seed, its steps and how to run it again. Its choices come from the seed alone; what real sockets
and timers do in between does not, so run one that fails a few times.`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const readOptions = () => {
  try {
    return parseArgs({
      options: {
        runs: { type: 'string', default: '100' },
        seed: { type: 'string' },
        steps: { type: 'string' },
        nodes: { type: 'string' },
        jobs: { type: 'string' },
        together: { type: 'string', default: '6' },
        minutes: { type: 'string' },
        trace: { type: 'boolean', default: false },
        commands: { type: 'boolean', default: false },
        path: { type: 'string' },
        replay: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n\n${HELP}`)
    process.exit(2)
  }
}
const values = readOptions()
const number = (name: string, text: string | undefined, least = 0): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  say(`--${name} is a whole number from ${least}.\n\n${HELP}`)
  process.exit(2)
}

if (values.help) {
  say(HELP)
  process.exit(0)
}
const runs = number('runs', values.runs, 1) ?? 1
const seed = number('seed', values.seed) ?? Math.floor(Date.now() / 1_000) % 1_000_000
const steps = number('steps', values.steps, 1)
const nodes = number('nodes', values.nodes, 2)
const together = number('together', values.together, 1) ?? 1
const jobs = Math.min(
  runs,
  number('jobs', values.jobs, 1) ?? Math.max(1, Math.min(availableParallelism() - 1, 8)),
)
const deadline = performance.now() + (number('minutes', values.minutes, 1) ?? 10_000) * 60_000

/** A process that says nothing for so long never comes back: what is under way in it is lost. */
const SILENT_MS = 3 * 60_000
/** A walk that takes longer is named. */
const LONG_MS = 30_000

const worker = (name: string) =>
  fork(fileURLToPath(new URL(name, import.meta.url)), { execArgv: ['--import', 'tsx'] })

const walk = async (): Promise<number> => {
  const began = performance.now()
  const counts: Record<string, number> = {}
  const failed: number[] = []
  let next = seed
  let done = 0
  /** When the walk with a seed began. */
  const underway = new Map<number, number>()
  const sayUnderway = () =>
    [...underway].map(([of, at]) => `${of} (${Math.round((performance.now() - at) / 1_000)} s)`).join(', ')
  /** Of each process, what it said last. */
  const memory = new Map<number | undefined, string>()
  say(`${runs} walks from seed ${seed}, ${jobs} × ${together} at once`)
  const progress = () => {
    const perMinute = Math.round(done / ((performance.now() - began) / 60_000))
    say(
      `${done} of ${runs} walks, ${perMinute} a minute, ${failed.length} failed; ${[...memory.values()].join('; ')}`,
    )
    if ([...underway.values()].some((at) => performance.now() - at > LONG_MS))
      say(`Under way: ${sayUnderway()}`)
  }
  const timer = setInterval(progress, 15_000)

  const mayBegin = () => next < seed + runs && performance.now() < deadline

  /** Resolves when its process has ended. */
  const runWorker = (): Promise<void> =>
    new Promise((resolve) => {
      const child = worker('walk-worker.ts')
      const mine = new Set<number>()
      let heard = performance.now()
      const watch = setInterval(() => {
        if (performance.now() - heard > SILENT_MS) child.kill('SIGKILL')
      }, 5_000)
      const give = () => {
        while (mine.size < together && mayBegin()) {
          mine.add(next)
          underway.set(next, performance.now())
          child.send({ seed: next++, steps, nodes })
        }
        if (mine.size === 0) child.disconnect()
      }
      child.on('message', (message: WalkResult | WorkerNews) => {
        heard = performance.now()
        if ('heapUsed' in message) {
          memory.set(child.pid, `rss ${message.rss} MiB, heap ${message.heapUsed} MiB`)
          return
        }
        mine.delete(message.seed)
        underway.delete(message.seed)
        done++
        for (const [deed, count] of Object.entries(message.counts)) counts[deed] = (counts[deed] ?? 0) + count
        if (values.trace && message.ok) say(`\nSeed ${message.seed}\n${message.trace.join('\n')}\n`)
        if (!message.ok) {
          failed.push(message.seed)
          say(`\n${message.story}\n`)
        }
        give()
      })
      child.on('exit', (code, signal) => {
        clearInterval(watch)
        memory.delete(child.pid)
        if (mine.size > 0) {
          const how = signal === 'SIGKILL' ? `said nothing for ${SILENT_MS / 60_000} minutes` : 'ended'
          say(
            `\nA process ${how} (${signal ?? code}) in the middle of the walks with the seeds ${[...mine]}.\n`,
          )
          failed.push(...mine)
          for (const lost of mine) underway.delete(lost)
        }
        resolve()
      })
      give()
    })
  /** Another one after one that was lost. */
  const runJob = async () => {
    while (mayBegin()) await runWorker()
  }
  const interrupted = () => {
    progress()
    say(`Under way: ${sayUnderway()}`)
    if (failed.length > 0) say(`Failed: the seeds ${failed.join(', ')}`)
    process.exit(130)
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  await Promise.all(Array.from({ length: jobs }, runJob))
  clearInterval(timer)
  progress()
  say(
    `What was done: ${Object.entries(counts)
      .map(([deed, count]) => `${count} ${deed}`)
      .join(', ')}`,
  )
  if (failed.length > 0) say(`Failed: the seeds ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

const commands = (): Promise<number> =>
  new Promise((resolve) => {
    const child = worker('walk-commands.ts')
    child.send({
      runs: values.path === undefined ? runs : 1,
      seed,
      steps,
      path: values.path,
      replayPath: values.replay,
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })

process.exitCode = values.commands ? await commands() : await walk()
