/** `npm run demo`: the flow between separate processes over real sockets. */
import { parseArgs } from 'node:util'
import { createStage } from './stage.js'
import { play } from './story.js'
import { createTrace, isColoured } from './trace.js'

const HELP = `Plays the flow with an always-on node and three devices, each a process of its own, over WebSocket and TCP.

  npm run demo -- [options]

  --port <number>  of the always-on node, for pages and WebSocket (any free one)
  --help

Every line of the trace is a moment, who, and what happened. Ends by itself; the exit code is 0 if all went well.
`

const TIME_LIMIT_MS = 30_000

const readPort = (text: string): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text)
  throw new Error('--port takes a number from 0 to 65535.')
}

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) return void process.stdout.write(HELP)
  const port = readPort(values.port)

  const trace = createTrace((text) => process.stdout.write(text), isColoured(process.stdout, process.env))
  const stage = createStage()
  let giveUp: (error: Error) => void = () => {}
  const ended = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  const stop = () => giveUp(new Error('It was stopped.'))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const timer = setTimeout(
    () => giveUp(new Error(`It took longer than ${TIME_LIMIT_MS / 1_000} seconds.`)),
    TIME_LIMIT_MS,
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
