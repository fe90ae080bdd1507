import type { Command } from 'commander'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine, plainValue } from '../output.js'
import { stayOn } from '../stay.js'

type Options = DataOption & JsonOption

const run = async (prefix: string, options: Options, context: Context): Promise<void> => {
  const { out, stop } = context
  await stayOn('watch', dataFolder(options.data, context.around), context, (desk) =>
    desk
      .call(
        'watch',
        { prefix },
        {
          signal: stop,
          onItem: async (change) => {
            if (change === null) return out.note('Watching. Ctrl-C ends it.')
            const { key, value, deleted, conflict } = change
            if (options.json) return out.line(jsonLine({ key, value, deleted, conflict }))
            const mark = conflict ? '\t(another device wrote it at the same time)' : ''
            await out.line(`${harmless(key)}\t${deleted ? '(deleted)' : plainValue(value)}${mark}`)
          },
        },
      )
      .then(() => {}),
  )
  context.finish(EXIT.ok)
}

export const addWatch = (program: Command, context: Context): void => {
  const command = program
    .command('watch')
    .summary('print what changes, as it comes')
    .description('Prints what changes from now on, as it comes, until Ctrl-C: key, tab, value.')
    .argument('[prefix]', 'only keys that begin with it', '')
  addJson(addData(command), 'print JSON lines of { key, value, deleted }')
    .addHelpText('after', '\nExample:\n  hypha watch notes/ --json')
    .action((prefix: string, options: Options) => run(prefix, options, context))
}
