import { setMaxListeners } from 'node:events'
import type { Command } from 'commander'
import type { AuthorisationRequest } from '../../api.js'
import { areSameWords } from '../../protocol/words-to-compare.js'
import { createPerson, type Person } from '../ask-person.js'
import type { Context } from '../context.js'
import { dataFolder } from '../data-folder.js'
import { EXIT, UsageError } from '../exit-codes.js'
import { addData, addJson, type DataOption, type JsonOption } from '../options.js'
import { harmless, jsonLine } from '../output.js'
import { sentence } from '../sentence.js'
import type { Desk } from '../session/protocol.js'
import { readFrom } from '../short.js'
import { stayOn } from '../stay.js'

interface Options extends DataOption, JsonOption {
  readonly yes?: boolean
  readonly once?: boolean
  readonly list?: boolean
  readonly words?: string
  readonly declineAll?: boolean
}

type Choice = 'authorised' | 'declined' | 'later'

/** The name comes last: whoever chose it may have put words to compare into it. */
export const plainRequest = ({ nodeName, words, legacy, resembles }: AuthorisationRequest): string => {
  const shows = words.length > 0 ? words.join(' ') : 'five words'
  const alike = resembles === undefined ? '' : ', and has a name like that of another that may write,'
  return harmless(
    `${legacy ? 'An old node, unsigned,' : 'A node'} that shows ${shows}${alike} asks to write: “${nodeName}”`,
  )
}

const moreWait = (count: number): string =>
  `${count === 1 ? 'One more waits' : `${count} more wait`} until there is room. --words "…" takes the one with the words that you see on the other screen, --decline-all declines all.`

const asJson = (request: AuthorisationRequest, more: object = {}): string => jsonLine({ ...request, ...more })

/** Asks until the answer is one; undefined when the request is gone, or the person. */
const askPerson = async (
  person: Person,
  { nodeName }: AuthorisationRequest,
  signal: AbortSignal,
): Promise<Choice | undefined> => {
  for (;;) {
    const typed = await person.ask(`Authorise “${harmless(nodeName)}”? y / n / later: `, signal)
    if (typed === undefined) return undefined
    const word = typed.trim().toLowerCase()
    if (word === 'y' || word === 'yes') return 'authorised'
    if (word === 'n' || word === 'no') return 'declined'
    if (word === 'l' || word === 'later') return 'later'
  }
}

/** The requests that wait, as they come and go: one at a time is dealt with, in their order. */
const dealWith = async (
  desk: Desk,
  options: Options,
  context: Context,
  decide: (request: AuthorisationRequest, gone: AbortSignal) => Promise<Choice | 'shown' | undefined>,
): Promise<void> => {
  const ended = new AbortController()
  const stop = AbortSignal.any([context.stop, ended.signal])
  setMaxListeners(0, stop)
  /** By id: those that were dealt with here, which are not asked about again while they are there. */
  const seen = new Set<string>()
  let waiting: readonly AuthorisationRequest[] = []
  /** Further ones, of which the person has heard. */
  let more = 0
  let current: { id: string; gone: AbortController } | undefined

  const carryOut = async (request: AuthorisationRequest, choice: Choice): Promise<boolean> => {
    const { id } = request
    try {
      if (choice === 'authorised') await desk.call('authorise', { id })
      else if (choice === 'declined') await desk.call('decline', { id })
    } catch (error) {
      context.out.note(sentence(error))
      return false
    }
    const said = options.json
      ? asJson(request, { outcome: choice })
      : `${harmless(request.nodeName)}: ${choice}`
    await context.out.line(said)
    if (choice === 'later' && !options.json)
      context.out.note('It waits: hypha requests, started again, asks again.')
    return true
  }

  const next = async (): Promise<void> => {
    const request = waiting.find(({ id }) => !seen.has(id))
    if (current || !request || stop.aborted) return
    seen.add(request.id)
    current = { id: request.id, gone: new AbortController() }
    const choice = await decide(request, AbortSignal.any([stop, current.gone.signal]))
    const isGone = current.gone.signal.aborted
    current = undefined
    if (stop.aborted) return
    if (isGone && choice === undefined) context.out.note('It was answered elsewhere, or taken back.')
    const isDone = choice === 'shown' || (choice !== undefined && (await carryOut(request, choice)))
    if (isDone && (options.once || options.words !== undefined)) ended.abort()
    else await next()
  }

  let failure: unknown
  await desk.call(
    'requests',
    {},
    {
      signal: stop,
      onItem: ({ requests, waiting: behind }) => {
        const { words } = options
        waiting = words === undefined ? requests : requests.filter((one) => areSameWords(words, one.words))
        // One that is not there may still come.
        if (words !== undefined && behind > 0) desk.call('showRequest', { words }).catch(() => {})
        else if (words === undefined && behind > 0 && more === 0) context.out.note(moreWait(behind))
        more = behind
        if (current && !requests.some(({ id }) => id === current?.id)) current.gone.abort()
        // Not awaited: what waits may go while the person thinks.
        next().catch((error: unknown) => {
          failure = error
          ended.abort()
        })
      },
    },
  )
  if (failure !== undefined) throw failure
}

