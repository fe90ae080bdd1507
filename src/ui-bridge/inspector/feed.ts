import type { InspectorEvent } from './events.js'
import type { Inspection } from './inspect.js'
import { INSPECTOR_BATCH_EVENTS, MAX_INSPECTOR_EVENTS } from './limits.js'
import type { HubMessage } from './wire.js'

/** What of an inspection travels. */
export type Source = Pick<Inspection, 'node' | 'recording' | 'subscribe'>

/** An inspection as messages, as fast as somebody takes them: the recording, then what happens. */
export interface Feed {
  /** The next one; undefined when there is nothing new. */
  next(): HubMessage | undefined
  /** Begins again, for somebody new. */
  restart(): void
  close(): void
}

/** Who falls behind by more than can be kept waiting gets the recording anew. */
export const createFeed = (inspection: Source, onNews: () => void): Feed => {
  const { rootId } = inspection.node
  let isFresh = true
  let waiting: InspectorEvent[] = []
  /** Ids grow by one: what the recording holds already is left out, and what is missing is seen. */
  let lastId: number | undefined

  const restart = () => {
    isFresh = true
    waiting = []
  }
  const take = (events: readonly InspectorEvent[]) => {
    for (const event of events) {
      const id = Number(event.id)
      if (lastId !== undefined && id <= lastId) continue
      if ((lastId !== undefined && id > lastId + 1) || waiting.length >= MAX_INSPECTOR_EVENTS)
        return restart()
      lastId = id
      waiting.push(event)
    }
  }
  const stop = inspection.subscribe((events) => {
    if (!isFresh) take(events)
    onNews()
  })
  const nextEvents = () => waiting.splice(0, INSPECTOR_BATCH_EVENTS)

  return {
    next: () => {
      if (!isFresh) return waiting.length > 0 ? { type: 'events', rootId, events: nextEvents() } : undefined
      const recording = inspection.recording()
      isFresh = false
      waiting = [...recording.events]
      lastId = waiting.length > 0 ? Number(waiting.at(-1)?.id) : undefined
      return { type: 'recording', recording: { ...recording, events: nextEvents() } }
    },
    restart,
    close: stop,
  }
}
