import type { InspectedNode, InspectorEvent, Recording } from './events.js'
import {
  INSPECTOR_BATCH_BYTES,
  INSPECTOR_BATCH_EVENTS,
  MAX_INSPECTOR_BEFORE_BYTES,
  MAX_INSPECTOR_EVENT_BYTES,
  MAX_INSPECTOR_EVENT_SIZE,
  MAX_INSPECTOR_EVENTS,
} from './limits.js'

/** How far somebody has read. */
export interface Cursor {
  /** Of which recording: one that came anew is read from its beginning. */
  readonly generation: number
  /** How many events of it, counted from its first. */
  readonly next: number
}

/** One node's recording as a hub keeps it: as JSON, since it is passed on and never looked into. Bounded. */
export interface Kept {
  readonly node: InspectedNode
  /** Roughly; what it costs in memory. */
  readonly bytes: number
  /** Takes the place of what was kept. */
  replace(recording: Recording): void
  add(events: readonly InspectorEvent[]): void
  /** Forgets some of the oldest: events become what they came to. False when there is nothing left. */
  shrink(): boolean
  /** The next message for who has read so far, and how far that is; undefined when there is nothing new. */
  read(cursor: Cursor | undefined): { readonly text: string; readonly cursor: Cursor } | undefined
}

interface Item {
  readonly type: InspectorEvent['type']
  readonly sessionId: string
  readonly text: string
}

const toItem = (event: InspectorEvent): Item => ({
  type: event.type,
  sessionId: event.sessionId,
  text: JSON.stringify(event),
})

/** What is forgotten at a time. */
const SHRINK_EVENTS = 256

export interface KeptLimits {
  readonly maxEvents?: number
  readonly maxEventBytes?: number
  readonly maxBeforeBytes?: number
}

/** What events came to: of each actor that lives its birth and its last snapshot. */
const createBefore = (maxBytes: number) => {
  const actors = new Map<string, { birth: string; snapshot?: string }>()
  let bytes = 0
  const forget = (sessionId: string) => {
    const actor = actors.get(sessionId)
    bytes -= (actor?.birth.length ?? 0) + (actor?.snapshot?.length ?? 0)
    actors.delete(sessionId)
  }
  const forgetOldest = (): boolean => {
    for (const sessionId of actors.keys()) {
      forget(sessionId)
      return true
    }
    return false
  }
  return {
    get bytes() {
      return bytes
    },
    forgetOldest,
    fold: ({ type, sessionId, text }: Item) => {
      const known = actors.get(sessionId)
      if (text.length > MAX_INSPECTOR_EVENT_SIZE) return
      if (type === 'hypha.death') forget(sessionId)
      else if (type === '@xstate.actor') {
        forget(sessionId)
        actors.set(sessionId, { birth: text })
        bytes += text.length
      } else if (type === '@xstate.snapshot' && known) {
        bytes += text.length - (known.snapshot?.length ?? 0)
        known.snapshot = text
      }
      while (bytes > maxBytes) forgetOldest()
    },
    /** Births in their order, each with its snapshot behind it. */
    texts: () =>
      [...actors.values()].flatMap(({ birth, snapshot }) => (snapshot ? [birth, snapshot] : [birth])),
  }
}

export const createKept = (recording: Recording, limits: KeptLimits = {}): Kept => {
  const {
    maxEvents = MAX_INSPECTOR_EVENTS,
    maxEventBytes = MAX_INSPECTOR_EVENT_BYTES,
    maxBeforeBytes = MAX_INSPECTOR_BEFORE_BYTES,
  } = limits
  let { node } = recording
  let generation = 0
  let before = createBefore(maxBeforeBytes)
  /** From `start` on; what is before it is forgotten, and cut off now and then. */
  let items: Item[] = []
  let start = 0
  /** How many events were forgotten since the recording came, and before. */
  let forgotten = 0
  let dropped = 0
  let eventBytes = 0

  const count = () => items.length - start
  const forget = (n: number) => {
    for (const item of items.slice(start, start + n)) {
      before.fold(item)
      eventBytes -= item.text.length
    }
    start += n
    forgotten += n
    if (start > items.length / 2) {
      items = items.slice(start)
      start = 0
    }
  }
  const add = (events: readonly InspectorEvent[]) => {
    for (const event of events) {
      const item = toItem(event)
      if (item.text.length > MAX_INSPECTOR_EVENT_SIZE) {
        dropped++
        continue
      }
      items.push(item)
      eventBytes += item.text.length
    }
    if (count() > maxEvents) forget(count() - maxEvents)
    let tooMany = 0
    for (let over = eventBytes - maxEventBytes; over > 0; tooMany++)
      over -= items[start + tooMany]!.text.length
    forget(tooMany)
  }
  const replace: Kept['replace'] = (given) => {
    node = given.node
    generation++
    before = createBefore(maxBeforeBytes)
    for (const event of given.before) before.fold(toItem(event))
    items = []
    start = forgotten = eventBytes = 0
    dropped = given.dropped
    add(given.events)
  }
  replace(recording)

  /** As many as make a message, from the one at `from` on, counted from the first that is kept. */
  const batch = (from: number): string[] => {
    const texts: string[] = []
    let bytes = 0
    for (const { text } of items.slice(start + from, start + from + INSPECTOR_BATCH_EVENTS)) {
      bytes += text.length
      if (texts.length > 0 && bytes > INSPECTOR_BATCH_BYTES) break
      texts.push(text)
    }
    return texts
  }

  return {
    get node() {
      return node
    },
    get bytes() {
      return eventBytes + before.bytes
    },
    replace,
    add,
    shrink: () => {
      if (count() === 0) return before.forgetOldest()
      forget(Math.min(count(), SHRINK_EVENTS))
      return true
    },
    read: (cursor) => {
      if (!cursor || cursor.generation !== generation || cursor.next < forgotten) {
        const texts = batch(0)
        const head = `"node":${JSON.stringify(node)},"before":[${before.texts().join()}]`
        return {
          text: `{"type":"recording","recording":{${head},"events":[${texts.join()}],"dropped":${dropped + forgotten}}}`,
          cursor: { generation, next: forgotten + texts.length },
        }
      }
      const texts = batch(cursor.next - forgotten)
      if (texts.length === 0) return undefined
      return {
        text: `{"type":"events","rootId":${JSON.stringify(node.rootId)},"events":[${texts.join()}]}`,
        cursor: { generation, next: cursor.next + texts.length },
      }
    },
  }
}
