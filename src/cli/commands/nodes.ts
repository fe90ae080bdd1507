import type { Command } from 'commander'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine } from '../output.js'
import { readFrom } from '../short.js'

type Options = DataOption & JsonOption

const run = async (options: Options, context: Context): Promise<void> => {
  const { out } = context
  const folder = dataFolder(options.data, context.around)
  const nodes = await readFrom(folder, context, (desk) => desk.call('nodes', {}))
  if (options.json) await out.line(jsonLine(nodes))
  else {
    for (const { writerKey, name, authorisedAt, isSelf } of nodes) {
      const since = authorisedAt > 0 ? `since ${new Date(authorisedAt).toISOString()}` : 'from the beginning'
      await out.line(`${harmless(name)}\t${since}\t${writerKey}${isSelf ? '\tthis node' : ''}`)
    }
  }
  context.finish(EXIT.ok)
}

export const addNodes = (program: Command, context: Context): void => {
  const command = program
    .command('nodes')
    .summary('list the nodes that may write')
    .description('Lists the person’s nodes that may write: name, since when, writer key.')
  addJson(
    addData(command),
    'print an array of { writerKey, name, authorisedBy, authorisedAt, isSelf, revoked }',
  )
    .addHelpText('after', '\nExample:\n  hypha nodes')
    .action((options: Options) => run(options, context))
}
