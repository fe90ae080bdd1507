import type { Command } from 'commander'
import type { HyphaNode } from '../../api.js'
import { HyphaError } from '../../protocol/errors.js'
import { catchUp } from '../catch-up.js'
import { readConfig, writeConfig } from '../config.js'
import type { Context } from '../context.js'
import { dataFolder, removeStore } from '../data-folder.js'
import { serveNode, sessionOf, sessionOrOwn } from '../desk.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { comesTrue } from '../hand-on.js'
import { openNode } from '../open-node.js'
import {
  addData,
  addJson,
  addPassphrase,
  addRoads,
  CLAIM_CODE_HELP,
  type DataOption,
  type JsonOption,
  type PassphraseOptions,
  type RoadOptions,
} from '../options.js'
import { harmless, jsonLine } from '../output.js'
import { readPassphrase } from '../passphrase.js'
import { createRoadNews, type RoadNews } from '../road-news.js'
import { changeRoads, isWithoutRoads, type Roads } from '../roads.js'
import { sentence } from '../sentence.js'
import type { Desk, OwnState } from '../session/protocol.js'
import { inWords } from '../state-words.js'

interface Options extends DataOption, JsonOption, RoadOptions, PassphraseOptions {
  readonly request: boolean
  readonly wait: boolean
}

/** How long `--no-wait` stays, so that the question reaches somebody. */
const SEND_MS = 3_000

const show = async ({ state, request }: OwnState, options: Options, { out }: Context): Promise<void> => {
  const words = request?.words ?? []
  if (options.json) return out.line(jsonLine({ state, requestId: request?.id, words }))
  await out.line(`It shows: ${harmless(words.join(' '))}`)
  out.note('Say yes on a node that may write (hypha requests), if that one shows the same words.')
}

const OUTCOMES: Readonly<Record<string, string>> = {
  authorised: 'This node may write.',
  declined: 'It was declined: this node reads, and may ask again.',
  cancelled: 'The request was taken back.',
}

/** Waits for the answer, and says it. Ctrl-C leaves the question for the next run. */
const waitForAnswer = async (desk: Desk, options: Options, context: Context): Promise<ExitCode> => {
  const { out, stop } = context
  const { outcome, reason } = await desk.call(
    'ask',
    {},
    { signal: stop, onItem: (own) => show(own, options, context) },
  )
  if (stop.aborted && outcome !== 'authorised') {
    out.note('The request stays: hypha run, or hypha sign-in, asks again.')
    return EXIT.ok
  }
  if (options.json) await out.line(jsonLine({ outcome, ...(reason === undefined ? {} : { reason }) }))
  else {
    const why = reason === undefined ? '' : ` (${harmless(reason)})`
    await out.line(`${OUTCOMES[outcome] ?? harmless(outcome)}${why}`)
  }
  return outcome === 'authorised' ? EXIT.ok : EXIT.error
}

const tellState = (node: HyphaNode, options: Options, { out }: Context): Promise<void> =>
  out.line(
    options.json
      ? jsonLine({ state: node.state, writerKey: node.writerKey })
      : `Signed in: ${inWords(node.state)}.`,
  )

/** Stays until the question is with somebody. */
const leaveRequest = async (
  node: HyphaNode,
  news: RoadNews,
  options: Options,
  context: Context,
): Promise<ExitCode> => {
  await comesTrue(node, () => node.request() !== undefined, SEND_MS, context.stop)
  const { state, name, request } = node.getSnapshot()
  if (!request) await tellState(node, options, context)
  else await show({ state, name, request }, options, context)
  const end = AbortSignal.any([context.stop, news.failed])
  if (!(await comesTrue(node, () => node.getSnapshot().peers.length > 0, SEND_MS, end)))
    context.out.note('Nobody has heard it yet: hypha run asks again.')
  return EXIT.ok
}

/** At a terminal a typing error is told and asked about again; what was piped in is an error. */
const signIn = async (
  node: HyphaNode,
  { domain, passphrase }: { domain: string; passphrase: string },
  options: Options,
  { around, out, stop }: Context,
): Promise<void> => {
  const isTyped = options.passphraseFd === undefined && around.stdin.isTTY && around.stderr.isTTY
  for (let typed = passphrase; ; typed = await readPassphrase(options, around, stop)) {
    try {
      return await node.signIn({ domain, passphrase: typed, request: options.request })
    } catch (error) {
      if (!isTyped || !(error instanceof HyphaError) || error.code !== 'PASSPHRASE_INVALID') throw error
      // For the person at the terminal alone: the word is part of the secret.
      const meant = error.suggestion === undefined ? '' : ` Did you mean “${error.suggestion}”?`
      out.note(sentence(error) + meant)
    }
  }
}

