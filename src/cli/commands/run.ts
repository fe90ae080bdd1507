import type { Command } from 'commander'
import type { AuthorisationRequest, HyphaNode } from '../../api.js'
import { describeAdmitted } from '../admitted-line.js'
import { readConfig, writeConfig } from '../config.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { inUse, serveNode, sessionOrOwn } from '../desk.js'
import { EXIT } from '../exit-codes.js'
import { openStoredNode } from '../open-node.js'
import { addData, addRoads, CLAIM_CODE_HELP, type DataOption, type RoadOptions } from '../options.js'
import { harmless } from '../output.js'
import { createRoadNews } from '../road-news.js'
import { changeRoads, isWithoutRoads } from '../roads.js'
import { inWords } from '../state-words.js'
import { untilStopped } from '../until-stopped.js'
import { plainRequest } from './requests.js'

type Options = DataOption & RoadOptions

const tell = (node: HyphaNode, context: Context): void => {
  const { out } = context
  const say = (text: string) => void out.line(harmless(text))
  say(`${node.getSnapshot().name} is ${node.state}: ${inWords(node.state)}.`)
  const words = node.request()?.words
  if (words) say(`It shows: ${words.join(' ')}`)
  for (const { address, transport } of node.getSnapshot().peers)
    say(`Connected to ${address} by ${transport}.`)
  node.on('peer-connected', ({ address, transport }) => say(`Connected to ${address} by ${transport}.`))
  node.on('peer-disconnected', ({ address, direction }) =>
    say(`No longer connected to ${address}.${direction === 'outgoing' ? ' It is tried again.' : ''}`),
  )
  for (const admitted of node.getSnapshot().notices) say(describeAdmitted(admitted))
  node.on('device-admitted', (admitted) => {
    say(describeAdmitted(admitted))
    say(
      'If that was not you: hypha nodes lists who may write. hypha nodes --seen says that you have seen it.',
    )
  })
  node.on('authorised', () => say('This node may write now.'))
  node.on('synced', () => say('All that is known of is here.'))
  const ask = (request: AuthorisationRequest) => {
    say(plainRequest(request))
    say('hypha requests answers.')
  }
  for (const request of node.requests()) ask(request)
  node.on('authorisation-requested', ask)
}

const run = async (options: Options, context: Context): Promise<void> => {
  const { around, out, stop } = context
  const folder = dataFolder(options.data, around)
  const roads = changeRoads(await readConfig(folder), options)
  const claimCode = around.env.HYPHA_CLAIM_CODE
  const opened = await sessionOrOwn(folder, context, () =>
    openStoredNode({
      folder,
      roads,
      claimCode,
      onError: createRoadNews(roads, context, { stays: true }).hear,
    }),
  )
  if ('session' in opened) {
    await opened.session.close()
    if (opened.session.session) throw inUse(opened.session.session, folder)
    return
  }
  const node = opened.own
  const desk = await serveNode(node, 'run', folder, context)
  try {
    await writeConfig(folder, roads)
    tell(node, context)
    if (isWithoutRoads(roads)) out.note('No other node is known: --connect <url> gives one.')
    await untilStopped(stop)
  } finally {
    await desk.close()
  }
  context.finish(EXIT.ok)
}

export const addRun = (program: Command, context: Context): void => {
  const command = program
    .command('run')
    .summary('keep the node running, for the other commands and other nodes')
    .description(
      'Keeps the node running until Ctrl-C, and shows connections and requests. The other commands talk to it.',
    )
  addRoads(addData(command))
    .addHelpText('after', `\n${CLAIM_CODE_HELP}\n\nExample:\n  hypha run --connect http://127.0.0.1:4280`)
    .action((options: Options) => run(options, context))
}
