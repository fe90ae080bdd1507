/** Carries out walks as they are asked for, and answers with what came of them. */
import { quickKeys } from '../test/walk/quick-keys.js'
import type { WalkOptions } from '../test/walk/walk.js'

quickKeys()
const { runWalk } = await import('../test/walk/walk.js')

/** Whatever nobody caught belongs to one of these. */
let stray: unknown
process.on('unhandledRejection', (error) => {
  stray ??= error
})
process.on('uncaughtException', (error) => {
  stray ??= error
})

/** That it lives, and what it holds, in MiB. */
export interface WorkerNews {
  readonly rss: number
  readonly heapUsed: number
}
const inMebibytes = (bytes: number) => Math.round(bytes / 2 ** 20)
setInterval(() => {
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({ rss: inMebibytes(rss), heapUsed: inMebibytes(heapUsed) } satisfies WorkerNews)
}, 5_000)

process.once('disconnect', () => process.exit())
process.on('message', async (options: WalkOptions) => {
  const result = await runWalk(options)
  const error = stray
  stray = undefined
  process.send?.(
    error === undefined
      ? result
      : {
          ...result,
          ok: false,
          story: `${result.story}\nNobody caught, in this walk or one beside it (seed ${options.seed}): ${error instanceof Error ? error.stack : error}`,
        },
  )
})