interface How {
  readonly domain: string
  readonly passphrase: string
  readonly folder: string
  readonly roads: Roads
  readonly news: RoadNews
}

/** Whether an always-on node has said that nothing of this hypha is there, and nothing has come since. */
const isUnknown = (node: HyphaNode): boolean => node.getSnapshot().problem?.code === 'HYPHA_UNKNOWN'

/**
 * A passphrase of another hypha, most likely. Nothing of this one has come, so nothing of it stays, and the next one can be
 * tried in the same folder.
 */
const onOwn = async (node: HyphaNode, how: How, options: Options, context: Context): Promise<ExitCode> => {
  const isNew = node.state === 'signedOut'
  let isMistaken = false
  const stop = node.subscribe(() => {
    // When it has closed it knows no more.
    if (node.state !== 'closed') isMistaken = isNew && isUnknown(node)
  })
  const code = await signInOn(node, how, options, context).finally(stop)
  if (!isMistaken) return code
  await removeStore(how.folder)
  context.out.note('Nothing of it had come, so nothing is kept here: hypha sign-in takes another passphrase.')
  return EXIT.error
}

const signInOn = async (
  node: HyphaNode,
  { domain, passphrase, folder, roads, news }: How,
  options: Options,
  context: Context,
): Promise<ExitCode> => {
  let desk: Desk | undefined
  try {
    await signIn(node, { domain, passphrase }, options, context)
    await writeConfig(folder, roads)
    const mayWrite = node.state === 'origin' || node.state === 'writer'
    if (!options.request || mayWrite) {
      await catchUp(node, roads, news, context)
      await tellState(node, options, context)
      return EXIT.ok
    }
    if (!options.wait) return await leaveRequest(node, news, options, context)
    if (isWithoutRoads(roads)) context.out.note('No other node is known: --connect <url> gives one.')
    desk = await serveNode(node, 'sign-in', folder, context)
    return await waitForAnswer(desk, options, context)
  } finally {
    await (desk ?? node).close()
  }
}

const run = async (domain: string, options: Options, context: Context): Promise<void> => {
  const { around, out, stop } = context
  const folder = dataFolder(options.data, around)
  const askSession = async (session: Desk) => {
    out.note(
      `hypha ${harmless(session.session?.command ?? '')} is running on this data, and asks for this node.`,
    )
    context.finish(await waitForAnswer(session, options, context).finally(() => session.close()))
  }
  // A node that runs has its keys: there is nothing to type.
  const running = await sessionOf(folder, context)
  if (running) return askSession(running)
  const roads = changeRoads(await readConfig(folder), options)
  const claimCode = around.env.HYPHA_CLAIM_CODE
  const passphrase = await readPassphrase(options, around, stop)
  const news = createRoadNews(roads, context, { stays: options.request && options.wait })
  const opened = await sessionOrOwn(folder, context, () =>
    openNode({ folder, roads, claimCode, onError: news.hear }),
  )
  if ('session' in opened) return askSession(opened.session)
  context.finish(await onOwn(opened.own, { domain, passphrase, folder, roads, news }, options, context))
}

export const addSignIn = (program: Command, context: Context): void => {
  const command = program
    .command('sign-in')
    .summary('make this a node of a hypha that there is, and ask to write')
    .description(
      'Signs in with the passphrase, shows five words, and waits until a node that may write has answered. Ctrl-C leaves the request for hypha run.',
    )
    .argument('<domain>', 'the web name of the hypha, as in alice.example')
    .option('--no-request', 'only read')
    .option('--no-wait', 'ask, and don’t wait for the answer')
  addPassphrase(
    addJson(addRoads(addData(command)), 'print JSON lines: { state, requestId, words }, { outcome }'),
  )
    .addHelpText(
      'after',
      `\n${CLAIM_CODE_HELP}\n\nExample:\n  hypha sign-in alice.example --connect http://127.0.0.1:4280 --name Phone`,
    )
    .action((name: string, options: Options) => run(name, options, context))
}
