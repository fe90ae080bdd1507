import type { Command } from 'commander'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine, plainValue } from '../output.js'
import { readFrom } from '../short.js'

type Options = DataOption & JsonOption

const run = async (key: string, options: Options, context: Context): Promise<void> => {
  const folder = dataFolder(options.data, context.around)
  const { found, value } = await readFrom(folder, context, (desk) => desk.call('get', { key }))
  if (!found) {
    context.out.note(`There is no ${harmless(key)} here, or it hasn't arrived yet.`)
    return context.finish(EXIT.notFound)
  }
  await context.out.line(options.json ? jsonLine(value) : plainValue(value))
  context.finish(EXIT.ok)
}

export const addGet = (program: Command, context: Context): void => {
  const command = program
    .command('get')
    .summary('print the value of an entry')
    .description('Prints the value of an entry. Exit code 3 when it is not there.')
    .argument('<key>', 'as in notes/1')
  addJson(addData(command), 'print the value as JSON, exactly')
    .addHelpText('after', '\nExample:\n  hypha get notes/1 --json')
    .action((key: string, options: Options) => run(key, options, context))
}
