/** Random calls in random order, by fast-check. */
import fc from 'fast-check'
import { BEGINNINGS, type Beginning, CALLS } from './calls.js'
import { createCallsModel } from './calls-model.js'
import { command, createReal, type MakeNode } from './calls-real.js'

export interface CallsOptions {
  readonly runs: number
  readonly seed: number
  readonly steps?: number | undefined
  /** Of a failure that was printed: straight to it. */
  readonly path?: string | undefined
  readonly replayPath?: string | undefined
  readonly make?: MakeNode
  /** After each run. */
  readonly onRun?: () => void
}

export const checkCalls = ({ runs, seed, steps = 30, path, replayPath, make, onRun }: CallsOptions) =>
  fc.check(
    fc.asyncProperty(
      fc.constantFrom(...(Object.keys(BEGINNINGS) as Beginning[])),
      fc.commands(CALLS, { maxCommands: steps, size: 'max', ...(replayPath ? { replayPath } : {}) }),
      async (beginning, commands) => {
        const real = createReal(make)
        try {
          await fc.asyncModelRun(async () => {
            const model = createCallsModel()
            for (const call of BEGINNINGS[beginning]) await command(call).run(model, real)
            return { model, real }
          }, commands)
        } finally {
          await Promise.all(real.nodes.map((node) => node.close().catch(() => {})))
          onRun?.()
        }
      },
    ),
    { numRuns: runs, seed, ...(path === undefined ? {} : { path }) },
  )

export type CallsChecked = Awaited<ReturnType<typeof checkCalls>>

/** What went wrong, the fewest calls that lead there, and how to have it again. Empty when nothing did. */
export const storyOf = ({
  failed,
  seed,
  counterexamplePath,
  counterexample,
  errorInstance,
}: CallsChecked): string => {
  if (!failed) return ''
  const [beginning, found] = counterexample ?? []
  const calls = String(found)
  const replay = /replayPath="([^"]*)"/.exec(calls)?.[1] ?? ''
  return [
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    `after ${beginning}, then ${calls.replace(/\s*\/\*.*\*\//, '')}`,
    `Again: npm run test:walk -- --commands --seed ${seed} --path ${counterexamplePath} --replay ${replay}`,
  ].join('\n')
}
