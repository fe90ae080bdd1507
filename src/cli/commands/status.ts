import type { Command } from 'commander'
import type { NodeSnapshot } from '../../api.js'
import { HyphaError } from '../../protocol/errors.js'
import { describeAdmitted } from '../admitted-line.js'
import { readConfig } from '../config.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine } from '../output.js'
import { describePeer } from '../peer-line.js'
import { sentence } from '../sentence.js'
import { readFrom } from '../short.js'
import { inWords } from '../state-words.js'

type Options = DataOption & JsonOption

const size = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** How much is here of what is known to exist; before the hypha itself has come, nothing is known. */
const progress = ({ percent, complete, rate }: NodeSnapshot['sync']): string => {
  if (complete) return 'all that is known of is here'
  if (percent === 0) return 'nothing has arrived yet'
  const speed = rate > 0 ? `, ${size.format(rate)} bytes a second` : ''
  return `${percent} % of what is known of is here${speed}`
}

/** A name is its device's claim: one like another's is marked. */
const alike = (resembles: string | undefined): string =>
  resembles === undefined ? '' : ', whose name is or looks like another’s'

/** How much of what each node wrote is here, for those of which anything is known. */
const perWriter = ({ sync, nodes }: NodeSnapshot): string[] =>
  sync.writers.flatMap(({ writerKey, blocks, bytes, percent }) => {
    if (blocks.known === 0) return []
    const node = nodes.find((node) => node.writerKey === writerKey)
    const name = harmless(node?.name ?? writerKey) + alike(node?.resembles)
    const here =
      blocks.here === blocks.known
        ? `all ${size.format(bytes.known)} bytes`
        : `${percent} %, ${size.format(bytes.here)} of ${size.format(bytes.known)} bytes`
    return [`${name}: ${here}`]
  })

const linesOf = (snapshot: NodeSnapshot, isRunning: boolean) => {
  const {
    state,
    name,
    hyphalink,
    writerKey,
    request,
    requests,
    requestsWaiting,
    nodes,
    notices,
    peers,
    transports,
    sync,
    problem,
  } = snapshot
  return [
    ['state', `${state}: ${inWords(state)}`],
    ['name', harmless(name)],
    ['hyphalink', hyphalink ?? 'none'],
    ['writer key', writerKey ?? 'none'],
    // Who may write is in what arrives.
    ...(sync.complete || sync.percent > 0 ? [['nodes', `${nodes.length} may write`]] : []),
    ['sync', progress(sync)],
    ...perWriter(snapshot).map((line) => ['of', line]),
    ...peers.map((peer) => ['connected', describePeer(peer)]),
    ...transports
      .filter(({ state }) => state !== 'connected' && state !== 'listening')
      .map(({ id, state: now }) => ['road', `${harmless(id)} ${now}`]),
    ...(request ? [['words', harmless(request.words.join(' '))]] : []),
    ...notices.map((admitted) => ['new', `${describeAdmitted(admitted)} (hypha nodes --seen)`]),
    ...requests.map(({ nodeName, resembles }) => [
      'asks',
      `${harmless(nodeName)}${alike(resembles)} (hypha requests)`,
    ]),
    ...(requestsWaiting > 0 ? [['asks', `${requestsWaiting} more, until there is room`]] : []),
    // What a node of this command's own met was told already.
    ...(problem && isRunning ? [['problem', sentence(new Error(problem.message))]] : []),
  ]
}

const run = async (options: Options, context: Context): Promise<void> => {
  const { out, around } = context
  const folder = dataFolder(options.data, around)
  const { connect, listen } = await readConfig(folder)
  const found = await readFrom(folder, context, async (desk) => ({
    session: desk.session,
    snapshot: await desk.call('status', {}),
  })).catch((error: unknown) => {
    if (error instanceof HyphaError && error.code === 'NOT_OPEN') return undefined
    throw error
  })
  if (options.json) {
    const about = { data: folder, connect, listen: listen ?? null, session: found?.session ?? null }
    await out.line(jsonLine({ ...about, ...(found?.snapshot ?? { state: 'signedOut' }) }))
    return context.finish(EXIT.ok)
  }
  const running = found?.session && `hypha ${harmless(found.session.command)}, process ${found.session.pid}`
  const lines = [
    ['data', harmless(folder)],
    ['running', running ?? 'no'],
    ...connect.map((road) => ['connects to', harmless(road)]),
    ...(listen === undefined ? [] : [['listens on', harmless(listen)]]),
    ...(found
      ? linesOf(found.snapshot, found.session !== undefined)
      : [['state', `signedOut: ${inWords('signedOut')}`]]),
  ]
  for (const [what = '', value = ''] of lines) await out.line(`${what.padEnd(12)} ${value}`)
  context.finish(EXIT.ok)
}

export const addStatus = (program: Command, context: Context): void => {
  const command = program
    .command('status')
    .summary('tell what this node is and whom it meets')
    .description(
      'Tells what this node is, how far sync has come, and, of a running node, whom it is connected to.',
    )
  addJson(addData(command), 'print one object: data, connect, listen, session, and the node’s snapshot')
    .addHelpText('after', '\nExample:\n  hypha status --json')
    .action((options: Options) => run(options, context))
}
