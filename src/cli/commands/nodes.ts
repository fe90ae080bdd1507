import type { Command } from 'commander'
import type { KnownNode } from '../../api.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine } from '../output.js'
import { readFrom } from '../short.js'

type Options = DataOption & JsonOption

/** Whether it is there now, as far as this node can tell; nothing of who was not seen since it was opened. */
const whereabouts = ({ isSelf, presence }: KnownNode): string => {
  if (isSelf) return '\tthis node'
  const { here, road, relayed, lastSeen } = presence
  if (here) return `\there by ${harmless(road ?? 'a road unknown')}${relayed ? ', through a relay' : ''}`
  return lastSeen === undefined ? '' : `\tlast seen ${new Date(lastSeen).toISOString()}`
}

const run = async (options: Options, context: Context): Promise<void> => {
  const { out } = context
  const folder = dataFolder(options.data, context.around)
  const nodes = await readFrom(folder, context, (desk) => desk.call('nodes', {}))
  if (options.json) await out.line(jsonLine(nodes))
  else {
    for (const node of nodes) {
      const { writerKey, name, authorisedAt } = node
      const since = authorisedAt > 0 ? `since ${new Date(authorisedAt).toISOString()}` : 'from the beginning'
      await out.line(`${harmless(name)}\t${since}\t${writerKey}${whereabouts(node)}`)
    }
  }
  context.finish(EXIT.ok)
}

export const addNodes = (program: Command, context: Context): void => {
  const command = program
    .command('nodes')
    .summary('list the nodes that may write')
    .description(
      'Lists the person’s nodes that may write: name, since when, writer key, and whether each is here now.',
    )
  addJson(
    addData(command),
    'print an array of { writerKey, name, authorisedBy, authorisedAt, isSelf, revoked, presence }',
  )
    .addHelpText('after', '\nExample:\n  hypha nodes')
    .action((options: Options) => run(options, context))
}
