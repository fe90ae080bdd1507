import type { Command } from 'commander'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine, plainValue } from '../output.js'
import { readFrom } from '../short.js'

type Options = DataOption & JsonOption

const run = async (prefix: string, options: Options, context: Context): Promise<void> => {
  const { out, stop } = context
  const list = { prefix }
  await readFrom(dataFolder(options.data, context.around), context, (desk) =>
    desk.call('ls', list, {
      signal: stop,
      onItem: async (entry) => {
        if (stop.aborted) return
        await out.line(options.json ? jsonLine(entry) : `${harmless(entry.key)}\t${plainValue(entry.value)}`)
      },
    }),
  )
  context.finish(EXIT.ok)
}

export const addLs = (program: Command, context: Context): void => {
  const command = program
    .command('ls')
    .summary('list entries')
    .description('Lists entries in key order: key, tab, value.')
    .argument('[prefix]', 'only keys that begin with it', '')
  addJson(addData(command), 'print JSON lines of { key, value, author, time, public }')
    .addHelpText('after', '\nExample:\n  hypha ls notes/ --json')
    .action((prefix: string, options: Options) => run(prefix, options, context))
}
