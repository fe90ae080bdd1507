import type { MessageEvent } from '../../../src/ui-bridge/inspector/events.js'
import { compareItems } from './desk.js'
import { kinOf } from './lineage.js'
import { stateInWords } from './picture.js'
import type { Request } from './requests.js'
import type { Item, Track } from './track.js'
import { clean } from './words.js'

/** A step that a newcomer can follow. */
export interface Step {
  readonly item: Item
  /** A word or two. */
  readonly title: string
  readonly text: string
}

const quoted = ({ node }: Track): string => clean(node.name) || 'a node'

const message = (
  items: readonly Item[],
  what: MessageEvent['what'],
  kind: MessageEvent['kind'] | undefined,
  fits: (item: Item, event: MessageEvent) => boolean = () => true,
): Item | undefined =>
  items.find(
    (item) =>
      item.event.type === 'hypha.message' &&
      item.event.what === what &&
      (kind === undefined || item.event.kind === kind) &&
      fits(item, item.event),
  )

const frameOf = (item: Item | undefined): string | undefined =>
  item?.event.type === 'hypha.message' ? item.event.frame : undefined

const told = (items: readonly Item[], type: RegExp, track?: Track): Item | undefined =>
  items.find(
    (item) =>
      item.event.type === '@xstate.event' &&
      type.test(item.event.event.type) &&
      (track === undefined || item.track === track),
  )

/** One request from ask to answer, as sentences; those that did not happen are left out. */
export const tellStory = ({ id, items, asker, answerer, outcome }: Request): Step[] => {
  const steps: Step[] = []
  const add = (item: Item | undefined, title: string, text: string) => {
    if (item && !steps.some((step) => step.item === item)) steps.push({ item, title, text })
  }
  const relayOf = (frame: string | undefined) =>
    frame === undefined
      ? undefined
      : message(items, 'relayed', undefined, (_, event) => event.frame === frame)
  const who = asker ? quoted(asker) : 'A device'

  const prompted = items.find(
    ({ event, track }) =>
      event.type === '@xstate.actor' &&
      event.name === `prompt:${id}` &&
      (answerer === undefined || track === answerer),
  )
  const received = message(items, 'received', 'request', ({ track }) => !prompted || track === prompted.track)
  // It is asked again for every node that comes: the time that was heard is the one to tell of.
  const heardFrame = frameOf(received)
  const asked =
    message(items, 'sent', 'request', (_, { frame }) => frame === heardFrame) ??
    message(items, 'sent', 'request')
  const began = items.find(({ event }) => event.type === '@xstate.actor' && event.source === 'request')
  add(
    asked ?? began,
    'Asks',
    `${who} asks to write: a request, signed and sealed, goes out on every road it has.`,
  )
  const relayed = relayOf(frameOf(asked))
  if (relayed) {
    add(relayed, 'Relayed', `${quoted(relayed.track)} passes the sealed frame on. It can’t open it.`)
  }
  if (received) {
    add(
      received,
      'Opened',
      `${quoted(received.track)} may write, and has the key: it opens the request and checks it.`,
    )
  }
  if (prompted)
    add(prompted, 'Shown', `A prompt appears: may “${who}” write? Both screens show the same words.`)

  const yes = told(items, /^authorise$/)
  const no = told(items, /^decline$/)
  if (yes) add(yes, 'Yes', `The person has compared the words and says yes, on ${quoted(yes.track)}.`)
  if (no) add(no, 'No', `The person says no, on ${quoted(no.track)}.`)
  const written =
    told(items, /^authorisedElsewhere$/, answerer) ?? told(items, /^xstate\.done\.actor\.authorise$/)
  if (written)
    add(written, 'Written', `The yes is in the database, signed by ${quoted(written.track)}’s own feed.`)

  const decided = message(items, 'sent', 'decision')
  if (decided) add(decided, 'Answered', 'A sealed decision goes back: a hint, so that the screen is quick.')
  const passed = relayOf(frameOf(decided))
  if (passed) add(passed, 'Relayed', `${quoted(passed.track)} passes it on.`)
  const heard = message(items, 'received', 'decision', ({ track }) => track === asker)
  if (heard) add(heard, 'Heard', `${who} hears the answer. What counts is the database.`)
  const known = told(items, /^database\.authorised$/, asker)
  if (known) add(known, 'Replicated', `The authorisation has arrived in ${who}’s own copy of the database.`)

  const became = items.findLast(
    (item) =>
      item.track === asker &&
      item.event.type === '@xstate.snapshot' &&
      kinOf(item).parentId === undefined &&
      stateInWords(item.event.snapshot) === (outcome === 'authorised' ? 'writer' : 'readOnly'),
  )
  if (became) {
    if (outcome === 'authorised')
      add(became, 'Writer', `${who} is a writer. Its person can now say yes to others.`)
    else if (outcome) add(became, outcome === 'declined' ? 'Declined' : 'Cancelled', `${who} stays a reader.`)
  }
  return steps.sort((a, b) => compareItems(a.item, b.item))
}
