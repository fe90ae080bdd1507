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
