/** `npm run demo`: the flow between separate processes over real sockets. */
import { parseArgs } from 'node:util'
import { createStage } from './stage.js'
import { play } from './story.js'
import { createTrace, isColoured } from './trace.js'

const HELP = `Plays the flow with an always-on node and three devices, each a process of its own, over WebSocket and TCP.

  npm run demo -- [options]

  --port <number>      of the always-on node, for pages and WebSocket (any free one)
  --seconds <number>   after which it is given up (30)
  --help

Every line of the trace is a moment, who, and what happened. Ends by itself; the exit code is 0 if all went well.
`

const readNumber = (option: string, text: string, most: number): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= most) return Number(text)
  throw new Error(`${option} takes a number from 0 to ${most}.`)
}

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '30' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return void process.stdout.write(HELP)
  const port = readNumber('--port', values.port, 65_535)
  const seconds = readNumber('--seconds', values.seconds, 3_600)

  const trace = createTrace((text) => process.stdout.write(text), isColoured(process.stdout, process.env))
  const stage = createStage()
  let giveUp: (error: Error) => void = () => {}
  const ended = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  const stop = () => giveUp(new Error('It was stopped.'))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const timer = setTimeout(
    () => giveUp(new Error(`It took longer than ${seconds} seconds.`)),
    seconds * 1_000,
  )
  try {
    const summary = await Promise.race([play(stage, trace, { port }), stage.broken, ended])
    process.stdout.write(`\nThe demo went well in ${(trace.elapsed / 1_000).toFixed(1)} s. ${summary}\n`)
  } finally {
    clearTimeout(timer)
    await stage.clear()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

try {
  await run()
} catch (error) {
  process.stderr.write(`\nThe demo failed. ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
