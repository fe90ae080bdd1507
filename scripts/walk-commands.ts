/** Random calls of any kind, as they are asked for; exits with 1 when one answered wrongly. */
import { checkCalls, storyOf } from '../test/model/check-calls.js'
import { quickKeys } from '../test/walk/quick-keys.js'

export interface CommandsAsked {
  readonly runs: number
  readonly seed: number
  readonly steps?: number
  readonly path?: string
  readonly replayPath?: string
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const PROGRESS_MS = 15_000

quickKeys()
process.once('message', async (asked: CommandsAsked) => {
  const began = performance.now()
  let done = 0
  const progress = () =>
    say(
      `${done} of ${asked.runs} runs, ${Math.round(done / ((performance.now() - began) / 60_000))} a minute`,
    )
  const timer = setInterval(progress, PROGRESS_MS)
  say(`${asked.runs} runs of random calls from seed ${asked.seed}`)
  const checked = await checkCalls({
    ...asked,
    onRun: () => {
      done++
    },
  })
  clearInterval(timer)
  progress()
  const story = storyOf(checked)
  say(story || 'Every call answered as it should.')
  process.exit(story ? 1 : 0)
})
