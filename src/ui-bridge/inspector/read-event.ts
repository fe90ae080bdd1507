/** Events that come from elsewhere: a file, or a publisher. Whatever they are, what comes out has the shape of events.ts. */
import { isJsonObject, type JsonObject, ownField, ownString } from '../../protocol/json.js'
import {
  type InspectedNode,
  type InspectorEvent,
  MESSAGE_KINDS,
  MESSAGE_OUTCOMES,
  type ShownEvent,
  type ShownSnapshot,
  type TakenTransition,
} from './events.js'
import {
  MAX_DEFINITION_LENGTH,
  MAX_SESSION_DEPTH,
  MAX_SESSION_FIELDS,
  MAX_SESSION_TEXT_LENGTH,
  MAX_SESSION_VALUES,
} from './limits.js'

/** What isn't an event: thrown, and caught where one event is read. */
class Unreadable extends Error {}

const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Unreadable()
  return value
}

const textOf = (object: JsonObject, field: string, most = MAX_SESSION_TEXT_LENGTH): string | undefined => {
  const value = ownString(object, field)
  if (value !== undefined && value.length > most) throw new Unreadable()
  return value
}

/** Plain JSON, made anew: bounded in depth, in breadth and all together. */
const createReader = () => {
  let left = MAX_SESSION_VALUES
  const plain = (value: unknown, depth: number): unknown => {
    if (--left < 0 || depth < 0) throw new Unreadable()
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'number') return Number.isFinite(value) ? value : null
    if (typeof value === 'string') {
      if (value.length > MAX_SESSION_TEXT_LENGTH) throw new Unreadable()
      return value
    }
    if (Array.isArray(value)) {
      if (value.length > MAX_SESSION_FIELDS) throw new Unreadable()
      return Object.freeze(value.map((item) => plain(item, depth - 1)))
    }
    if (!isJsonObject(value)) throw new Unreadable()
    const names = Object.keys(value)
    if (names.length > MAX_SESSION_FIELDS) throw new Unreadable()
    const result: Record<string, unknown> = {}
    for (const name of names) {
      if (name.length > MAX_SESSION_TEXT_LENGTH) throw new Unreadable()
      // Assigned, it would be the prototype.
      if (name !== '__proto__' && value[name] !== undefined) result[name] = plain(value[name], depth - 1)
    }
    return Object.freeze(result)
  }
  return (value: unknown): unknown => plain(value, MAX_SESSION_DEPTH)
}

type Read = ReturnType<typeof createReader>

const readShownEvent = (value: unknown, read: Read): ShownEvent => {
  if (!isJsonObject(value) || ownString(value, 'type') === undefined) throw new Unreadable()
  return read(value) as ShownEvent
}

const STATUSES = ['active', 'done', 'error', 'stopped'] as const

const readSnapshot = (value: unknown, read: Read): ShownSnapshot => {
  if (!isJsonObject(value)) throw new Unreadable()
  const status = must(STATUSES.find((known) => known === ownField(value, 'status')))
  const context = ownField(value, 'context')
  const rest = ['value', 'output', 'error'].flatMap((field) => {
    const given = ownField(value, field)
    return given === undefined ? [] : [[field, read(given)]]
  })
  return Object.freeze({
    status,
    ...(isJsonObject(context) ? { context: read(context) as Readonly<Record<string, unknown>> } : {}),
    ...Object.fromEntries(rest),
  })
}

const readTransitions = (value: unknown): readonly TakenTransition[] => {
  if (!Array.isArray(value) || value.length > MAX_SESSION_FIELDS) throw new Unreadable()
  return Object.freeze(
    value.map((transition: unknown) => {
      if (!isJsonObject(transition)) throw new Unreadable()
      const targets = ownField(transition, 'targets')
      if (!Array.isArray(targets) || targets.length > MAX_SESSION_FIELDS) throw new Unreadable()
      return Object.freeze({
        source: must(textOf(transition, 'source')),
        event: must(textOf(transition, 'event')),
        index: must(countOf(transition, 'index')),
        targets: Object.freeze(targets.map((target: unknown) => must(textOf({ target }, 'target')))),
      })
    }),
  )
}

const countOf = (object: JsonObject, field: string): number | undefined => {
  const value = ownField(object, field)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

const readKnown = (event: JsonObject, read: Read): InspectorEvent => {
  const base = {
    rootId: must(textOf(event, 'rootId')),
    sessionId: must(textOf(event, 'sessionId')),
    createdAt: must(textOf(event, 'createdAt')),
    id: must(textOf(event, 'id')),
    _version: textOf(event, '_version') ?? '1',
  }
  // Everybody sorts by it.
  if (!/^\d{1,16}(\.\d{1,9})?$/.test(base.createdAt)) throw new Unreadable()
  const type = ownField(event, 'type')
  switch (type) {
    case '@xstate.actor':
      return {
        ...base,
        type,
        name: must(textOf(event, 'name')),
        snapshot: readSnapshot(ownField(event, 'snapshot'), read),
        definition: textOf(event, 'definition', MAX_DEFINITION_LENGTH),
        parentId: textOf(event, 'parentId'),
        source: must(textOf(event, 'source')),
      }
    case '@xstate.event':
      return {
        ...base,
        type,
        event: readShownEvent(ownField(event, 'event'), read),
        sourceId: textOf(event, 'sourceId'),
      }
    case '@xstate.snapshot':
      return {
        ...base,
        type,
        event: readShownEvent(ownField(event, 'event'), read),
        snapshot: readSnapshot(ownField(event, 'snapshot'), read),
        transitions: readTransitions(ownField(event, 'transitions')),
      }
    case 'hypha.death':
      return { ...base, type }
    case 'hypha.message': {
      const kind = MESSAGE_KINDS.find((known) => known === ownField(event, 'kind'))
      const [request, links] = [textOf(event, 'request'), countOf(event, 'links')]
      return {
        ...base,
        type,
        what: must(MESSAGE_OUTCOMES.find((known) => known === ownField(event, 'what'))),
        frame: must(textOf(event, 'frame')),
        bytes: must(countOf(event, 'bytes')),
        ...(kind === undefined ? {} : { kind }),
        ...(request === undefined ? {} : { request }),
        ...(links === undefined ? {} : { links }),
      }
    }
    default:
      throw new Unreadable()
  }
}

const quietly = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch (error) {
    if (error instanceof Unreadable) return undefined
    throw error
  }
}

/** Undefined for what is no event. */
export const readEvent = (value: unknown): InspectorEvent | undefined =>
  isJsonObject(value) ? quietly(() => readKnown(value, createReader())) : undefined

/** Undefined for what is none. */
export const readNode = (value: unknown): InspectedNode | undefined =>
  quietly(() => {
    if (!isJsonObject(value)) throw new Unreadable()
    const kind = must((['node', 'always-on'] as const).find((known) => known === ownField(value, 'kind')))
    return Object.freeze({ rootId: must(textOf(value, 'rootId')), name: must(textOf(value, 'name')), kind })
  })
