import type { Command } from 'commander'
import type { KnownNode } from '../../api.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine } from '../output.js'
import { readFrom } from '../short.js'

type Options = DataOption & JsonOption & { readonly seen?: true }

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
  const { nodes, notices } = await readFrom(folder, context, async (desk) => {
    const snapshot = await desk.call('status', {})
    if (options.seen) {
      for (const { writerKey } of snapshot.notices) await desk.call('dismissNotice', { writerKey })
    }
    return snapshot
  })
  if (options.json) await out.line(jsonLine(nodes))
  else {
    for (const node of nodes) {
      const { writerKey, name, authorisedAt, authorisedBy, resembles } = node
      const by = nodes.find((other) => other.writerKey === authorisedBy)
      const since = authorisedAt > 0 ? `since ${new Date(authorisedAt).toISOString()}` : 'from the beginning'
      const letIn = by ? `${since}, let in by ${harmless(by.name)}` : since
      const alike = resembles === undefined ? '' : '\tits name is or looks like another’s'
      const isNew = notices.some((notice) => notice.writerKey === writerKey)
      await out.line(
        `${harmless(name)}\t${letIn}\t${writerKey}${whereabouts(node)}${isNew ? '\tnew' : ''}${alike}`,
      )
    }
  }
  context.finish(EXIT.ok)
}

export const addNodes = (program: Command, context: Context): void => {
  const command = program
    .command('nodes')
    .summary('list the nodes that may write')
    .description(
      'Lists the person’s nodes that may write: name, since when and by whom, writer key, whether each is here now, and which are new: let in by another node since you last looked with --seen.',
    )
  addJson(
    addData(command),
    'print an array of { writerKey, name, authorisedBy, authorisedAt, isSelf, revoked, resembles, presence }',
  )
    .option('--seen', 'say that you have seen the new ones, so that they are not new any more')
    .addHelpText('after', '\nExample:\n  hypha nodes')
    .action((options: Options) => run(options, context))
}