const list = async (folder: string, options: Options, context: Context): Promise<void> => {
  const { requests, requestsWaiting } = await readFrom(folder, context, (desk) => desk.call('status', {}))
  if (options.json) await context.out.line(jsonLine(requests))
  else for (const request of requests) await context.out.line(plainRequest(request))
  if (requestsWaiting > 0) context.out.note(moreWait(requestsWaiting))
}

/** Only a running node has questions. */
const declineAll = async (folder: string, context: Context): Promise<void> => {
  await readFrom(folder, context, (desk) => desk.call('declineAll', {}))
  context.out.note('Declined all that were asked so far. Who still asks is shown again.')
}

const listen = async (desk: Desk, options: Options, context: Context): Promise<void> => {
  const { around, out } = context
  const isPrompting = !options.yes && !options.json && around.stdin.isTTY === true
  const left = new AbortController()
  const within = { ...context, stop: AbortSignal.any([context.stop, left.signal]) }
  const person = isPrompting ? createPerson(around, () => left.abort()) : undefined
  if (!options.json) out.note('Listening for requests. Ctrl-C ends it.')
  try {
    await dealWith(desk, options, within, async (request, gone) => {
      if (options.yes) return 'authorised'
      await out.line(options.json ? asJson(request) : plainRequest(request))
      return person ? askPerson(person, request, gone) : 'shown'
    })
  } finally {
    person?.close()
  }
}

const run = async (options: Options, context: Context): Promise<void> => {
  const folder = dataFolder(options.data, context.around)
  const isOther = options.yes || options.once || options.words !== undefined
  if (options.list && (isOther || options.declineAll))
    throw new UsageError('--list only shows what waits now: give it without other answers.')
  if (options.declineAll && (isOther || options.json))
    throw new UsageError('--decline-all declines what waits now: give it alone.')
  if (options.list) await list(folder, options, context)
  else if (options.declineAll) await declineAll(folder, context)
  else await stayOn('requests', folder, context, (desk) => listen(desk, options, context))
  context.finish(EXIT.ok)
}

export const addRequests = (program: Command, context: Context): void => {
  const command = program
    .command('requests')
    .summary('answer nodes that ask to write')
    .description(
      'Asks y, n or later for each node that asks to write, until Ctrl-C. Compare its five words with the other screen first. Without a terminal it only shows them.',
    )
    .option('--yes', 'authorise whoever asks and has the passphrase, without comparing words')
    .option('--once', 'end when one has been dealt with')
    .option('--words <words>', 'deal only with the one that shows these words, in quotes, and end')
    .option('--decline-all', 'decline all that wait now, and end')
    .option('--list', 'only show those that wait now, and end')
  addJson(
    addData(command),
    'print JSON lines of requests, with outcome where --yes answers; an array with --list',
  )
    .addHelpText('after', '\nExample:\n  hypha requests\n  hypha requests --yes --once')
    .action((options: Options) => run(options, context))
}
