import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import type { InspectorServer } from '../../always-on/inspector-server.js'
import { HyphaError } from '../../protocol/errors.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT, UsageError } from '../exit-codes.js'
import { addData, type DataOption } from '../options.js'
import { harmless } from '../output.js'
import { createJoin } from '../session/inspecting.js'
import type { Desk } from '../session/protocol.js'
import { stayOn } from '../stay.js'
import { untilStopped } from '../until-stopped.js'

const DEFAULT_PORT = 4281

interface Options extends DataOption {
  readonly port?: number
}

const toPort = (text: string): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('It takes a whole number from 0 to 65535.')
}

/** At the port that was asked for, or at the usual one, or at any that is free. */
const serve = async ({ port }: Options, isFile: boolean): Promise<InspectorServer> => {
  const { createInspectorServer } = await import('../../always-on/inspector-server.js')
  // A file is as long as it is: it was checked when it was read.
  const hub = isFile ? { maxEvents: Infinity, maxEventBytes: Infinity, maxBytes: Infinity } : {}
  try {
    return await createInspectorServer({ port: port ?? DEFAULT_PORT, hub })
  } catch (error) {
    if (port !== undefined || !(error instanceof HyphaError) || error.code !== 'LISTEN_FAILED') throw error
    return createInspectorServer({ port: 0, hub })
  }
}

const tellWhere = async ({ url }: InspectorServer, what: string, { out }: Context): Promise<void> => {
  await out.line(`The inspector is at ${url}`)
  out.note(`It shows ${what}, to who has this URL, on this machine alone. Ctrl-C ends it.`)
}

const readSession = async (file: string) => {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${harmless(file)} can't be read. Check its name and who may read it.`)
  })
  const { parseSession } = await import('../../ui-bridge/inspector/session.js')
  return parseSession(text)
}

const showFile = async (file: string, options: Options, context: Context): Promise<void> => {
  const { recordings } = await readSession(file)
  const server = await serve(options, true)
  try {
    const source = server.hub.attach()
    for (const recording of recordings) source.take({ type: 'recording', recording })
    // It is not live.
    source.end()
    await tellWhere(server, `what was recorded in ${harmless(file)}`, context)
    await untilStopped(context.stop)
  } finally {
    await server.close()
  }
}

const pass = async (desk: Desk, server: InspectorServer, { stop }: Context): Promise<void> => {
  const { parseHubMessage } = await import('../../ui-bridge/inspector/wire.js')
  const source = server.hub.attach()
  const join = createJoin()
  try {
    await desk.call(
      'inspect',
      {},
      {
        signal: stop,
        onItem: (piece) => {
          const text = join(piece)
          const message = text === undefined ? undefined : parseHubMessage(text)
          if (message) source.take(message)
        },
      },
    )
  } finally {
    source.end()
  }
}

const showNode = async (options: Options, context: Context): Promise<void> => {
  const { around, out, stop } = context
  await stayOn('inspect', dataFolder(options.data, around), context, async (desk) => {
    const server = await serve(options, false)
    try {
      const whose = desk.session
        ? `the node of hypha ${harmless(desk.session.command)} (process ${desk.session.pid})`
        : 'the node that runs here until then'
      await tellWhere(server, whose, context)
      await pass(desk, server, context).catch((error: unknown) => {
        if (!(error instanceof HyphaError) || error.code !== 'CLOSED' || stop.aborted) throw error
        out.note('That node has ended. What it did can still be looked at.')
        return untilStopped(stop)
      })
    } finally {
      await server.close()
    }
  })
}

export const addInspect = (program: Command, context: Context): void => {
  const command = program
    .command('inspect')
    .summary('show in a browser what the node does')
    .description(
      'Serves the inspector on this machine, and prints its URL: the node’s statecharts as they run, its events and messages. Shows the node that another command runs, or one of its own; with a file, a session that was saved before. Nothing secret is shown.',
    )
    .argument('[file]', 'a session that the inspector saved')
    .option(
      '--port <number>',
      `where to serve it (${DEFAULT_PORT}, or any free one; 0 is any free one)`,
      toPort,
    )
  addData(command)
    .addHelpText('after', '\nExample:\n  hypha inspect --port 4281\n  hypha inspect session.json')
    .action(async (file: string | undefined, options: Options) => {
      await (file === undefined ? showNode(options, context) : showFile(file, options, context))
      context.finish(EXIT.ok)
    })
}
