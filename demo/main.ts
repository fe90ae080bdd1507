/** `npm run demo`: the flow between separate processes over real sockets. */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { placeOf, recordSession, type SessionRecorder } from './recording.js'
import { createStage } from './stage.js'
import { play, type Script } from './story.js'
import { createTrace, isColoured } from './trace.js'

const HELP = `Plays the flow with an always-on node and three devices, each a process of its own, over WebSocket and TCP.

  npm run demo -- [options]

  --port <number>      of the always-on node, for pages and WebSocket (any free one)
  --seconds <number>   after which it is given up (30)
  --inspect            shows all of them in the inspector, in a browser: prints its URL, and stays until Ctrl-C
  --record <file>      writes what the inspector shows to a file: hypha inspect <file> opens it
  --help

Every line of the trace is a moment, who, and what happened. Ends by itself; the exit code is 0 if all went well.
`

/** The always-on node, the laptop, the phone and the tablet. */
const NODES = 4

const readNumber = (option: string, text: string, most: number): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= most) return Number(text)
  throw new Error(`${option} takes a number from 0 to ${most}.`)
}

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '30' },
      inspect: { type: 'boolean', default: false },
      record: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return void process.stdout.write(HELP)
  const port = readNumber('--port', values.port, 65_535)
  const seconds = readNumber('--seconds', values.seconds, 3_600)

  const { inspect, record } = values
  if (record !== undefined)
    await access(dirname(resolve(record)), constants.W_OK).catch(() => {
      throw new Error(`--record takes a file in a folder that is there and may be written to.`)
    })

  const trace = createTrace((text) => process.stdout.write(text), isColoured(process.stdout, process.env))
  const stage = createStage()
  let giveUp: (error: Error) => void = () => {}
  const ended = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  /** Once all is over, being stopped is how it ends. */
  let isOver = false
  let goOn = () => {}
  const stop = () => (isOver ? goOn() : giveUp(new Error('It was stopped.')))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const timer = setTimeout(
    () => giveUp(new Error(`It took longer than ${seconds} seconds.`)),
    seconds * 1_000,
  )
  let recorder: SessionRecorder | undefined
  const script: Script = {
    port,
    inspect: inspect || record !== undefined,
    begun: (inspectorUrl) => {
      if (inspectorUrl === undefined) return
      if (inspect) trace.line('always-on', `shows all of them in the inspector at ${inspectorUrl}`)
      if (record !== undefined) recorder = recordSession(placeOf(inspectorUrl))
    },
    over: async () => {
      if (recorder && record !== undefined) {
        await recorder.complete(NODES)
        await recorder.save(record)
        trace.line('always-on', `recorded it all in ${record}`)
      }
      if (!inspect) return
      clearTimeout(timer)
      trace.line('Alice', 'is done; the inspector stays until Ctrl-C')
      const stopped = new Promise<void>((resolve) => {
        goOn = resolve
      })
      isOver = true
      await stopped
    },
  }
  try {
    const summary = await Promise.race([play(stage, trace, script), stage.broken, ended])
    process.stdout.write(`\nThe demo went well in ${(trace.elapsed / 1_000).toFixed(1)} s. ${summary}\n`)
  } finally {
    clearTimeout(timer)
    recorder?.close()
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
