import { Argument, type Command } from 'commander'
import type { TransportStatus } from '../../api.js'
import { HyphaError } from '../../protocol/errors.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { sessionOf } from '../desk.js'
import { EXIT, UsageError } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine } from '../output.js'
import { sentence } from '../sentence.js'

type Options = DataOption & JsonOption

const plain = ({ id, on, state, addresses, links, problem }: TransportStatus): string =>
  [
    harmless(id),
    on ? 'on' : 'off',
    state,
    `${links} ${links === 1 ? 'link' : 'links'}`,
    ...addresses.map(({ address, state: now }) => `${harmless(address)} ${now}`),
    ...(problem ? [sentence(new Error(problem.message))] : []),
  ].join('\t')

const run = async (
  id: string | undefined,
  wanted: string | undefined,
  options: Options,
  context: Context,
): Promise<void> => {
  if (id !== undefined && wanted === undefined)
    throw new UsageError('Say what it shall be: on or off, as in hypha transports webSocket off.')
  const { out } = context
  const folder = dataFolder(options.data, context.around)
  const session = await sessionOf(folder, context)
  if (!session)
    throw new HyphaError(
      'NOT_OPEN',
      `No node is running on ${folder}, and roads are those of a running one. Begin with hypha run.`,
    )
  try {
    if (id !== undefined) await session.call('setTransport', { id, on: wanted === 'on' })
    const transports = await session.call('transports', {})
    if (options.json) await out.line(jsonLine(transports))
    else for (const transport of transports) await out.line(plain(transport))
    if (transports.length === 0) out.note('The node has no roads to others: hypha run --connect gives one.')
  } finally {
    await session.close()
  }
  context.finish(EXIT.ok)
}

export const addTransports = (program: Command, context: Context): void => {
  const command = program
    .command('transports')
    .summary('list the roads of the running node, or turn one on or off')
    .description(
      'Lists the roads to other nodes that the running node has: id, on or off, state, links, addresses. With an id and on or off it takes that one into use or out of it, until hypha run ends.',
    )
    .argument('[id]', 'which one, as listed')
    .addArgument(new Argument('[wanted]', 'what it shall be').choices(['on', 'off']))
  addJson(addData(command), 'print an array of { id, name, on, state, addresses, links, problem }')
    .addHelpText('after', '\nExample:\n  hypha transports webSocket off')
    .action((id: string | undefined, wanted: string | undefined, options: Options) =>
      run(id, wanted, options, context),
    )
}
