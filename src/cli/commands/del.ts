import type { Command } from 'commander'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT } from '../exit-codes.js'
import { addData, type DataOption } from '../options.js'
import { writeTo } from '../short.js'

const run = async (key: string, options: DataOption, context: Context): Promise<void> => {
  await writeTo(dataFolder(options.data, context.around), context, (desk) => desk.call('del', { key }))
  context.finish(EXIT.ok)
}

export const addDel = (program: Command, context: Context): void => {
  const command = program
    .command('del')
    .summary('delete an entry')
    .description('Deletes an entry, on all of the person’s nodes.')
    .argument('<key>', 'as in notes/1')
  addData(command)
    .addHelpText('after', '\nExample:\n  hypha del notes/1')
    .action((key: string, options: DataOption) => run(key, options, context))
}
