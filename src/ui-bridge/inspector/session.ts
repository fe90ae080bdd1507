import { utf8 } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import { isJsonObject, parseJson } from '../../protocol/json.js'
import type { InspectorEvent, InspectorSession, Recording } from './events.js'
import {
  MAX_RECORDED_EVENTS,
  MAX_SESSION_BYTES,
  MAX_SESSION_DEPTH,
  MAX_SESSION_RECORDINGS,
} from './limits.js'
import { readEvent, readNode } from './read-event.js'

/** A machine's definition once, with the first of its actors: it is by far the longest of what is told. */
const withoutRepeats = (events: readonly InspectorEvent[], told: Set<string>): readonly InspectorEvent[] =>
  Object.freeze(
    events.map((event) => {
      if (event.type !== '@xstate.actor' || event.definition === undefined) return event
      if (told.has(event.source)) return Object.freeze({ ...event, definition: undefined })
      told.add(event.source)
      return event
    }),
  )

/** What is exported as one JSON file: `JSON.stringify(createSession([...]))`. */
export const createSession = (recordings: readonly Recording[]): InspectorSession => {
  const told = new Set<string>()
  return Object.freeze({
    format: 'hypha-inspector',
    version: 1,
    exportedAt: Date.now(),
    recordings: Object.freeze(
      recordings.map((recording) =>
        Object.freeze({
          ...recording,
          before: withoutRepeats(recording.before, told),
          events: withoutRepeats(recording.events, told),
        }),
      ),
    ),
  })
}

const invalid = (why: string) =>
  new HyphaError('SESSION_INVALID', `This is no session of the inspector: ${why}. Export it again.`)

const read = <T>(value: T | undefined, why: string): T => {
  if (value === undefined) throw invalid(why)
  return value
}

/**
 * Events that come from elsewhere, checked; each that has been is frozen.
 * @param definitions of machines, by their ids: where only the first actor of one brings it, it is put back with the others
 * @throws HyphaError SESSION_INVALID
 */
export const parseEvents = (
  events: unknown,
  definitions: Map<string, string> = new Map(),
): readonly InspectorEvent[] => {
  if (!Array.isArray(events)) throw invalid('events are a list')
  if (events.length > MAX_RECORDED_EVENTS) throw invalid(`it has more than ${MAX_RECORDED_EVENTS} events`)
  return Object.freeze(
    events.map((event: unknown, index) => {
      const known = read(readEvent(event), `event ${index} is not one`)
      // A promise or a callback may be called as a machine is.
      if (known.type !== '@xstate.actor' || known.snapshot.value === undefined) return Object.freeze(known)
      if (known.definition !== undefined) definitions.set(known.source, known.definition)
      return Object.freeze({ ...known, definition: known.definition ?? definitions.get(known.source) })
    }),
  )
}

/**
 * One node's recording that comes from elsewhere, checked.
 * @throws HyphaError SESSION_INVALID
 */
export const parseRecording = (
  recording: unknown,
  definitions: Map<string, string> = new Map(),
): Recording => {
  if (!isJsonObject(recording)) throw invalid('a recording is an object')
  const { node, before, events, dropped } = recording
  const known = {
    node: read(readNode(node), 'a recording doesn’t say whose it is'),
    before: parseEvents(before, definitions),
    events: parseEvents(events, definitions),
    dropped: typeof dropped === 'number' && Number.isSafeInteger(dropped) && dropped >= 0 ? dropped : 0,
  }
  for (const { rootId } of [...known.before, ...known.events])
    if (rootId !== known.node.rootId) throw invalid('a recording has events of another node')
  return Object.freeze(known)
}

const MAX_TIME = 8.64e15

/**
 * Opens a session again, whoever it is from: sizes, depth and shape are checked, and what isn't known is left out.
 * @param session JSON text, or what it parses to
 * @throws HyphaError SESSION_INVALID
 */
export const parseSession = (session: unknown): InspectorSession => {
  // Its UTF-8 is no shorter than the text.
  if (typeof session === 'string' && session.length > MAX_SESSION_BYTES)
    throw invalid(`it is larger than ${MAX_SESSION_BYTES / 1024 / 1024} MiB`)
  const limits = { maxBytes: MAX_SESSION_BYTES, maxDepth: MAX_SESSION_DEPTH }
  const json = typeof session === 'string' ? parseJson(utf8(session), limits) : session
  if (!isJsonObject(json)) throw invalid('it is not JSON, too large or nested too deep')
  const { format, version, exportedAt, recordings } = json
  if (format !== 'hypha-inspector') throw invalid('its format is another one')
  if (version !== 1) throw invalid('it is of another version')
  if (!Array.isArray(recordings) || recordings.length > MAX_SESSION_RECORDINGS)
    throw invalid(`it has no recordings, or more than ${MAX_SESSION_RECORDINGS}`)
  const isTime = typeof exportedAt === 'number' && exportedAt >= 0 && exportedAt <= MAX_TIME
  const definitions = new Map<string, string>()
  return Object.freeze({
    format,
    version,
    exportedAt: isTime ? exportedAt : 0,
    recordings: Object.freeze(recordings.map((recording) => parseRecording(recording, definitions))),
  })
}
