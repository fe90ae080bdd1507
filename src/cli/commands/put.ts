import type { Command } from 'commander'
import type { JsonValue } from '../../api.js'
import { checkValue } from '../../protocol/entry.js'
import { HyphaError } from '../../protocol/errors.js'
import { MAX_VALUE_BYTES } from '../../protocol/limits.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT, Interrupted } from '../exit-codes.js'
import { addData, type DataOption } from '../options.js'
import { writeTo } from '../short.js'

type Options = DataOption & { readonly public?: boolean; readonly string?: boolean }

const STDIN = '-'

/** Text of standard input, without its last line break. */
const readAll = async ({ around, stop }: Context): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  const giveUp = () => around.stdin.destroy()
  stop.addEventListener('abort', giveUp)
  try {
    for await (const chunk of around.stdin) {
      chunks.push(Buffer.from(chunk))
      length += chunk.length
      // Escapes and white space are more than what they stand for.
      if (length > 8 * MAX_VALUE_BYTES)
        throw new HyphaError('VALUE_TOO_LARGE', 'A value is at most 1 MiB. Store it in parts.')
    }
  } finally {
    stop.removeEventListener('abort', giveUp)
  }
  if (stop.aborted) throw new Interrupted()
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

const toValue = (text: string, isString: boolean): JsonValue => {
  if (isString) return text
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}

const run = async (key: string, text: string, options: Options, context: Context): Promise<void> => {
  const value = toValue(text === STDIN ? await readAll(context) : text, options.string === true)
  // Here, as a session takes no line that holds more than that.
  checkValue(value)
  const params = { key, value, public: options.public === true }
  await writeTo(dataFolder(options.data, context.around), context, (desk) => desk.call('put', params))
  context.finish(EXIT.ok)
}

export const addPut = (program: Command, context: Context): void => {
  const command = program
    .command('put')
    .summary('write an entry')
    .description('Writes an entry. It is private, to the person’s own nodes, unless --public is given.')
    .argument('<key>', 'as in notes/1')
    .argument('<value>', 'JSON, or else a string; - reads standard input')
    .option('--string', 'take the value as a string, whatever it looks like')
    .option('--public', 'let everybody with the hyphalink read it')
  addData(command)
    .addHelpText(
      'after',
      '\nExample:\n  hypha put notes/1 \'{"text":"hello"}\'\n  hypha put --string zip 01234\n  hypha put notes/2 - < note.txt',
    )
    .action((key: string, value: string, options: Options) => run(key, value, options, context))
}
