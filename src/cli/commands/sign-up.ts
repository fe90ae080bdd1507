import type { Command } from 'commander'
import { HyphaError } from '../../protocol/errors.js'
import { readConfig, writeConfig } from '../config.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { inUse, ownDesk, sessionOrOwn } from '../desk.js'
import { EXIT } from '../exit-codes.js'
import { handOn } from '../hand-on.js'
import { openNode } from '../open-node.js'
import {
  addData,
  addJson,
  addRoads,
  CLAIM_CODE_HELP,
  type DataOption,
  type JsonOption,
  type RoadOptions,
} from '../options.js'
import { harmless, jsonLine } from '../output.js'
import { createRoadNews } from '../road-news.js'
import { changeRoads } from '../roads.js'

type Options = DataOption & JsonOption & RoadOptions

const run = async (domain: string, options: Options, context: Context): Promise<void> => {
  const { out, around } = context
  const folder = dataFolder(options.data, around)
  const roads = changeRoads(await readConfig(folder), options)
  const claimCode = around.env.HYPHA_CLAIM_CODE
  const news = createRoadNews(roads, context)
  const opened = await sessionOrOwn(folder, context, () =>
    openNode({ folder, roads, claimCode, onError: news.hear }),
  )
  if ('session' in opened) {
    const { session } = opened
    await session.close()
    if (session.session) throw inUse(session.session, folder)
    return
  }
  const node = opened.own
  const desk = ownDesk(node, () => node.close())
  try {
    if (node.state !== 'signedOut') {
      const message = `${folder} holds a hypha already. Give each hypha a folder of its own, with --data.`
      throw new HyphaError('ALREADY_OPEN', message)
    }
    const { passphrase, hyphalink } = await node.signUp({ domain })
    await out.line(options.json ? jsonLine({ passphrase, hyphalink, writerKey: node.writerKey }) : passphrase)
    await writeConfig(folder, roads)
    out.note('That is the passphrase of your hypha. It is shown this once and kept nowhere: save it now.')
    out.note(`The hypha is in ${harmless(folder)}.`)
    await handOn(node, roads, news, context)
  } finally {
    await desk.close()
  }
  context.finish(EXIT.ok)
}

export const addSignUp = (program: Command, context: Context): void => {
  const command = program
    .command('sign-up')
    .summary('begin a hypha, and print its passphrase once')
    .description('Begins a hypha in the data folder and prints its passphrase, once, to standard output.')
    .argument('<domain>', 'the web name of the hypha, as in alice.example')
  addJson(addRoads(addData(command)), 'print { passphrase, hyphalink, writerKey }')
    .addHelpText(
      'after',
      `\n${CLAIM_CODE_HELP}\n\nExample:\n  hypha sign-up alice.example --connect http://127.0.0.1:4280`,
    )
    .action((domain: string, options: Options) => run(domain, options, context))
}
