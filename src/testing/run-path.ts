import type { AnyMachineSnapshot } from 'xstate'
import type { Path, Step } from './paths.js'
import type { AnyEvent } from './transitions.js'

/** What a step is told besides its event. */
export interface StepInfo extends Step {
  /** Counted from 0. */
  readonly index: number
  /** What comes after it, if anything does: some things have to be prepared for. */
  readonly next: AnyEvent | undefined
}

/**
 * What makes each event happen, by its type. Steps that return no promise follow each other in one turn, so that nothing that
 * waits for a promise gets in between.
 */
export type Executors = Readonly<Record<string, (event: AnyEvent, step: StepInfo) => void | Promise<void>>>

/** Compares what is with what the machine says: throws, or rejects, where they differ. Without a step at the start. */
export type Check = (expected: AnyMachineSnapshot, step?: StepInfo) => void | Promise<void>

const show = (event: AnyEvent): string => {
  const { type, actorId: _, ...payload } = event
  const rest = Object.keys(payload).length === 0 ? '' : ` ${JSON.stringify(payload)}`
  return `${type}${rest.length > 120 ? `${rest.slice(0, 120)}…` : rest}`
}

/** The steps of a path with a mark at the one that failed. */
const trace = (path: Path, failed: number): string =>
  path.steps
    .map(({ event, expected }, index) => {
      const mark = index === failed ? '✗' : index < failed ? '✓' : ' '
      return `  ${mark} ${index + 1}. ${show(event)} → ${JSON.stringify(expected.value)}`
    })
    .join('\n')

export interface RunOptions {
  /** How long a step and its check may take, in milliseconds: 60,000 unless given. Then it has failed. */
  readonly patience?: number
}

/** The platform's own, even where a test replaces the global later. */
const { setTimeout: later, clearTimeout: never } = globalThis

const within = async (work: Promise<void>, patience: number): Promise<void> => {
  let timer: ReturnType<typeof later> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = later(() => reject(new Error(`It took more than ${patience} ms.`)), patience)
  })
  try {
    await Promise.race([work, late])
  } finally {
    never(timer)
  }
}

/**
 * Makes a path happen step by step, and checks before the first and after each. What fails is thrown with the steps, and with
 * the original error as its cause.
 */
export const runPath = async (
  path: Path,
  executors: Executors,
  check: Check,
  { patience = 60_000 }: RunOptions = {},
): Promise<void> => {
  for (const { event } of path.steps)
    if (!executors[event.type])
      throw new Error(
        `Nothing makes ${event.type} happen. Give runPath an executor for it: one that does nothing where it comes by itself.`,
      )
  let at = -1
  try {
    const begun = check(path.start)
    if (begun) await within(begun, patience)
    for (const [index, step] of path.steps.entries()) {
      at = index
      const info = { ...step, index, next: path.steps[index + 1]?.event }
      const done = executors[step.event.type]?.(step.event, info)
      if (done) await within(done, patience)
      const checked = check(step.expected, info)
      if (checked) await within(checked, patience)
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const where = at < 0 ? 'before its first step' : `at step ${at + 1}`
    throw new Error(`A path of ${path.machine} failed ${where}: ${reason}\n${trace(path, at)}`, { cause })
  }
}
