import type { MessageEvent } from '../../../src/ui-bridge/inspector/events.js'
import { hasOwnLane, isByPerson, type Lane, laneOf, personLane } from './lanes.js'
import { kinOf } from './lineage.js'
import { stateInWords } from './picture.js'
import type { Item, Track } from './track.js'
import { eventInWords, messageInWords, shortId } from './words.js'

/** A line of the sequence: something between two lifelines, or on one. */
export interface Row {
  readonly item: Item
  readonly kind: 'arrow' | 'found' | 'note' | 'state' | 'birth' | 'death' | 'send' | 'message'
  readonly from: Lane | undefined
  readonly to: Lane
  readonly label: string
}

/** What actors behind one lifeline tell each other is left out, but for these: a story would not be one without them. */
const TELLING =
  /^(request\.|answer\.|writer\.authorised$|database\.authorised$|xstate\.(done|error)\.actor\.(authorise|decline|sendRequest|repeatRequest|sendCancel)$)/

/** Of an actor that was there before the first item that is looked at. */
const stateBefore = ({ track, event, index }: Item): string => {
  const actor = track.pictureAt(index).get(event.sessionId)
  return actor ? stateInWords(actor.snapshot) : ''
}

/** Who had a frame before, as far as that is known: who sent it, and the relays that passed it on. */
interface Carriers {
  sender?: { readonly track: Track; readonly lane: Lane }
  readonly relays: { readonly track: Track; readonly lane: Lane }[]
  /** What it is, as far as anybody who could open it told. */
  label?: string
}

/** Answers for each item what line it makes. Items come in the order of time, each once. */
export const createRows = (shown: ReadonlySet<string>): ((item: Item) => Row | undefined) => {
  const states = new Map<string, string>()
  const frames = new Map<string, Carriers>()

  const ofMessage = (item: Item, event: MessageEvent): Row => {
    const { track } = item
    const lane = laneOf(track, event.sessionId, shown)
    const carriers = frames.get(event.frame) ?? { relays: [] }
    frames.set(event.frame, carriers)
    if (event.kind) carriers.label = messageInWords(event)
    const label = carriers.label ?? messageInWords(event)
    if (event.what === 'sent') {
      carriers.sender = { track, lane }
      return { item, kind: 'send', from: undefined, to: lane, label: `${label} leaves` }
    }
    const relay = carriers.relays.findLast((each) => each.track !== track)
    const from = event.what === 'relayed' ? carriers.sender?.lane : (relay ?? carriers.sender)?.lane
    if (event.what === 'relayed') carriers.relays.push({ track, lane })
    const after = event.what === 'duplicate' ? ', again' : event.what === 'refused' ? ', refused' : ''
    return {
      item,
      kind: 'message',
      from: from?.key === lane.key ? undefined : from,
      to: lane,
      label: label + after,
    }
  }

  return (item) => {
    const { event, track } = item
    if (event.type === 'hypha.message') return ofMessage(item, event)
    const to = laneOf(track, event.sessionId, shown)
    const key = `${track.node.rootId} ${event.sessionId}`
    const isOwn = hasOwnLane(track, event.sessionId, shown)
    switch (event.type) {
      case '@xstate.actor': {
        states.set(key, stateInWords(event.snapshot))
        if (!isOwn || event.parentId === undefined) return undefined
        const from = laneOf(track, event.parentId, shown)
        return {
          item,
          kind: 'birth',
          from: from.key === to.key ? undefined : from,
          to,
          label: `${event.source} begins`,
        }
      }
      case 'hypha.death':
        if (!isOwn || to.kind === 'node') return undefined
        return { item, kind: 'death', from: undefined, to, label: `${shortId(kinOf(item).name)} ends` }
      case '@xstate.snapshot': {
        const words = stateInWords(event.snapshot)
        const before = states.get(key) ?? stateBefore(item)
        states.set(key, words)
        if (!isOwn || words === '' || words === before) return undefined
        return { item, kind: 'state', from: undefined, to, label: words }
      }
      case '@xstate.event': {
        const { type } = event.event
        if (/^xstate\.(init$|stop$|snapshot\.|promise\.)/.test(type)) return undefined
        const label = shortId(eventInWords(event.event))
        if (isByPerson(item)) return { item, kind: 'arrow', from: personLane(track), to, label }
        if (event.sourceId === undefined) {
          return isOwn ? { item, kind: 'found', from: undefined, to, label } : undefined
        }
        const from = laneOf(track, event.sourceId, shown)
        if (from.key !== to.key) return { item, kind: 'arrow', from, to, label }
        return isOwn && TELLING.test(type) ? { item, kind: 'note', from: undefined, to, label } : undefined
      }
    }
  }
}
