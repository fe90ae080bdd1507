import type {
  InspectorEvent,
  ShownEvent,
  ShownSnapshot,
  TakenTransition,
} from '../../../src/ui-bridge/inspector/events.js'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string'
const textOr = (value: unknown): string | undefined => (isText(value) ? value : undefined)

const STATUSES = ['active', 'done', 'error', 'stopped'] as const
const WHATS = ['sent', 'received', 'relayed', 'duplicate', 'refused'] as const
const KINDS = [
  'request',
  'decision',
  'acknowledgement',
  'cancel',
  'presence',
  'app',
  'legacy-request',
] as const

const oneOf = <Word extends string>(words: readonly Word[], value: unknown): Word | undefined =>
  words.find((word) => word === value)

const readEvent = (value: unknown): ShownEvent | undefined =>
  isFields(value) && isText(value.type) ? { ...value, type: value.type } : undefined

const readSnapshot = (value: unknown): ShownSnapshot => {
  if (!isFields(value)) return { status: 'active' }
  const { context, output } = value
  return {
    status: oneOf(STATUSES, value.status) ?? 'active',
    ...(value.value === undefined ? {} : { value: value.value }),
    ...(isFields(context) ? { context } : {}),
    ...(output === undefined ? {} : { output }),
  }
}

/** More on the way of one event is no machine of ours. */
const MAX_TRANSITIONS = 100

const readTransitions = (value: unknown): TakenTransition[] =>
  (Array.isArray(value) ? value.slice(0, MAX_TRANSITIONS) : []).flatMap((each: unknown) =>
    isFields(each) && isText(each.source) && isText(each.event) && Number.isSafeInteger(each.index)
      ? [
          {
            source: each.source,
            event: each.event,
            index: Number(each.index),
            targets: Array.isArray(each.targets) ? each.targets.filter(isText) : [],
          },
        ]
      : [],
  )

/**
 * An event that every part of the page can rely on, whatever came: sockets and files are anybody's. Undefined for what says
 * nothing of any use.
 */
export const checkEvent = (given: unknown): InspectorEvent | undefined => {
  if (!isFields(given)) return undefined
  const { rootId, sessionId, createdAt, id, _version } = given
  if (!isText(rootId) || !isText(sessionId) || !isText(createdAt) || !isText(id)) return undefined
  const base = { rootId, sessionId, createdAt, id, _version: textOr(_version) ?? '' }
  switch (given.type) {
    case '@xstate.actor':
      return {
        ...base,
        type: given.type,
        name: textOr(given.name) ?? sessionId,
        snapshot: readSnapshot(given.snapshot),
        definition: undefined,
        ...(isText(given.definition) ? { definition: given.definition } : {}),
        parentId: textOr(given.parentId),
        source: textOr(given.source) ?? '',
      }
    case '@xstate.event': {
      const event = readEvent(given.event)
      return event && { ...base, type: given.type, event, sourceId: textOr(given.sourceId) }
    }
    case '@xstate.snapshot': {
      const event = readEvent(given.event)
      if (!event) return undefined
      const transitions = readTransitions(given.transitions)
      return { ...base, type: given.type, event, snapshot: readSnapshot(given.snapshot), transitions }
    }
    case 'hypha.death':
      return { ...base, type: given.type }
    case 'hypha.message': {
      const what = oneOf(WHATS, given.what)
      const kind = oneOf(KINDS, given.kind)
      if (!what || !isText(given.frame)) return undefined
      return {
        ...base,
        type: given.type,
        what,
        frame: given.frame,
        bytes: Number.isSafeInteger(given.bytes) ? Number(given.bytes) : 0,
        ...(kind ? { kind } : {}),
        ...(isText(given.request) ? { request: given.request } : {}),
        ...(Number.isSafeInteger(given.links) ? { links: Number(given.links) } : {}),
      }
    }
    default:
      return undefined
  }
}
