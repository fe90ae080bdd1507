import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addAlwaysOn } from './commands/always-on.js'
import { addDel } from './commands/del.js'
import { addGet } from './commands/get.js'
import { addInspect } from './commands/inspect.js'
import { addLs } from './commands/ls.js'
import { addNodes } from './commands/nodes.js'
import { addPut } from './commands/put.js'
import { addRequests } from './commands/requests.js'
import { addRun } from './commands/run.js'
import { addSignIn } from './commands/sign-in.js'
import { addSignUp } from './commands/sign-up.js'
import { addStatus } from './commands/status.js'
import { addTransports } from './commands/transports.js'
import { addWatch } from './commands/watch.js'
import type { Around, Context } from './context.js'
import { EXIT, type ExitCode, Interrupted, UsageError } from './exit-codes.js'
import { createOutput, harmless } from './output.js'
import { sentence } from './sentence.js'

const HELP = `
Example:
  hypha sign-up alice.example --connect http://127.0.0.1:4280
  hypha put notes/1 '{"text":"hello"}'
  hypha ls notes/
  hypha run

hypha run keeps the node running and connected, and the other commands talk to it. Without it each opens what is stored and
meets other nodes for a moment: get, ls, nodes and status for 2 s at most, put and del for 3 s.
Exit codes: 0 done, 1 it failed, 2 called wrongly, 3 not found (get).`

const NEVER =
  'A passphrase is never an argument: others on this machine can read arguments. Type it when asked, or use --passphrase-stdin or --passphrase-fd.'

/** Before anything else looks at the arguments, so that nothing repeats what follows. */
const refusePassphrase = (args: readonly string[]): void => {
  const end = args.indexOf('--')
  const options = end < 0 ? args : args.slice(0, end)
  if (options.some((arg) => /^--?pass(phrase|word)?(=|$)/i.test(arg))) throw new UsageError(NEVER)
}

const AGAIN_MS = 500

/** The same file from the sources and from what is built. */
const versionOf = (file: URL): string => JSON.parse(readFileSync(file, 'utf8')).version

const createProgram = (context: Context): Command => {
  const { stdout, stderr } = context.around
  const program = new Command('hypha')
    .description('One person’s database on all of their devices.')
    .version(versionOf(new URL('../../package.json', import.meta.url)), '--version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) =>
        write(`${harmless(text.trim().replaceAll('\n', ' '))} (--help tells more)\n`),
    })
    .addHelpText('after', HELP)
  const commands = [
    addSignUp,
    addSignIn,
    addRun,
    addPut,
    addGet,
    addDel,
    addLs,
    addWatch,
    addNodes,
    addRequests,
    addTransports,
    addStatus,
    addInspect,
    addAlwaysOn,
  ]
  for (const add of commands) add(program, context)
  return program
}

const codeOf = (error: unknown): ExitCode => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  return error instanceof UsageError ? EXIT.usage : EXIT.error
}

/**
 * Runs one `hypha` command to its end.
 * @returns the exit code
 */
export const runCommand = async (around: Around): Promise<ExitCode> => {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const letSignalsKill = () => {
    for (const signal of signals) around.off(signal, stop)
  }
  const stop = (signal?: NodeJS.Signals) => {
    controller.abort(signal)
    // Who asks again ends it at once; a terminal and npm may both send the first.
    setTimeout(letSignalsKill, AGAIN_MS).unref()
  }
  for (const signal of signals) around.on(signal, stop)
  const out = createOutput(around, () => stop())
  let code: ExitCode = EXIT.ok
  const context: Context = {
    around,
    out,
    stop: controller.signal,
    finish: (chosen) => {
      code = chosen
    },
  }
  try {
    const args = around.argv.slice(2)
    refusePassphrase(args)
    await createProgram(context).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError || error instanceof Interrupted)) out.note(sentence(error))
    return codeOf(error)
  } finally {
    letSignalsKill()
  }
}
